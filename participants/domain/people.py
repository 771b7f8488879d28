"""People: accounts, the person behind one, and what signing up makes."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from participants.models import Person, User


def person_of(user: User, at: datetime | None = None) -> Person:
    """The account's own person, made at the first need; never an existing row that merely shares the e-mail."""
    person = Person.objects.filter(user=user).first()
    if person is not None:
        return person
    with transaction.atomic():
        person, _made = Person.objects.get_or_create(
            user=user,
            defaults={
                "name": user.name or user.email.split("@")[0],
                "email": user.email,
                "language": user.language,
                "verified_at": at or timezone.now(),
            },
        )
    return person


def account_of(email: str, name: str = "") -> User:
    """The account with that e-mail, made when missing; the first mailed code then proves the address, and asks no second time."""
    found = User.objects.filter(email__iexact=email).first()
    if found is not None:
        return found
    with transaction.atomic():
        user = User.objects.create_user(email, name=name)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


def addressee(user: User) -> Person:
    """Somebody to write to behind an account, unsaved: mails about its work belong to nobody's record."""
    return Person(name=str(user), email=user.email, language=user.language)


def mark_verified(person: Person, at: datetime) -> None:
    """Note that the contact answered from the mailed link; the first time counts."""
    if person.verified_at is None:
        person.verified_at = at
        person.save(update_fields=["verified_at", "updated_at"])
