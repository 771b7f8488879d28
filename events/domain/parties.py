"""Who may stand in one sign-up: how many, of what age, and with whose word."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.models import Event
from participants.models import CHILDREN, MINORS, AgeBand, Person, User


@dataclass(frozen=True)
class Head:
    """One person of a party: the name as the animator will call it, and an age band where the event needs one."""

    name: str
    age_band: str = ""


def check(event: Event, person: Person, heads: Sequence[Head], *, guardian: Person | None = None, actor: User | None = None,
          already: int = 0) -> None:  # fmt: skip
    """Whether the contact may sign these people up; ``already`` counts those who stand in the sign-up before.

    An adult contact signs children up at once, as their guardian or with the guardian's word. Somebody of 16 or 17
    signs up alone and names a guardian; who is under 16 is kindly sent to the phone (GDPR-07). Raises RuleBroken:
    ``nobody``, ``too_many``, ``adults_only``, ``too_young``, ``minor_alone_only``, ``needs_guardian``.
    """
    if not heads:
        raise RuleBroken("nobody", _("Name at least one person."), field="name")
    if actor is None and already + len(heads) > settings.SEATS_PER_CONTACT:
        raise RuleBroken("too_many", _("One contact can sign up at most %(limit)s people.") % {"limit": settings.SEATS_PER_CONTACT})
    bands = {head.age_band for head in heads} | {person.age_band}
    if bands & MINORS and not event.open_to_minors:
        raise RuleBroken("adults_only", _("This event is for adults. Ring us: we will tell you what there is for younger people."))
    if person.age_band in CHILDREN:
        raise RuleBroken("too_young", _kindly_to_the_phone(event.project.phone_line), field="age")
    if person.age_band == AgeBand.FROM_16:
        _check_teenager(heads, guardian, already)


def _check_teenager(heads: Sequence[Head], guardian: Person | None, already: int) -> None:
    if already + len(heads) > 1:
        raise RuleBroken("minor_alone_only", _("If you are 16 or 17, sign up yourself only; others need a contact of their own."))
    if guardian is None:
        raise RuleBroken(
            "needs_guardian",
            _("Write how to reach your parent or guardian: an e-mail or a phone. We will ask them to agree."),
            field="guardian_email",
        )


def _kindly_to_the_phone(line: str) -> str:
    sentence = _("It is good that you want to come! If you are under 16, please ask a parent or guardian to sign you up.")
    return f"{sentence} " + _("Or ring us: %(phone)s.") % {"phone": line.replace(" ", "\N{NO-BREAK SPACE}")} if line else sentence
