"""Who the newcomer at the counter might be whom we know already, told by no more than it takes to ask."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError

from active_citizens.core.text import normalise_phone
from events.domain import contacts
from events.models import Event, Registration
from events.rules import manageable_registrations
from events.visibility import visible_people
from participants.domain.duplicates import Likely, likely
from participants.models import Person, User

# What the radio buttons answer besides somebody's number.
NEW, OTHER = "new", "other"


@dataclass(frozen=True)
class Face:
    """Somebody known: name, neighbourhood, a masked contact, the last event the account may know of, and the sign-up for this one."""

    likely: Likely
    last: Event | None
    registration: Registration | None

    @property
    def person(self) -> Person:
        return self.likely.person

    @property
    def homes(self) -> str:
        return ", ".join(str(membership) for membership in self.person.memberships.all())

    @property
    def phone_end(self) -> str:
        return self.person.phone[-3:]

    @property
    def email_masked(self) -> str:
        """The first letter alone: a domain may name its owner."""
        return f"{self.person.email[:1]}…@…" if self.person.email else ""


@dataclass(frozen=True)
class Faces:
    """Those the typed name, phone and e-mail may mean; ``shared``: somebody of another name is signed up under this contact."""

    faces: list[Face]
    shared: bool

    def __bool__(self) -> bool:
        return bool(self.faces) or self.shared

    @cached_property
    def numbers(self) -> list[int]:
        return [face.person.pk for face in self.faces]

    @property
    def new(self) -> str:
        """The answer for somebody who is none of them."""
        return OTHER if self.shared else NEW

    def unanswered(self, shown: Collection[str]) -> bool:
        """Whether it must be said first who it is: not all were shown, or the whole number or e-mail is the same."""
        return self.shared or any(face.likely.is_exact or str(face.person.pk) not in shown for face in self.faces)


def around(user: User, event: Event | None, *, name: str, phone: str, email: str) -> Faces:
    """The known people whom the account may see and who are like what was typed; five queries at most."""
    found = likely(visible_people(user).prefetch_related("memberships__neighbourhood"), name=name, phone=phone, email=email)
    numbers = [one.person.pk for one in found]
    own = manageable_registrations(user).filter(person__in=numbers).select_related("event")
    last = {row.person_id: row.event for row in own.order_by("person", "-event__starts_at").distinct("person")} if found else {}
    live = {row.person_id: row for row in own.live().filter(event=event)} if found and event else {}
    faces = [Face(one, last.get(one.person.pk), live.get(one.person.pk)) for one in found]
    return Faces(faces, event is not None and _is_shared(event, name, _contact(phone, email)))


def _contact(phone: str, email: str) -> str:
    try:
        return email.strip().lower() or normalise_phone(phone)
    except ValidationError:
        return ""


def _is_shared(event: Event, name: str, contact: str) -> bool:
    live = contacts.live_under(event, contact) if contact else []
    return bool(live) and not any(contacts.is_of(row, name) for row in live)
