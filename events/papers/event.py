"""One event to hang: a poster, the same in large print, and a small notice for the stairwell."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from active_citizens.core.text import bind
from events.models import Event
from events.papers.frame import Paper, cut, dress, in_language, link, of_project, short_path, step_free, when
from events.templatetags.events import estate, eyebrow, until


def poster(event: Event, language: str) -> Paper:
    """A4, one page."""
    with override(language):
        return Paper("poster", _("Poster: %(title)s") % {"title": event.title}, language, _of(event))


def large_print(event: Event, language: str) -> Paper:
    """A4, body of 18 points at least, ink on white, one thing a line; as many pages as it takes."""
    with override(language):
        return Paper("poster_large", _("Poster in large print: %(title)s") % {"title": event.title}, language, _of(event))


def notice(event: Event, language: str) -> Paper:
    """Two of A5 on one A4, to be cut apart."""
    with override(language):
        data = {**_of(event), "cut_here": _("cut here")}
        return Paper("notice", _("Stairwell notice: %(title)s") % {"title": event.title}, language, data)


def _of(event: Event) -> dict[str, Any]:
    """Everything the three say, from what the page of the event says; needs ``project`` and ``venue``, else two queries more."""
    return {
        **dress(estate(event)),
        **of_project(event.project),
        **when(event),
        "eyebrow": eyebrow(event),
        "title": bind(event.title),
        "summary": cut(event.summary, 400),
        "venue": bind(event.venue.name) if event.venue else "",
        "address": bind(event.venue.address) if event.venue else "",
        "entrance": entrance(event),
        "joining": [] if event.is_cancelled else joining(event),
        "link": link(short_path(event), in_language()),
        "words": {
            "entrance": _("How to get in"),
            "phone": _("Questions? Call") if event.is_cancelled or not event.takes_sign_ups else _("Sign up or ask by phone"),
            "more": _("More on the portal"),
            "when": _("When"),
            "where": _("Where"),
            "joining": _("How to take part"),
        },
    }


def entrance(event: Event) -> list[str]:
    """How to get there and in, one thing a line; what has not been checked is said to be so."""
    venue = event.venue
    if venue is None:
        return []
    state = step_free(venue)
    lines = [state[:1].upper() + state[1:]]
    has = [name for name, there in ((_("accessible toilet"), venue.accessible_toilet), (_("hearing loop"), venue.hearing_loop)) if there]
    lines += [_("There is: %(things)s") % {"things": ", ".join(has)}] if has else []
    lines += [cut(text, 220) for text in (venue.directions, event.access_note or venue.access_note) if text]
    return [*lines, cut(_("Do you need support? Call or write: %(contact)s") % {"contact": event.access_contact}, 260)]


def joining(event: Event) -> list[str]:
    """How one takes part, one thing a line."""
    ways = {
        Event.SignUp.NONE: _("Open to all, no sign-up. Just come."),
        Event.SignUp.OPEN: _("Sign up on the portal or by phone."),
        Event.SignUp.INVITED: _("By invitation."),
    }
    lines = [ways[Event.SignUp(event.sign_up)]]
    if event.takes_sign_ups and (event.closes_at or event.waits_for_draw):
        lines.append(_("Sign-up until %(moment)s.") % {"moment": until(event.sign_up_ends_at())})
    if event.open_to_minors:
        lines.append(_("Children and teenagers may come."))
    return [bind(line) for line in [*lines, _("Free of charge.")]]
