"""The letters about a whole series: one for all its dates."""

from typing import Any

from django.utils.translation import gettext as _

from events import calendars, links
from events.emails.frame import reply_to
from events.models import Registration, Seat
from participants.letters import Attachment, Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("series_registered")
def registered(message: Message) -> Letter:
    """How every date stands when the letter leaves, each with its own link; one link confirms them all."""
    dates = [date for date in _dates(message) if date["seats"]]
    if not dates:
        raise NoLongerNeeded("every date was given back")
    to_confirm = [date for date in dates if any(seat.held_for == Seat.HeldFor.VERIFICATION for seat in date["seats"])]
    subject = _("Confirm your places: %(series)s") if to_confirm else _("Your dates: %(series)s")
    certain = [date["event"] for date in dates if any(seat.status == Seat.Status.CONFIRMED for seat in date["seats"])]
    deadlines = [seat.held_until for date in to_confirm for seat in date["seats"] if seat.held_until]
    own = {"confirm_url": to_confirm[0]["url"] if to_confirm else "", "held_until": min(deadlines, default=None)}
    return _letter(dates, subject, certain, own)


@letter("series_cancelled")
def cancelled(message: Message) -> Letter:
    dates = [date for date in _dates(message) if not date["seats"]]
    if not dates:
        raise NoLongerNeeded("every date was signed up for again")
    return _letter(dates, _("Your sign-ups have been cancelled: %(series)s"), [], {})


def _dates(message: Message) -> list[dict[str, Any]]:
    """The dates the letter is about, with the live seats of each."""
    found = Registration.objects.with_places().select_related("event__series", "event__venue", "event__project", "person")
    return [
        {
            "registration": registration,
            "event": registration.event,
            "seats": [seat for seat in registration.seats.all() if seat.is_live],
            "url": links.registration_url(registration),
        }
        for registration in found.filter(pk__in=message.context["registrations"]).order_by("event__starts_at", "pk")
    ]


def _letter(dates: list[dict[str, Any]], subject: str, certain: list[Any], own: dict[str, Any]) -> Letter:
    event = dates[0]["event"]
    title = str(event.series or event)
    files = [Attachment("terminy.ics", calendars.calendar(certain, title), "text/calendar; charset=utf-8")] if certain else []
    context = {"dates": dates, "title": title, "project": event.project, **own}
    return Letter(subject % {"series": title}, context, files, reply_to(event.project))
