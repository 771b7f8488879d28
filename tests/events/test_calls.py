"""What a call does to places: one row for each human, two tries, then the next in the queue; and everything comes to an end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from active_citizens.core.refusal import RuleBroken
from events.domain import announcements, desk, parties, places, plans, queue, reminders, series, story
from events.emails.telling import CALLED_ABOUT
from events.models import Event, Registration, Seat, SeatMove
from events.reasons import ASKING, HOLDING, REASONS
from participants.models import AgeBand, Person, User
from projects.domain import calls
from projects.models import CallMatter, CallTask
from tests.makers import a_call, a_person, an_event, an_officer, said_to_all, signed_up, statuses, warsaw

pytestmark = pytest.mark.django_db
NOON = warsaw("2026-11-23 12:00")
START = warsaw("2026-12-10 17:00")
HOUR = timedelta(hours=1)
NUMBER = "+48600100200"


@pytest.fixture
def officer() -> User:
    return an_officer()


def a_phoner(name: str = "Anna Próbna", phone: str = NUMBER) -> Person:
    return a_person(name=name, phone=phone, email="", preferred_channel="phone")


def an_offer(person: Person | None = None, **fields: Any) -> tuple[Event, Registration, Registration]:
    """A place came free at noon and is offered to somebody with a phone; somebody else waits behind."""
    event = an_event(starts_at=START, capacity=1, promotion="offer", offer_hours=24, offers_end_hours=24, **fields)
    taken = signed_up(event, at=NOON - 3 * HOUR)
    asked = signed_up(event, person or a_phoner(), at=NOON - 2 * HOUR)
    behind = signed_up(event, at=NOON - HOUR)
    places.cancel(taken, at=NOON)
    return event, asked, behind


def ring(outcome: str, actor: User, hours: float = 1, answer: str = "yes") -> None:
    """The only open call, and the same answer to every question of it."""
    call = CallTask.objects.open().get()
    desk.answer_call(call, outcome, answers=said_to_all(call, answer), actor=actor, at=NOON + hours * HOUR)


def answers() -> list[tuple[str, str]]:
    return list(CallMatter.objects.order_by("pk").values_list("reason", "answer"))


# --- What stands on the list -------------------------------------------------------------------------------------------------


def test_only_changes_cancellations_and_places_are_rung_about() -> None:
    kinds = {"registration_", "guardian_", "event_"}
    assert {kind for kind in CALLED_ABOUT if not any(kind.startswith(start) for start in kinds)} == set()
    assert CALLED_ABOUT & {"event_reminder", "registration_confirmed", "registration_waiting", "registration_cancelled"} == set()
    assert set(REASONS) >= CALLED_ABOUT | ASKING | HOLDING


def test_nobody_is_rung_to_be_reminded() -> None:
    event = an_event(starts_at=START)
    registration = signed_up(event, a_phoner(), at=NOON)
    Registration.objects.filter(pk=registration.pk).update(created_at=NOON)

    assert reminders.remind_due(START - 23 * HOUR) == 1
    assert not CallTask.objects.exists()


def test_two_sign_ups_without_an_account_are_one_call() -> None:
    events = [an_event(starts_at=START), an_event(starts_at=START + 24 * HOUR)]
    for event, name in zip(events, ("Anna Próbna", "anna  próbna"), strict=True):
        signed_up(event, a_phoner(name))
        plans.cancel_event(event, "Zalało salę.")

    call = CallTask.objects.get()
    assert [matter.reason for matter in call.matters.all()] == ["event_cancelled"] * 2
    assert call.matters.values("person").distinct().count() == 2


def test_news_of_one_event_and_a_question_of_another_are_one_call_and_two_answers(officer) -> None:
    person = a_phoner()
    _event, asked, _behind = an_offer(person)
    moved = signed_up(an_event(starts_at=START), person, at=NOON)
    plans.reschedule_event(moved.event, starts_at=START + 24 * HOUR, reason="Burza.", at=NOON)
    call = CallTask.objects.get()
    said = {matter.pk: "yes" if matter.reason == "registration_offered" else "no" for matter in call.matters.all()}
    desk.answer_call(call, "reached", answers=said, actor=officer, at=NOON + HOUR)

    assert (statuses(moved.event), asked.seats.get().status) == (["cancelled"], "confirmed")
    assert sorted(answers()) == [("event_moved", "no"), ("registration_offered", "yes")]


# --- Nobody answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["no_answer", "household"])
def test_after_two_calls_the_offer_goes_to_the_next_and_the_story_says_so(officer, second) -> None:
    event, asked, behind = an_offer()
    ring("no_answer", officer, 1)
    assert asked.seats.get().moves.last().why == "called"
    ring(second, officer, 3)

    assert (asked.seats.get().status, behind.seats.get().status) == ("lapsed", "held")
    last = story.of(asked)[-1]
    assert (last.why, last.note, last.actor) == (SeatMove.Why.NOT_REACHED.label, "23.11.2026 13:00, 23.11.2026 15:00", officer)
    assert answers() == [("registration_offered", "not_reached")]
    assert (CallTask.objects.get().outcome, queue.length(event)) == ("not_reached", 0)


def test_nobody_loses_a_place_because_nobody_rang() -> None:
    _event, asked, _behind = an_offer()
    while queue.settle_due(START - HOUR):
        pass

    assert asked.seats.get().status == "held"


def test_one_call_alone_takes_no_place(officer) -> None:
    _event, asked, _behind = an_offer()
    ring("no_answer", officer, 1)
    with pytest.raises(RuleBroken) as refused:
        ring("no_answer", officer, 1.5)

    assert (refused.value.code, asked.seats.get().status) == ("too_soon", "held")


def test_who_is_late_has_the_old_position(officer) -> None:
    _event, asked, behind = an_offer()
    ring("no_answer", officer, 1)
    ring("no_answer", officer, 3)
    places.cancel(behind, at=NOON + 4 * HOUR)
    places.confirm(asked, actor=officer, at=NOON + 5 * HOUR)

    assert asked.seats.get().status == "confirmed"


@pytest.mark.parametrize("reason", sorted(set(REASONS) - HOLDING))
def test_news_nobody_could_be_told_is_settled_and_the_place_stays(officer, reason) -> None:
    registration = signed_up(an_event(starts_at=START), a_phoner(), at=NOON)
    a_call(registration, reason)
    ring("no_answer", officer, 1)
    ring("no_answer", officer, 3)

    assert (answers(), registration.seats.get().status) == ([(reason, "not_reached")], "confirmed")


def test_a_place_that_is_certain_stays_although_nobody_could_be_told(officer) -> None:
    event = an_event(starts_at=START, capacity=1)
    taken = signed_up(event, at=NOON)
    waiting = signed_up(event, a_phoner(), at=NOON)
    places.cancel(taken, at=NOON)
    ring("no_answer", officer, 1)
    ring("no_answer", officer, 3)

    assert (waiting.seats.get().status, answers()) == ("confirmed", [("registration_promoted", "not_reached")])


def test_a_guardian_who_cannot_be_reached_lets_the_next_in(officer) -> None:
    event = an_event(starts_at=START, capacity=1, open_to_minors=True)
    guardian = Person(name="Opiekunka Próbna", phone="+48600100300")
    person = a_person(age_band=AgeBand.FROM_16)
    young = places.register(event, person, [parties.Head(person.name, AgeBand.FROM_16)], guardian=guardian, at=NOON)
    behind = signed_up(event, at=NOON)
    ring("household", officer, 1)
    ring("no_answer", officer, 3)

    assert (young.seats.get().status, behind.seats.get().status) == ("lapsed", "confirmed")
    assert answers() == [("guardian_asked", "not_reached")]


# --- Somebody answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "answer", "status", "noted"),
    [("reached", "yes", "confirmed", "yes"), ("reached", "no", "cancelled", "no"), ("declined", "", "cancelled", "no"),
     ("reached", "", "held", "")],
)  # fmt: skip
def test_an_answer_does_what_was_said(officer, outcome, answer, status, noted) -> None:
    _event, asked, _behind = an_offer()
    ring(outcome, officer, 1, answer)

    assert (asked.seats.get().status, answers()) == (status, [("registration_offered", noted)])


def test_who_has_not_made_up_their_mind_has_the_time_an_offer_has(officer) -> None:
    _event, asked, behind = an_offer()
    ring("reached", officer, 1, "")
    until = asked.seats.get().held_until
    assert until < START
    while queue.settle_due(until):
        pass

    assert (asked.seats.get().status, behind.seats.get().status) == ("lapsed", "held")
    assert answers() == [("registration_offered", "dropped")]


@pytest.mark.parametrize("reason", ["event_moved", "registration_first_answer"])
def test_who_was_told_and_said_nothing_keeps_what_they_have(officer, reason) -> None:
    registration = signed_up(an_event(starts_at=START), a_phoner(), at=NOON)
    a_call(registration, reason)
    ring("reached", officer, 1, "")

    assert (answers(), registration.seats.get().status) == ([(reason, "told")], "confirmed")


@pytest.mark.parametrize(("outcome", "given"), [("reached", None), ("reached", "maybe"), ("dropped", "yes"), ("new_number", "yes")])
def test_what_makes_no_sense_is_refused(officer, outcome, given) -> None:
    an_offer()
    call = CallTask.objects.get()
    said = {matter.pk: given for matter in call.matters.all()} if given else None
    with pytest.raises(RuleBroken) as refused:
        desk.answer_call(call, outcome, answers=said, actor=officer, at=NOON)

    assert refused.value.code == ("unanswered" if outcome == "reached" else "no_such_outcome")
    assert not call.tries.exists()


def test_a_rule_that_refuses_names_the_matter_and_undoes_the_call(officer) -> None:
    event = an_event(starts_at=START)
    registration = signed_up(event, a_phoner(), at=NOON)
    call = a_call(registration, "event_moved")
    (matter,) = call.matters.all()
    with pytest.raises(RuleBroken) as refused:
        desk.answer_call(call, "declined", answers={matter.pk: ""}, actor=officer, at=START + 9 * HOUR)

    assert (refused.value.code, refused.value.field) == ("over", f"answer_{matter.pk}")
    assert (call.tries.count(), answers()) == (0, [("event_moved", "")])


def test_what_came_to_the_list_meanwhile_waits_for_the_next_call(officer) -> None:
    person = a_phoner()
    first, second = (signed_up(an_event(starts_at=START), person, at=NOON) for _number in range(2))
    call = a_call(first, "event_moved")
    shown = said_to_all(call, "no")
    a_call(second, "event_moved")
    desk.answer_call(call, "declined", answers=shown, actor=officer, at=NOON)

    assert (first.seats.get().status, second.seats.get().status) == ("cancelled", "confirmed")
    assert answers() == [("event_moved", "no"), ("event_moved", "")]


# --- Another number ----------------------------------------------------------------------------------------------------------


def test_a_corrected_number_follows_everywhere_and_the_tries_begin_anew(officer) -> None:
    _event, asked, _behind = an_offer()
    twin = signed_up(an_event(starts_at=START), a_phoner("anna próbna"), at=NOON)
    a_call(twin, "event_moved")
    ring("no_answer", officer, 1)
    ran_until = asked.seats.get().held_until
    call = CallTask.objects.open().get()
    changed = desk.correct_number(call, "+48600100999", actor=officer, at=NOON + 24 * HOUR)

    assert {person.phone for person in Person.objects.filter(pk__in=[asked.person_id, twin.person_id])} == {"+48600100999"}
    assert len(changed) == 2
    assert {Registration.objects.get(pk=each.pk).contact for each in (asked, twin)} == {"+48600100999"}
    assert asked.seats.get().held_until > ran_until
    assert CallTask.objects.open().get() == call
    ring("no_answer", officer, 24.1)
    assert asked.seats.get().status == "held"


@pytest.mark.parametrize(("typed", "code"), [("", "no_number"), (NUMBER, "same_number"), ("+48600100998", "already_registered")])
def test_a_number_that_cannot_be_right_is_refused(officer, typed, code) -> None:
    event, _asked, _behind = an_offer()
    signed_up(event, a_phoner("Jan Próbny", "+48600100998"), at=NOON)
    with pytest.raises(RuleBroken) as refused:
        desk.correct_number(CallTask.objects.open().get(), typed, actor=officer, at=NOON)

    assert (refused.value.code, CallTask.objects.open().get().person.phone) == (code, NUMBER)


def test_details_corrected_at_the_desk_move_what_is_to_be_said() -> None:
    records = [signed_up(an_event(starts_at=START), a_phoner(), at=NOON) for _number in range(2)]
    for registration in records:
        a_call(registration, "event_moved")
    assert CallTask.objects.open().count() == 1
    one = records[1].person
    desk.change_contact(one, name="Jan Próbny", email="", phone=one.phone, channel="phone", at=NOON)

    assert [(call.person, call.matters.count()) for call in CallTask.objects.open().order_by("pk")] == [(records[0].person, 1), (one, 1)]


# --- A series ----------------------------------------------------------------------------------------------------------------


def test_one_yes_holds_for_all_dates_and_another_answer_for_one(officer) -> None:
    event = an_event(starts_at=START, capacity=10)
    dates = [series.Planned(START + week * 168 * HOUR) for week in (1, 2)]
    line = series.make_series(event, dates, title="Cykl", whole=True, publish=True, at=NOON)
    for each in line.events.all():
        signed_up(each, heads=6, at=NOON)
        signed_up(each, heads=3, at=NOON)
    made = series.sign_up_for_all(line, Person(name="Anna", phone=NUMBER), [parties.Head("Anna")], key=uuid.uuid4(), at=NOON)
    call = CallTask.objects.get()
    assert [matter.about_at for matter in call.matters.all()] == [START + week * 168 * HOUR for week in (0, 1, 2)]
    said = said_to_all(call, "yes")
    said[call.matters.last().pk] = "no"
    desk.answer_call(call, "reached", answers=said, actor=officer, at=NOON)

    assert [registration.seats.get().status for registration in made] == ["confirmed", "confirmed", "cancelled"]
    assert CallTask.objects.get().outcome == "reached"


# --- Whatever happens ----------------------------------------------------------------------------------------------------------

steps = st.tuples(
    st.sampled_from(["up", "cancel", "free", "ring", "ring", "ring", "correct", "rename", "move", "call off", "write", "write", "wait"]),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 40),
)


class Undone(Exception):
    """Raised to give each example a clean database."""


class Play:
    """Two events with offers, four callers (two records of one human, and a couple), and what the team does."""

    WHO = (("Anna Próbna", NUMBER), ("ANNA PRÓBNA", NUMBER), ("Jan Próbny", NUMBER), ("Ewa Próbna", "+48600100201"))

    def __init__(self) -> None:
        offers = {"promotion": "offer", "offer_hours": 8, "offers_end_hours": 12}
        self.events = [an_event(starts_at=START + day * 24 * HOUR, capacity=1, **offers) for day in range(2)]
        self.people = [a_phoner(*who) for who in self.WHO]
        self.taken = [signed_up(event, at=NOON) for event in self.events]
        self.officer, self.now = an_officer(), NOON
        for which, who in ((0, 0), (1, 1), (0, 3)):
            signed_up(self.events[which], self.people[who], at=NOON)
        for event in self.events:
            self._write(event)

    def act(self, verb: str, who: int, which: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        try:
            with transaction.atomic():
                self._do(verb, who, which, hours)
        except RuleBroken:
            pass
        while queue.settle_due(self.now) or calls.drop_past(self.now):
            pass
        self.check()

    def _do(self, verb: str, who: int, which: int, hours: int) -> None:
        event, person = self.events[which % 2], Person.objects.get(pk=self.people[who].pk)
        own = event.registrations.live().filter(person=person).first()
        if verb == "up":
            signed_up(event, person, at=self.now)
        elif verb == "cancel" and own:
            places.cancel(own, at=self.now)
        elif verb == "free":
            places.cancel(self.taken[which % 2], at=self.now)
        elif verb == "move":
            plans.reschedule_event(event, starts_at=START + hours * HOUR, reason="Burza.", at=self.now)
        elif verb == "call off":
            plans.cancel_event(event, "Zalało salę.", at=self.now)
        elif verb == "write":
            self._write(event)
        elif verb == "rename":
            desk.change_contact(person, name=self.WHO[hours % 4][0], email="", phone=person.phone, channel="phone", at=self.now)
        else:
            self._ring(verb, which, hours)

    def _write(self, event: Event) -> None:
        said = {"subject": "Buty", "body": "Wygodne.", "audience": "all", "call_others": True}
        announcements.announce(event, key=uuid.uuid4(), actor=self.officer, at=self.now, **said)

    def _ring(self, verb: str, which: int, hours: int) -> None:
        call = CallTask.objects.open().in_order().first()
        if call is None or verb == "wait":
            return
        if verb == "correct":
            desk.correct_number(call, f"+4860010020{hours % 4}", actor=self.officer, at=self.now)
            return
        outcome = ("no_answer", "reached", "declined", "household")[hours % 4]
        desk.answer_call(call, outcome, answers=said_to_all(call, ("yes", "no", "")[which]), actor=self.officer, at=self.now)

    def check(self) -> None:
        """One open row for each human, with their own matters and nothing else; what is done is done."""
        rows = list(CallTask.objects.open().select_related("person").prefetch_related("matters__person"))
        humans = [_human(row.person) for row in rows]
        assert len(humans) == len(set(humans)), "two rows for one human"
        for row in rows:
            still = [matter for matter in row.matters.all() if matter.settled_at is None]
            assert {_human(matter.person) for matter in still} == {_human(row.person)}, "somebody else's matters, or none"
            assert row.due_at == min(matter.due_at for matter in still)
        said = [(matter.reason, str(matter.context)) for matter in CallMatter.objects.open()]
        assert len(said) == len(set(said)), "the same thing to say twice"
        assert not CallMatter.objects.open().exclude(task__done_at=None).exists()

    def end(self) -> None:
        """Long after: nothing waits for a call, and no place waits for one."""
        self.act("wait", 0, 0, 24 * 60)
        assert not CallMatter.objects.open().exists()
        assert not CallTask.objects.open().exists()
        assert not Seat.objects.filter(status="held").exists()


def _human(person: Person) -> tuple[str, str]:
    return person.phone, " ".join(person.name.split()).casefold()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(happened=st.lists(steps, min_size=4, max_size=14))
def test_whatever_happens_each_human_has_one_row_and_all_comes_to_an_end(happened: list[tuple[str, int, int, int]]) -> None:
    try:
        with transaction.atomic():
            play = Play()
            for each in happened:
                play.act(*each)
            play.end()
            raise Undone
    except Undone:
        pass
