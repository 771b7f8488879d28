"""What the team does for people who come by phone, on paper or in person."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.domain import envelope, guardians, offers, places, queue, series
from events.models import Event, Registration, Seat
from events.reasons import ASKING, HOLDING
from participants.domain import messages
from participants.models import Person, User
from projects.domain import call_rows, calls
from projects.models import CallMatter, CallTask

Outcome = CallTask.Outcome
Answer = CallMatter.Answer

# What a yes or a no does, by the message the call stands for; elsewhere it changes nothing: the person comes, or was told.
YES: dict[str, Callable[..., object]] = {
    "registration_held": series.confirm_all,
    "registration_promoted": series.confirm_all,
    "registration_offered": offers.accept,
    "registration_first_answer": offers.accept,
    "guardian_asked": series.agree_for_all,
}
NO: dict[str, Callable[..., object]] = {
    "registration_held": places.cancel,
    "registration_promoted": places.cancel,
    "registration_offered": offers.decline,
    "registration_first_answer": offers.decline,
    "guardian_asked": guardians.refuse,
    "event_moved": places.cancel,
}


def change_contact(person: Person, *, name: str, email: str, phone: str, channel: str, at: datetime | None = None) -> Person:
    """Correct the name or contact somebody gave; their live sign-ups follow, and a new e-mail has yet to answer.

    Locks the events of those sign-ups. Raises RuleBroken: ``has_account``, ``already_registered``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        for number in _live(person, now).values_list("event_id", flat=True):
            queue.lock(Event(pk=number))
        _change(person, name, email, phone, channel, now)
        call_rows.regroup([person], now)
    return person


def answer_call(
    task: CallTask,
    outcome: str,
    *,
    answers: Mapping[int, str] | None = None,
    actor: User,
    at: datetime | None = None,
) -> None:
    """Note how the call went and do what the person said: yes makes a place certain, no gives it back.

    ``answers`` holds what was said to each of the matters the caller saw (``""``: nothing yet); without it the caller
    saw all that is open. "Declined" is a no to every question. A call that nobody answered starts the clock of an offer,
    which counts hours of duty; after the second one an offered or held place goes to the next in the queue. Locks the
    events before the call, as every verb of places does. Raises RuleBroken: ``no_such_outcome``, ``done``, ``too_soon``,
    ``unanswered`` when a question has no answer at all, and as the verbs of places do.
    """
    if outcome not in CallTask.OF_A_CALL or outcome == Outcome.NEW_NUMBER:
        raise RuleBroken("no_such_outcome", _("Choose how the call went."), field="outcome")
    now = at or timezone.now()
    with transaction.atomic():
        matters = list(task.matters.open())
        seen = set(answers if answers is not None else [matter.pk for matter in matters])
        about = _lock_events(matters)
        matters = [matter for matter in matters if matter.pk in seen]
        if outcome in CallTask.FAILED:
            over = calls.note_failed(task, outcome, seen, actor=actor, at=now)
            _not_reached(task, matters, over, about, actor, now)
        else:
            said = {matter.pk: _said(matter, outcome, (answers or {}).get(matter.pk)) for matter in matters}
            _reached(task, outcome, matters, said, seen, about, actor, now)


def correct_number(task: CallTask, phone: str, *, actor: User, at: datetime | None = None) -> list[Person]:
    """The number was wrong: every record of the person in this call has the new one, and the tries begin anew.

    Their live sign-ups follow; an offer whose clock runs gets its time again. Returns the people changed. Locks the
    events. Raises RuleBroken: ``no_number``, ``same_number``, ``done``, and as ``change_contact`` does.
    """
    if not phone:
        raise RuleBroken("no_number", _("Type the new number."), field="phone")
    now = at or timezone.now()
    with transaction.atomic():
        matters = list(task.matters.open().select_related("person"))
        people = {person.pk: person for person in (task.person, *(matter.person for matter in matters))}.values()
        if all(person.phone == phone for person in people):
            raise RuleBroken("same_number", _("This is the number we have."), field="phone")
        about = _lock_events(matters, people)
        calls.note_new_number(task, actor=actor, at=now)
        for person in people:
            _change(person, person.name, person.email, phone, person.preferred_channel, now)
        call_rows.regroup(people, now)
        for matter in matters:
            if matter.reason == "registration_offered" and matter.pk in about:
                offers.start_clock(about[matter.pk], actor=actor, at=now, anew=True)
    return list(people)


# --- Inside the locks ----------------------------------------------------------------------------------------------------


def _lock_events(matters: Sequence[CallMatter], people: Iterable[Person] = ()) -> dict[int, Registration]:
    """The sign-ups the matters are about, once all events they may move are locked in the order of their keys.

    One answer may hold for every date signed up for together; a new number follows into all live sign-ups of ``people``.
    """
    numbers = {matter.pk: matter.context.get("registration", 0) for matter in matters}
    related = Registration.objects.select_related("person", "event__project").in_bulk(set(numbers.values()))
    keys = {registration.series_key for registration in related.values() if registration.series_key}
    touched = Q(pk__in=related) | Q(series_key__in=keys) | Q(person__in=list(people), closed_at=None)
    for number in sorted(set(Registration.objects.filter(touched).values_list("event_id", flat=True))):
        queue.lock(Event(pk=number))
    return {pk: related[number] for pk, number in numbers.items() if number in related}


def _said(matter: CallMatter, outcome: str, answer: str | None) -> str:
    if matter.reason not in ASKING:
        return Answer.TOLD
    if outcome == Outcome.DECLINED:
        return Answer.NO
    if answer is None or answer not in ("", Answer.YES, Answer.NO):
        raise RuleBroken("unanswered", _("Say what they answered."), field=f"answer_{matter.pk}")
    return answer


def _reached(
    task: CallTask,
    outcome: str,
    matters: Sequence[CallMatter],
    said: Mapping[int, str],
    seen: Collection[int],
    about: Mapping[int, Registration],
    actor: User,
    now: datetime,
) -> None:
    """Settle what was answered, then do it; whoever has not made up their mind keeps a held place while its time lasts."""
    undecided = [matter for matter in matters if not said[matter.pk]]
    waiting = {matter.pk for matter in undecided if _held(matter, about)}
    settled = {pk: answer or Answer.TOLD for pk, answer in said.items() if pk not in waiting}
    calls.note_reached(task, outcome, settled, seen, actor=actor, at=now)
    _start_clocks([matter for matter in undecided if matter.pk in waiting], about, actor, now)
    for answer, verbs in ((Answer.YES, YES), (Answer.NO, NO)):
        for matter in matters:
            verb = verbs.get(matter.reason)
            if said[matter.pk] == answer and verb is not None and matter.pk in about:
                try:
                    verb(about[matter.pk], actor=actor, at=now)
                except RuleBroken as broken:
                    raise RuleBroken(broken.code, str(broken), field=f"answer_{matter.pk}") from broken


def _not_reached(
    task: CallTask,
    matters: Sequence[CallMatter],
    over: Sequence[CallMatter],
    about: Mapping[int, Registration],
    actor: User,
    now: datetime,
) -> None:
    """The first call starts the clock of an offer; after the last one the places go to the next in the queue."""
    ended = {matter.pk for matter in over}
    _start_clocks([matter for matter in matters if matter.pk not in ended], about, actor, now)
    # Numbers only: the note is read in every language.
    note = ", ".join(f"{timezone.localtime(attempt.at):%d.%m.%Y %H:%M}" for attempt in calls.tries_of(task))
    for matter in over:
        for registration in _held(matter, about):
            envelope.let_go(registration, _held_for(matter), note, now, actor)


def _start_clocks(matters: Iterable[CallMatter], about: Mapping[int, Registration], actor: User, now: datetime) -> None:
    for matter in matters:
        if matter.reason == "registration_offered" and matter.pk in about:
            offers.start_clock(about[matter.pk], actor=actor, at=now)


def _held(matter: CallMatter, about: Mapping[int, Registration]) -> list[Registration]:
    """The sign-ups in which a place is held for the answer; a guardian is asked once for all dates of a series."""
    registration = about.get(matter.pk)
    if registration is None or matter.reason not in HOLDING:
        return []
    same = Q(pk=registration.pk)
    if matter.reason == "guardian_asked" and registration.series_key:
        same |= Q(series_key=registration.series_key)
    held = Seat.objects.filter(status=Seat.Status.HELD, held_for__in=_held_for(matter))
    return list(Registration.objects.filter(same, pk__in=held.values("registration")).select_related("event").order_by("event_id"))


def _held_for(matter: CallMatter) -> tuple[str, ...]:
    guardian = matter.reason == "guardian_asked"
    return (Seat.HeldFor.GUARDIAN,) if guardian else (Seat.HeldFor.VERIFICATION, Seat.HeldFor.OFFER)


def _change(person: Person, name: str, email: str, phone: str, channel: str, now: datetime) -> None:
    """Write the corrected details, and let the live sign-ups follow; their events are locked."""
    if person.user_id is not None:
        raise RuleBroken("has_account", _("This person has an account and corrects the details there."))
    live = list(_live(person, now))
    moved = email.lower() != person.email.lower()
    if moved:
        person.verified_at = None
    person.name, person.email, person.phone, person.preferred_channel = name, email.lower(), phone, channel
    _check_twins(person, live)
    person.save(update_fields=["name", "email", "phone", "preferred_channel", "verified_at", "updated_at"])
    Registration.objects.filter(pk__in=[registration.pk for registration in live]).update(contact=person.contact)
    if moved and live and person.email:
        messages.book("registration_link", person, {}, at=now)


def _live(person: Person, now: datetime) -> QuerySet[Registration]:
    return Registration.objects.live().filter(person=person, event__ends_at__gte=now).order_by("event_id")


def _check_twins(person: Person, live: Sequence[Registration]) -> None:
    """Nobody is moved under a contact another has signed up with; those who share one already go on sharing it."""
    moving = [registration.event_id for registration in live if registration.contact != person.contact]
    others = Registration.objects.live().filter(contact=person.contact, event__in=moving)
    if others.exclude(person=person).exists():
        field = "email" if person.email else "phone"
        raise RuleBroken("already_registered", _("Somebody else with this contact is signed up for the same event."), field=field)
