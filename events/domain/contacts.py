"""Whose a live sign-up under a contact is: a couple may share an e-mail or a phone, and each has a sign-up of their own."""

from collections.abc import Sequence

from active_citizens.core.text import folded
from events.models import Event, Registration
from participants.models import Person


def sharer(name: str) -> str:
    """The name as it tells apart those who share a contact."""
    return folded(name)[: Registration._meta.get_field("sharer").max_length]


def is_of(registration: Registration, name: str) -> bool:
    """Whether the sign-up is of somebody of that name; a name corrected since leaves the old one standing. Needs ``person``."""
    return sharer(name) in (sharer(registration.person.name), registration.sharer)


def live_under(event: Event, contact: str) -> list[Registration]:
    """The live sign-ups of the event under the contact, with their people; one query."""
    rows = Registration.objects.live().filter(event=event, contact=contact)
    return list(rows.select_related("person").order_by("sharer", "pk"))


def twin(live: Sequence[Registration], person: Person, *, alone: bool = True) -> Registration | None:
    """The sign-up of ``live`` that is the person's: by their record, by their name, else (``alone``) the contact's first.

    ``alone`` is how a stranger is taken: whoever writes from a contact is the one whose it is.
    """
    own = [row for row in live if row.person_id == person.pk or is_of(row, person.name)]
    found = own or (sorted(live, key=lambda row: (row.sharer, row.pk)) if alone else [])
    return found[0] if found else None
