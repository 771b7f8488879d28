"""Whose person is whose account."""

from participants.models import Person, User


def is_own(user: User, person: Person) -> bool:
    return person.user_id is not None and person.user_id == user.pk
