"""Who came: ticks that arrive late, twice and from two phones; walk-ins; heads counted without names."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from active_citizens.core.refusal import RuleBroken
from events.domain import attendance, heads, noting, places
from events.domain.attendance import Tick
from events.models import Event, HeadCount, Registration, Seat, SeatMove
from participants.models import AccessLog, AgeBand, Message, User
from tests.makers import a_person, an_event, an_officer, signed_up, the_project, warsaw

pytestmark = pytest.mark.django_db
DAY = "2026-11-28 "
SIGNED_UP = warsaw("2026-11-20 12:00")
OPEN = warsaw(DAY + "17:00")


@pytest.fixture
def officer() -> User:
    return an_officer()


@pytest.fixture
def event() -> Event:
    return an_event(starts_at=OPEN, capacity=20)


def a_seat(event: Event, name: str = "Anna Nowak") -> Seat:
    return signed_up(event, a_person(name=name), at=SIGNED_UP).seats.get()


def at(hour: str) -> datetime:
    return warsaw(DAY + hour)


def marked(event: Event, *ticks: tuple[Seat, str, str], now: str, actor: User, **how: Any) -> list[Seat]:
    told = [Tick(seat.pk, what, at(hour)) for seat, what, hour in ticks]
    return attendance.mark(event, told, actor=actor, at=at(now), **how)


def noted(seat: Seat) -> str:
    return Seat.objects.get(pk=seat.pk).attendance


# --- Ticks ----------------------------------------------------------------------------------------------------------------

# (what it shows, batches of (what, ticked at, sent at), what stands at last)
ORDERS = [
    ("the last word", [("came", "17:01", "17:01"), ("absent", "17:02", "17:02")], "absent"),
    ("a phone that is late undoes no newer tick", [("absent", "17:05", "17:05"), ("came", "17:01", "17:30")], "absent"),
    ("a late phone with the newer tick wins", [("absent", "17:05", "17:05"), ("came", "17:06", "17:30")], "came"),
    ("a tick is taken back", [("came", "17:01", "17:01"), ("", "17:02", "17:02")], ""),
    ("what was taken back stays so", [("came", "17:01", "17:01"), ("", "17:05", "17:05"), ("absent", "17:02", "17:30")], ""),
    ("a clock that runs ahead is not believed", [("came", "23:59", "17:01"), ("excused", "17:02", "17:02")], "excused"),
    ("a clock that stopped last year counts from the morning", [("came", "00:00", "17:01"), ("excused", "06:00", "17:02")], "excused"),
]  # fmt: skip


@pytest.mark.parametrize(("batches", "last"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_the_later_tick_wins(event: Event, officer: User, batches: list[tuple[str, str, str]], last: str) -> None:
    seat = a_seat(event)
    for what, ticked, sent in batches:
        marked(event, (seat, what, ticked), now=sent, actor=officer)
    assert noted(seat) == last


def test_order_within_a_batch_does_not_matter(event: Event, officer: User) -> None:
    seat = a_seat(event)
    marked(event, (seat, "absent", "17:03"), (seat, "came", "17:02"), now="17:10", actor=officer)
    assert noted(seat) == "absent"


def test_the_same_batch_again_changes_nothing(event: Event, officer: User) -> None:
    seat = a_seat(event)
    assert marked(event, (seat, "came", "17:02"), now="17:02", actor=officer) == [seat]
    before = Seat.objects.values().get(pk=seat.pk)
    assert marked(event, (seat, "came", "17:02"), now="17:40", actor=officer) == []
    assert Seat.objects.values().get(pk=seat.pk) == before
    assert AccessLog.objects.filter(action="change").count() == 1


def test_a_batch_is_one_update_and_one_line_of_the_log(event: Event, officer: User, django_assert_num_queries: Any) -> None:
    def batch(count: int, hour: str) -> int:
        with django_assert_num_queries(12):
            return len(marked(event, *((seat, "came", hour) for seat in seats[:count]), now=hour, actor=officer))

    seats = [a_seat(event, f"Osoba {number}") for number in range(20)]
    assert (batch(1, "17:01"), batch(20, "17:02")) == (1, 20)
    line = AccessLog.objects.filter(action="change").last()
    assert (line.subject, line.subject_ids, line.detail["event"]) == ("events.seat", sorted(seat.pk for seat in seats), event.pk)


def test_who_ticked_and_when_stays_with_the_tick(event: Event, officer: User) -> None:
    seat = a_seat(event)
    marked(event, (seat, "came", "17:02"), now="17:40", actor=officer)
    seat.refresh_from_db()
    assert (seat.attendance_at, seat.attendance_by, seat.attendance_from_paper) == (at("17:02"), officer, False)


def test_ticks_move_no_place_and_tell_nobody(event: Event, officer: User) -> None:
    seat = a_seat(event)
    moves, mails = SeatMove.objects.count(), Message.objects.count()
    marked(event, (seat, "absent", "17:02"), now="17:02", actor=officer)
    assert (SeatMove.objects.count(), Message.objects.count()) == (moves, mails)


def refusal(act: Any) -> RuleBroken:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value


def test_one_wrong_tick_refuses_the_batch_and_names_the_seat(event: Event, officer: User) -> None:
    fine, foreign, gone = a_seat(event), a_seat(an_event(starts_at=OPEN)), a_seat(event, "Bela")
    places.cancel(gone.registration, at=at("10:00"))
    for seat, code in ((foreign, "not_theirs"), (gone, "no_place")):
        broken = refusal(lambda seat=seat: marked(event, (fine, "came", "17:02"), (seat, "came", "17:02"), now="17:02", actor=officer))
        assert (broken.code, broken.context["seats"]) == (code, [seat.pk])
    assert refusal(lambda: marked(event, (fine, "late", "17:02"), now="17:02", actor=officer)).code == "no_such_mark"
    assert noted(fine) == ""


@pytest.mark.parametrize(
    ("now", "code"),
    [("2026-11-27 23:59", "too_early"), ("2026-11-28 00:00", ""), ("2027-01-27 23:00", ""), ("2027-01-28 00:00", "too_late")],
)
def test_from_the_morning_of_the_day_until_the_paper_lists_are_in(event: Event, officer: User, now: str, code: str) -> None:
    seat = a_seat(event)
    tick = Tick(seat.pk, "came", OPEN)
    if code:
        assert refusal(lambda: attendance.mark(event, [tick], actor=officer, at=warsaw(now))).code == code
    else:
        attendance.mark(event, [tick], actor=officer, at=warsaw(now))
    assert noted(seat) == ("" if code else "came")


def test_a_long_project_leaves_its_paper_lists_open_to_its_end(event: Event, officer: User) -> None:
    project = the_project()
    project.ends_on = warsaw("2027-06-30 00:00").date()
    project.save()
    assert noting.last_day(Event.objects.get(pk=event.pk)) == project.ends_on


def test_nothing_is_noted_of_what_does_not_take_place(officer: User) -> None:
    cancelled = an_event(starts_at=OPEN, status="cancelled", cancelled_at=SIGNED_UP, cancel_reason="Burza.")
    draft = an_event(starts_at=OPEN, status="draft")
    codes = [refusal(lambda event=event: attendance.mark(event, [], actor=officer, at=OPEN)).code for event in (cancelled, draft)]
    assert codes == ["cancelled", "not_published"]


def test_what_is_typed_in_from_the_paper_list_is_marked_as_such(event: Event, officer: User) -> None:
    seat = a_seat(event)
    later = warsaw("2026-12-01 09:00")
    attendance.mark(event, [Tick(seat.pk, "came", later)], from_paper=True, actor=officer, at=later)
    row = attendance.walk_in(event, "Jan Kot", key=uuid.uuid4(), from_paper=True, actor=officer, at=later)
    assert [Seat.objects.get(pk=pk).attendance_from_paper for pk in (seat.pk, row.pk)] == [True, True]


# --- Walk-ins -------------------------------------------------------------------------------------------------------------


def walk_in(event: Event, actor: User, name: str = "Jan Kot", band: str = "", key: uuid.UUID | None = None, now: str = "17:10") -> Seat:
    return attendance.walk_in(event, name, band, key=key or uuid.uuid4(), actor=actor, at=at(now))


def test_a_walk_in_is_a_name_that_came_and_takes_no_place(event: Event, officer: User) -> None:
    Event.objects.filter(pk=event.pk).update(capacity=1)
    a_seat(event)
    seat = walk_in(event, officer)
    assert (seat.status, seat.extra, seat.attendance, seat.attendance_by) == ("confirmed", True, "came", officer)
    made = seat.registration
    assert (made.channel, made.entered_by, made.person.email, made.person.phone) == (Registration.Channel.WALK_IN, officer, "", "")
    assert Event.objects.with_places().get(pk=event.pk).taken == 1


def test_the_same_form_twice_makes_one_walk_in(event: Event, officer: User) -> None:
    key = uuid.uuid4()
    assert walk_in(event, officer, key=key) == walk_in(event, officer, key=key, now="17:20")
    assert Registration.objects.count() == 1
    other = an_event(starts_at=OPEN)
    assert refusal(lambda: walk_in(other, officer, key=key)).code == "key_used"


def test_children_walk_in_only_where_children_may_come(event: Event, officer: User) -> None:
    assert refusal(lambda: walk_in(event, officer, band=AgeBand.FROM_13)).code == "adults_only"
    Event.objects.filter(pk=event.pk).update(open_to_minors=True)
    assert walk_in(event, officer, band=AgeBand.FROM_13).age_band == AgeBand.FROM_13


def test_a_walk_in_needs_a_name_and_the_day(event: Event, officer: User) -> None:
    assert refusal(lambda: walk_in(event, officer, name="")).code == "needs_name"
    early = refusal(lambda: attendance.walk_in(event, "Jan", key=uuid.uuid4(), actor=officer, at=SIGNED_UP))
    assert early.code == "too_early"
    assert Registration.objects.count() == 0


def test_a_walk_in_noted_by_mistake_is_taken_back_by_its_tick(event: Event, officer: User) -> None:
    seat = walk_in(event, officer)
    assert heads.heads_of(event).walk_ins == 1
    marked(event, (seat, "", "17:20"), now="17:20", actor=officer)
    assert heads.heads_of(event).walk_ins == 0


# --- Heads ----------------------------------------------------------------------------------------------------------------


def count(event: Event, actor: User, **numbers: dict[str, int]) -> heads.Heads:
    return heads.count_heads(event, actor=actor, at=at("19:00"), **numbers)


def rows(event: Event, dimension: str) -> dict[str, int]:
    return dict(event.head_counts.filter(dimension=dimension).values_list("value", "heads"))


def test_those_on_the_list_are_told_apart_in_two_queries(event: Event, officer: User, django_assert_num_queries: Any) -> None:
    seats = [a_seat(event, f"Osoba {number}") for number in range(6)]
    said = ["came", "came", "came", "excused", "absent", ""]
    marked(event, *((seat, what, "17:01") for seat, what in zip(seats, said, strict=True)), now="17:01", actor=officer)
    walk_in(event, officer)
    with django_assert_num_queries(2):
        found = heads.heads_of(event)
    assert (found.signed_up, found.came, found.excused, found.absent, found.not_noted, found.walk_ins) == (6, 3, 1, 1, 1, 1)
    assert (found.named, found.there, found.reached) == (4, 4, 4)


def test_a_crowd_includes_those_on_the_list_and_readers_are_reached_besides(event: Event, officer: User) -> None:
    walk_in(event, officer)
    found = count(event, officer, channel={"face_to_face": 20, "festival": 30, "digital": 400, "print": 1000})
    assert (found.there, found.reached) == (50, 1450)
    assert count(event, officer, channel={"digital": 5}).there == 1


def test_no_answer_fills_the_rest_by_itself(event: Event, officer: User) -> None:
    count(event, officer, channel={"festival": 50}, age={"under_13": 20, "senior": 5}, gender={"woman": 30})
    assert rows(event, "age") == {"under_13": 20, "senior": 5, "no_answer": 25}
    assert rows(event, "gender") == {"woman": 30, "no_answer": 20}
    count(event, officer, channel={"festival": 60})
    assert rows(event, "age")["no_answer"] == 35


def test_no_answer_follows_the_list_at_the_door(event: Event, officer: User) -> None:
    seat = walk_in(event, officer)
    count(event, officer, gender={"woman": 1})
    walk_in(event, officer, name="Ewa Lis")
    assert rows(event, "gender") == {"woman": 1, "no_answer": 1}
    marked(event, (seat, "", "17:50"), now="17:50", actor=officer)
    assert rows(event, "gender") == {"woman": 1}


def test_a_breakdown_never_exceeds_the_heads_it_parts(event: Event, officer: User) -> None:
    assert refusal(lambda: count(event, officer, age={"adult": 1})).code == "more_than_heads"
    count(event, officer, channel={"face_to_face": 10}, age={"adult": 10})
    broken = refusal(lambda: count(event, officer, channel={"face_to_face": 9}))
    assert (broken.code, broken.field) == ("more_than_heads", "age")
    assert rows(event, "channel") == {"face_to_face": 10}
    # A reader of a poster has no age here.
    assert refusal(lambda: count(event, officer, channel={"print": 50}, age={"adult": 10})).code == "more_than_heads"


@pytest.mark.parametrize(
    "wrong", [{"age": {"no_answer": 1}}, {"age": {"woman": 1}}, {"channel": {"festival": -1}}, {"gender": {"untold": 1}}]
)
def test_numbers_nobody_offered_are_refused(event: Event, officer: User, wrong: dict[str, dict[str, int]]) -> None:
    assert refusal(lambda: count(event, officer, **wrong)).code == "no_such_value"
    assert HeadCount.objects.count() == 0


def test_counting_has_the_same_days_as_ticking(event: Event, officer: User) -> None:
    broken = refusal(lambda: heads.count_heads(event, channel={"print": 1}, actor=officer, at=OPEN - timedelta(days=1)))
    assert broken.code == "too_early"
    count(event, officer, channel={"print": 1})
    assert AccessLog.objects.filter(action="change", subject="events.headcount").get().detail == {
        "event": event.pk, "counted": ["channel"],
    }  # fmt: skip
