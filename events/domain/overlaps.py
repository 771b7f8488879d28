"""Sign-ups of one contact for two things at once: worth a warning, never forbidden."""

from collections.abc import Iterable

from django.db.models import QuerySet

from events.models import Event, Registration


def overlapping(registration: Registration) -> QuerySet[Registration]:
    """The contact's other live sign-ups whose events take place at the same time; none once this one is closed or called off.

    One query, by the index of contacts; needs ``event``, and brings the others' events along.
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
    return others.exclude(event=event).select_related("event").order_by("event__starts_at", "pk")


def among(registrations: Iterable[Registration]) -> dict[int, list[Registration]]:
    """The same for many sign-ups already read, with their events, without a query: number → the others at the same time."""
    live = [one for one in registrations if one.closed_at is None and one.event.is_published]
    live.sort(key=lambda one: (one.event.starts_at, one.pk))
    found: dict[int, list[Registration]] = {one.pk: [] for one in live}
    for place, one in enumerate(live):
        for other in live[place + 1 :]:
            if other.event.starts_at >= one.event.ends_at:
                break
            if other.contact == one.contact and other.event_id != one.event_id:
                found[one.pk].append(other)
                found[other.pk].append(one)
    return found
