"""The month of a neighbourhood on the board downstairs: everything published, in the order of time."""

from calendar import monthrange
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _

from active_citizens.core.text import bind
from events.models import Event
from events.papers.frame import Paper, dress, leaf, link, of_project, short_path, step_free, typed
from events.templatetags.events import hours
from projects.models import Neighbourhood, Project


def month(place: Neighbourhood, first: date, language: str, *, large: bool = False) -> Paper:
    """All published events of the month that ``first`` begins; A4, as many pages as it takes. The same number of queries for any number."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    events = list(Event.objects.published().in_neighbourhood(place).between(first, last).for_lists().order_by("starts_at", "pk"))
    with override(language):
        title = heading(place, first)
        data = {
            **dress(place.slug),
            **of_project(Project.objects.current()),
            "large": large,
            "heading": title,
            "year": str(first.year),
            "events": [_line(event) for event in events],
            "empty": _("Nothing is planned for this month yet. News appears on the portal; the phone line tells too."),
            "link": link(place.get_absolute_url()),
            "words": {
                "phone": _("Sign up or ask by phone"),
                "more": _("All events on the portal"),
                "page": _("page"),
                "of": pgettext("page 1 of 3", "of"),
            },
        }
        return Paper("month", f"{title} {first.year}" + (f" – {_('large print')}" if large else ""), language, data)


def heading(place: Neighbourhood, first: date) -> str:
    """„Czerwiec na Ugorku"; in English and Ukrainian the name stands as it is."""
    name = date_format(first, "F")
    words = {"month": name[:1].upper() + name[1:], "place": place.name_locative if get_language() == "pl" else place.name}
    return bind(pgettext("month of a neighbourhood", "%(month)s in %(place)s") % words)


def _line(event: Event) -> dict[str, Any]:
    ways = {
        Event.SignUp.NONE: _("open to all, no sign-up"),
        Event.SignUp.OPEN: _("by sign-up"),
        Event.SignUp.INVITED: _("by invitation"),
    }
    venue = event.venue
    return {
        "leaf": leaf(event),
        "hours": hours(event),
        "title": bind(event.title),
        "where": bind(f"{venue.name}, {venue.address}") if venue else "",
        "entrance": step_free(venue) if venue else "",
        "way": str(ways[Event.SignUp(event.sign_up)]),
        "state": _state(event),
        "cancelled": event.is_cancelled,
        "link": typed(short_path(event)),
    }


def _state(event: Event) -> str:
    if event.is_cancelled:
        return _("Called off")
    return _("New date") if event.moved_at is not None else ""
