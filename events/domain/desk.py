"""What the team does for people who come by phone, on paper or in person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.domain import guardians, offers, places, queue, series
from events.models import Event, Registration
from participants.domain import messages
from participants.models import Person, User
from projects.domain import calls
from projects.models import CallTask

# A call about these is answered by the person's yes: the place they were told of becomes certain.
ANSWERED_BY_YES = frozenset({"registration_held", "registration_promoted", "registration_offered", "registration_first_answer"})


def change_contact(person: Person, *, name: str, email: str, phone: str, channel: str, at: datetime | None = None) -> Person:
    """Correct the name or contact somebody gave; their live sign-ups follow, and a new e-mail has yet to answer.

    Locks the events of those sign-ups. Raises RuleBroken: ``has_account``, ``already_registered``.
    """
    if person.user_id is not None:
        raise RuleBroken("has_account", _("This person has an account and corrects the details there."))
    with transaction.atomic():
        live = list(Registration.objects.live().filter(person=person, event__ends_at__gte=at or timezone.now()).order_by("event_id"))
        for registration in live:
            queue.lock(Event(pk=registration.event_id))
        moved = email.lower() != person.email.lower()
        if moved:
            person.verified_at = None
        person.name, person.email, person.phone, person.preferred_channel = name, email.lower(), phone, channel
        _check_twins(person, live)
        person.save(update_fields=["name", "email", "phone", "preferred_channel", "verified_at", "updated_at"])
        Registration.objects.filter(pk__in=[registration.pk for registration in live]).update(contact=person.contact)
        if moved and live and person.email:
            messages.book("registration_link", person, {}, at=at)
    return person


def answer_call(task: CallTask, outcome: str, *, actor: User, at: datetime | None = None) -> None:
    """Note how the call went and do what the person said: yes makes the place certain, no gives it back.

    The first attempt about an offer starts its clock, which counts hours of duty. Locks the event before the call, as
    every verb of places does. Raises RuleBroken as ``note_outcome`` and the verbs of places do.
    """
    now = at or timezone.now()
    with transaction.atomic():
        registration = Registration.objects.filter(pk=task.context.get("registration")).select_related("person", "event__project").first()
        if registration is not None:
            queue.lock(registration.event)
        calls.note_outcome(task, outcome, actor=actor, at=now)
        if registration is None:
            return
        if task.reason == "guardian_asked":
            _answer_guardian(registration, outcome, actor, now)
        elif task.reason == "event_moved" and outcome == CallTask.Outcome.DECLINED:
            places.cancel(registration, actor=actor, at=now)
        elif task.reason in ANSWERED_BY_YES:
            _answer_contact(registration, task.reason, outcome, actor, now)


def _answer_contact(registration: Registration, reason: str, outcome: str, actor: User, now: datetime) -> None:
    asked = reason in ("registration_offered", "registration_first_answer")
    if outcome == CallTask.Outcome.REACHED:
        (offers.accept if asked else series.confirm_all)(registration, actor=actor, at=now)
    elif outcome == CallTask.Outcome.DECLINED:
        (offers.decline if asked else places.cancel)(registration, actor=actor, at=now)
    elif outcome == CallTask.Outcome.NO_ANSWER and reason == "registration_offered":
        offers.start_clock(registration, actor=actor, at=now)


def _answer_guardian(registration: Registration, outcome: str, actor: User, now: datetime) -> None:
    if outcome == CallTask.Outcome.REACHED:
        series.agree_for_all(registration, actor=actor, at=now)
    elif outcome == CallTask.Outcome.DECLINED:
        guardians.refuse(registration, actor=actor, at=now)


def _check_twins(person: Person, live: Sequence[Registration]) -> None:
    others = Registration.objects.live().filter(contact=person.contact, event__in=[registration.event_id for registration in live])
    if others.exclude(person=person).exists():
        field = "email" if person.email else "phone"
        raise RuleBroken("already_registered", _("Somebody else with this contact is signed up for the same event."), field=field)
