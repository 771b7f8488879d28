"""What is held about the people of a mailbox, as a file to take away (GDPR-10)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.tables import Column, Kind, Row, Table
from events.domain.own import Holder
from events.models import Registration, Seat
from participants.models import AgeBand, Consent
from projects.models import LeaderProfile

Positions = Mapping[int, int]


def as_json(email: str, found: Sequence[Holder], positions: Positions) -> dict[str, Any]:
    """Everything by name; keys and codes are English and stay."""
    people = [person for holder in found if holder.editable for person in holder.people]
    network = LeaderProfile.objects.filter(person__in=people).prefetch_related("neighbourhoods")
    leaders = {profile.person_id: profile for profile in network}
    return {
        "email": email,
        "people": [
            {
                "name": holder.name,
                "account": holder.has_account,
                "records": [_record(person, leaders.get(person.pk)) for person in holder.people] if holder.editable else [],
                "consents": [_consent(consent) for consent in holder.consents],
                "sign_ups": [_sign_up(registration, positions) for registration in holder.registrations],
            }
            for holder in found
        ],
    }


def as_table(found: Sequence[Holder], positions: Positions) -> Table:
    """One line a place, for a spreadsheet."""
    columns = (
        Column("contact_person", _("Contact person")),
        Column("event", _("Event")),
        Column("starts_at", _("Starts"), Kind.DATETIME),
        Column("ends_at", _("Ends"), Kind.DATETIME),
        Column("venue", _("Venue")),
        Column("name", _("First and last name")),
        Column("age_band", _("Age"), choices=dict(AgeBand.choices)),
        Column("status", _("State"), choices=dict(Seat.Status.choices)),
        Column("position", _("Position on the waiting list"), Kind.INTEGER),
        Column("signed_up_at", _("Signed up"), Kind.DATETIME),
    )
    return Table(_("My sign-ups"), columns, _lines(found, positions))


def _lines(found: Sequence[Holder], positions: Positions) -> Iterator[Row]:
    for holder in found:
        for one in holder.registrations:
            event = one.event
            for seat in one.seats.all():
                yield (holder.name, event.title, event.starts_at, event.ends_at, _venue(one), seat.name, seat.age_band, seat.status,
                       positions.get(one.pk), one.created_at)  # fmt: skip


def _record(person: Any, leader: LeaderProfile | None) -> dict[str, Any]:
    return {
        "name": person.name,
        "phone": person.phone,
        "language": person.language,
        "birth_year": person.birth_year,
        "age_band": person.age_band,
        "gender": person.gender,
        "neighbourhoods": [str(membership) for membership in person.memberships.all()],
        "contact_confirmed_at": _moment(person.verified_at),
        "since": _moment(person.created_at),
        "leaders_network": _leader(leader) if leader else None,
    }


def _leader(profile: LeaderProfile) -> dict[str, Any]:
    return {
        "name_shown": profile.name_shown,
        "offer": profile.offer,
        "languages": profile.languages,
        "neighbourhoods": [place.name for place in profile.neighbourhoods.all()],
        "agreed_on": profile.confirmed_on.isoformat(),
        "valid_until": profile.valid_until.isoformat(),
        "hidden_reason": profile.hidden_reason,
    }


def _consent(consent: Consent) -> dict[str, Any]:
    text = consent.text
    return {"purpose": text.purpose, "scope": consent.scope, "text": text.text, "version": text.version, "given_at": _moment(consent.at)}


def _sign_up(registration: Registration, positions: Positions) -> dict[str, Any]:
    event = registration.event
    return {
        "event": event.title,
        "event_status": event.status,
        "starts_at": _moment(event.starts_at),
        "ends_at": _moment(event.ends_at),
        "venue": _venue(registration),
        "channel": registration.channel,
        "code": registration.code,
        "signed_up_at": _moment(registration.created_at),
        "closed_at": _moment(registration.closed_at),
        "position": positions.get(registration.pk),
        "places": [{"name": seat.name, "age_band": seat.age_band, "status": seat.status} for seat in registration.seats.all()],
    }


def _venue(registration: Registration) -> str:
    venue = registration.event.venue
    return f"{venue.name}, {venue.address}" if venue else ""


def _moment(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
