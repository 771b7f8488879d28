"""Signed addresses of a person: what they agreed to, and the way to withdraw it, from any mail."""

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.urls import reverse

from participants.domain import consents
from participants.models import Person

# Without an end: withdrawing must be possible from the oldest mail somebody kept (GDPR, art. 7(3)).
_people = signing.Signer(salt="participants.consents")


def consents_path(person: Person) -> str:
    return reverse("consents", args=[_people.sign(str(person.pk))])


def consents_url(person: Person) -> str:
    """The full address for a mail: shows what the person agreed to, each with a button that withdraws it."""
    return settings.SITE_URL + consents_path(person)


def consents_footer(person: Person | None) -> str:
    """The address for the foot of a mail; empty when the person agreed to nothing, so there is nothing to withdraw."""
    return consents_url(person) if person is not None and consents.standing(person) else ""


def person_of_consents(token: str) -> Person:
    """The person behind the link, or whom they were joined to. Raises Http404 for a forged one, or when the person is gone."""
    try:
        pk = int(_people.unsign(token))
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    person = Person.objects.filter(pk=pk).first()
    if person is None:
        raise Http404
    return person.standing_for()
