"""The attendance list: a name and room for a signature, and nothing else about anybody (REP-07)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from active_citizens.core.text import bind
from events.models import Event, EventLeader, Seat
from events.papers.frame import Paper, cut, dress, of_project, typed
from events.templatetags.access import to_prepare
from events.templatetags.events import day, estate, hours

# Room on the list for those who come without having signed up; the paper goes on to the end of its last page.
WALK_IN_ROWS = 10


def confirmed(event: Event) -> list[Seat]:
    """The places that are held for certain, in Polish order of names; needs no more queries for their contacts."""
    return list(event.seats.filter(status=Seat.Status.CONFIRMED).select_related("registration").order_by("name_order", "pk"))


def contents(event: Event, seats: list[Seat]) -> dict[str, Any]:
    """What the list says, on paper as on the page: whose names, which event, who leads, what becomes of the data.

    What to prepare is for the team: it stands apart from the names, and the paper keeps it on a sheet of its own.
    """
    return {
        "title": bind(event.title),
        "when": f"{day(event.starts_at)}, {hours(event)}",
        "where": bind(f"{event.venue.name}, {event.venue.address}") if event.venue else "",
        "leads": ", ".join(str(leader) for leader in event.leaders.select_related("user") if leader.role != EventLeader.Role.ASSISTS),
        "names": [seat.name for seat in seats],
        "blank": WALK_IN_ROWS,
        "privacy": privacy(event),
        "prepare": [
            {"what": str(need["what"]), "state": str(need["state"]), "times": need["times"]}
            for need in to_prepare(event)
        ],
        **of_project(event.project),
    }  # fmt: skip


def privacy(event: Event) -> str:
    """Who keeps the names, what for, and where the rest is written."""
    sentences = [
        _("We keep the list to account for the programme; only first and last names and signatures stand on it."),
        _("Data controller: %(name)s.") % {"name": cut(event.project.controller, 300).rstrip(".")} if event.project.controller else "",
        _("Your rights and the full notice: %(address)s") % {"address": typed(reverse("privacy"))},
    ]
    return bind(" ".join(filter(None, sentences)))


def attendance_list(event: Event, seats: list[Seat], language: str) -> Paper:
    """A4 with rows of 10 millimetres; the header comes back on every page, and the pages are numbered."""
    with override(language):
        data = {
            **contents(event, seats),
            **dress(estate(event)),
            "words": {
                "heading": _("Attendance list"),
                "number": _("No."),
                "name": _("First and last name"),
                "signature": _("Signature"),
                "leads": _("Led by:"),
                "page": _("page"),
                "of": pgettext("page 1 of 3", "of"),
                "prepare": _("To prepare"),
                "team": _("For the team only: do not pass this sheet round."),
            },
        }
        return Paper("attendance", _("Attendance list: %(title)s") % {"title": event.title}, language, data)
