"""Sign-ups of one contact for two things at once: worth a warning, never forbidden."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from events.domain import contacts
from events.models import Event, Registration


def overlapping(registration: Registration) -> QuerySet[Registration]:
    """The contact's other live sign-ups whose events take place at the same time; none once this one is closed or called off.

    Of a contact that two people share, only the same person's. One query, by the index of contacts; needs ``event`` and
    ``person``, and brings the others' events along.
    """
    event = registration.event
    if registration.closed_at is not None or not event.is_published:
        return Registration.objects.none()
    others = Registration.objects.live().filter(
        contact=registration.contact,
        event__status=Event.Status.PUBLISHED,
        event__starts_at__lt=event.ends_at,
        event__ends_at__gt=event.starts_at,
    )
    own = Q(person__name__iexact=registration.person.name)
    others = others.filter(own if registration.sharer else own | Q(sharer=""))
    return others.exclude(event=event).select_related("event").order_by("event__starts_at", "pk")


def among(registrations: Iterable[Registration]) -> dict[int, list[Registration]]:
    """The same for many sign-ups already read, with their events and people, without a query: number → the others at the same time."""
    live = [one for one in registrations if one.closed_at is None and one.event.is_published]
    live.sort(key=lambda one: (one.event.starts_at, one.pk))
    found: dict[int, list[Registration]] = {one.pk: [] for one in live}
    for place, one in enumerate(live):
        for other in live[place + 1 :]:
            if other.event.starts_at >= one.event.ends_at:
                break
            if other.contact == one.contact and other.event_id != one.event_id and _of_one(one, other):
                found[one.pk].append(other)
                found[other.pk].append(one)
    return found


def _of_one(one: Registration, other: Registration) -> bool:
    return not (one.sharer or other.sharer) or contacts.is_of(one, other.person.name)
