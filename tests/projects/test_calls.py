"""The call list: one open row for each human, tries that count, matters that all come to an end."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from active_citizens.core.refusal import RuleBroken
from participants.models import Person
from projects.domain import call_rows, calls
from projects.models import CallMatter, CallTask, CallTry
from tests.makers import a_neighbourhood, a_person, an_officer, warsaw

pytestmark = pytest.mark.django_db
NOON = warsaw("2026-11-23 12:00")
HOUR = timedelta(hours=1)
NUMBER = "+48600100200"


def a_phoner(name: str = "Anna Próbna", phone: str = NUMBER, **fields: Any) -> Person:
    return a_person(name=name, phone=phone, email="", **fields)


def put(
    person: Person, reason: str = "event_cancelled", about: int = 1, due: float = 24, starts: float | None = 48, **how: Any
) -> CallMatter:
    """Something to say about sign-up number ``about``; hours count from noon."""
    starts_at = NOON + starts * HOUR if starts is not None else None
    calls.put_on_list([calls.News(person, reason, {"registration": about}, NOON + due * HOUR, starts_at, **how)])
    return CallMatter.objects.open().get(person=person, reason=reason, context={"registration": about})


def seen(task: CallTask) -> list[int]:
    return list(task.matters.open().values_list("pk", flat=True))


def fail(task: CallTask, hours: float, outcome: str = "no_answer", shown: list[int] | None = None) -> list[CallMatter]:
    return calls.note_failed(task, outcome, seen(task) if shown is None else shown, actor=an_officer(), at=NOON + hours * HOUR)


# --- Who shares a row -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "rows"),
    [
        (("Anna Próbna", NUMBER), ("Anna Próbna", NUMBER), 1),
        (("Anna Próbna", NUMBER), ("ANNA  próbna ", NUMBER), 1),
        (("Anna Próbna", NUMBER), ("Jan Próbny", NUMBER), 2),
        (("Anna Próbna", NUMBER), ("Anna Próbna", "+48600100201"), 2),
        (("Anna Próbna", ""), ("Anna Próbna", ""), 2),
    ],
    ids=["two records of one human", "spelled otherwise", "a couple on one landline", "a namesake", "nobody has a number"],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_one_open_row_for_each_human(first, second, rows, at_once) -> None:
    people = [a_phoner(*first), a_phoner(*second)]
    news = [calls.News(person, "event_moved", {"registration": number}, NOON) for number, person in enumerate(people)]
    for some in [news] if at_once else [[each] for each in news]:
        calls.put_on_list(some)

    assert (CallTask.objects.count(), CallMatter.objects.count()) == (rows, 2)
    assert [matter.person for matter in CallMatter.objects.order_by("pk")] == people


def test_the_database_refuses_a_second_open_row() -> None:
    task = put(a_phoner()).task
    with pytest.raises(IntegrityError), transaction.atomic():
        CallTask.objects.create(person=task.person, due_at=NOON)


def test_the_same_thing_stands_on_the_list_once_and_again_after_it_was_settled() -> None:
    person = a_phoner()
    first, again = put(person), put(person, due=2)
    assert (first, again.due_at) == (again, NOON + 24 * HOUR)
    calls.note_reached(first.task, "reached", {first.pk: "told"}, [first.pk], actor=an_officer(), at=NOON)

    anew = put(person)
    assert (anew.task == first.task, CallTask.objects.open().count(), CallTask.objects.count()) == (False, 1, 2)


def test_a_row_is_its_first_teams_and_due_with_its_earliest_matter() -> None:
    ugorek, azory, person = a_neighbourhood("Ugorek"), a_neighbourhood("Azory"), a_phoner()
    put(person, about=1, due=30, neighbourhood_id=ugorek.pk)
    later = put(person, about=2, due=20, neighbourhood_id=azory.pk)
    task = CallTask.objects.get()
    assert (task.neighbourhood, task.due_at) == (ugorek, NOON + 20 * HOUR)

    calls.drop(CallMatter.objects.filter(pk=later.pk), NOON)
    task.refresh_from_db()
    assert (task.due_at, task.done_at) == (NOON + 30 * HOUR, None)


def test_whose_event_comes_first_is_rung_first() -> None:
    for name, due, starts in (("Bez daty", 1, None), ("Później", 2, 90), ("Wcześniej", 30, 40), ("Tak samo, ale pilniej", 20, 40)):
        put(a_phoner(name), due=due, starts=starts)

    assert [task.person.name for task in CallTask.objects.open().in_order()] == [
        "Tak samo, ale pilniej", "Wcześniej", "Później", "Bez daty"
    ]  # fmt: skip


def test_as_many_statements_for_forty_people_as_for_one() -> None:
    def statements(count: int) -> int:
        people = [a_phoner(f"Osoba {count} {number}") for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            calls.put_on_list(calls.News(person, "event_cancelled", {"registration": 1}, NOON) for person in people)
        return len(captured)

    assert statements(1) == statements(40) <= 8


# --- Tries ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["no_answer", "household"])
def test_after_two_calls_nobody_answered_it_is_over(outcome) -> None:
    task = put(a_phoner()).task
    assert fail(task, 0, outcome) == []
    assert [matter.reason for matter in fail(task, 2, outcome)] == ["event_cancelled"]

    task.refresh_from_db()
    assert (task.outcome, task.attempts, CallMatter.objects.get().answer) == ("not_reached", 2, "not_reached")
    assert list(CallTry.objects.values_list("outcome", flat=True)) == [outcome, outcome]


def test_what_came_after_the_first_call_has_two_calls_of_its_own() -> None:
    person = a_phoner()
    task = put(person, about=1).task
    fail(task, 0)
    put(person, about=2)
    assert [matter.context for matter in fail(task, 3)] == [{"registration": 1}]
    assert [matter.context for matter in fail(task, 6)] == [{"registration": 2}]


def test_a_call_is_about_what_the_caller_saw() -> None:
    person = a_phoner()
    task = put(person, about=1).task
    shown = seen(task)
    put(person, about=2)
    fail(task, 0, shown=shown)

    assert list(CallMatter.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0]


@pytest.mark.parametrize(
    ("starts", "second", "counts"),
    [(48, 1.9, False), (48, 2, True), (4, 0.9, False), (4, 1, True), (0.5, 0.12, False), (0.5, 0.125, True), (None, 1.9, False),
     (-1, 1.9, False), (-1, 2, True)],
)  # fmt: skip
def test_two_calls_within_a_short_while_are_one_try(starts, second, counts) -> None:
    task = put(a_phoner(), starts=starts).task
    fail(task, 0)
    if counts:
        assert len(fail(task, second)) == 1
        return
    with pytest.raises(RuleBroken) as refused:
        fail(task, second)
    assert (refused.value.code, refused.value.field, CallTry.objects.count()) == ("too_soon", "outcome", 1)


def test_too_soon_says_who_is_first_to_ring_again() -> None:
    task = put(a_phoner()).task
    fail(task, 0)
    with pytest.raises(RuleBroken) as refused:
        fail(task, 0.5)
    assert ("12:00" in str(refused.value), "14:00" in str(refused.value)) == (True, True)


def test_a_new_number_begins_the_tries_anew() -> None:
    task = put(a_phoner()).task
    fail(task, 0)
    calls.note_new_number(task, actor=an_officer(), at=NOON + HOUR)
    assert fail(task, 1.1) == []

    task.refresh_from_db()
    assert (task.attempts, task.done_at) == (1, None)
    assert [row.outcome for row in CallTry.objects.all()] == ["no_answer", "new_number", "no_answer"]


@pytest.mark.parametrize("late", ["reached", "no_answer", "new_number"])
def test_whoever_comes_second_is_told_that_the_call_is_made(late) -> None:
    matter = put(a_phoner())
    shown = [matter.pk]
    calls.note_reached(matter.task, "reached", {matter.pk: "told"}, shown, actor=an_officer(), at=NOON)
    acts = {
        "reached": lambda: calls.note_reached(matter.task, "reached", {matter.pk: "told"}, shown, actor=an_officer(), at=NOON),
        "no_answer": lambda: fail(matter.task, 5, shown=shown),
        "new_number": lambda: calls.note_new_number(matter.task, actor=an_officer(), at=NOON),
    }
    with pytest.raises(RuleBroken) as refused:
        acts[late]()

    assert (refused.value.code, CallTry.objects.count()) == ("done", 1)


def test_a_row_stays_while_something_is_left_to_say() -> None:
    person = a_phoner()
    first, second = put(person, about=1), put(person, about=2)
    calls.note_reached(first.task, "reached", {first.pk: "told"}, [first.pk, second.pk], actor=an_officer(), at=NOON)
    task = CallTask.objects.get()
    assert (task.done_at, seen(task)) == (None, [second.pk])

    with pytest.raises(RuleBroken):
        calls.note_reached(task, "reached", {first.pk: "told"}, [first.pk], actor=an_officer(), at=NOON)
    calls.note_reached(task, "reached", {second.pk: "told"}, [second.pk], actor=an_officer(), at=NOON)
    assert CallTask.objects.get().outcome == "reached"


@pytest.mark.parametrize(
    ("starts", "due", "days", "gone"), [(0, 0, 1.1, True), (0, 0, 0.9, False), (0, 40, 1.1, False), (None, 0, 9, False)]
)
def test_what_nobody_said_in_time_leaves_the_list(starts, due, days, gone) -> None:
    put(a_phoner(), starts=starts, due=due)

    assert calls.drop_past(NOON + days * 24 * HOUR) == gone
    assert CallTask.objects.open().exists() is not gone


# --- Names, numbers and records that change ----------------------------------------------------------------------------------


def humans() -> list[list[int]]:
    """What is open, row by row, by the number of the sign-up."""
    rows: dict[int, list[int]] = {}
    for matter in CallMatter.objects.open().order_by("pk"):
        rows.setdefault(matter.task_id, []).append(matter.context["registration"])
    assert set(rows) == set(CallTask.objects.open().values_list("pk", flat=True))
    return sorted(rows.values())


def test_who_turns_out_to_be_one_human_has_one_row() -> None:
    anna, other = a_phoner(), a_phoner(phone="+48600100201")
    put(anna, about=1)
    put(other, about=2)
    assert humans() == [[1], [2]]
    Person.objects.filter(pk=anna.pk).update(phone=other.phone)
    anna.refresh_from_db()
    call_rows.regroup([anna], NOON)

    assert humans() == [[1, 2]]


@pytest.mark.parametrize("corrected", [0, 1])
def test_who_turns_out_to_be_somebody_else_has_a_row_of_their_own(corrected) -> None:
    records = [a_phoner(), a_phoner()]
    for number, person in enumerate(records):
        put(person, about=number)
    records[corrected].phone = "+48600100201"
    records[corrected].save()
    call_rows.regroup([records[corrected]], NOON)

    assert humans() == [[0], [1]]
    assert {matter.task.person == matter.person for matter in CallMatter.objects.all()} == {True}


@pytest.mark.parametrize("open_rows", ["both", "gone", "kept", "the same thing"])
def test_two_records_become_one(open_rows) -> None:
    kept, gone = a_phoner(), a_phoner("Anna P.")
    if open_rows != "gone":
        put(kept, about=1)
    if open_rows != "kept":
        put(gone, about=1 if open_rows == "the same thing" else 2)
    call_rows.hand_over(gone, kept, NOON)

    assert humans() == [{"both": [1, 2], "gone": [2], "kept": [1], "the same thing": [1]}[open_rows]]
    assert not CallTask.objects.filter(person=gone).exists()
    assert not CallMatter.objects.filter(person=gone).exists()
