"""Plans that break: an event called off or moved, the places, the queue, and who is told what and when."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import plans
from events.domain.places import cancel, confirm
from events.domain.queue import positions
from events.emails.telling import CALLED_ABOUT
from events.models import Event, EventChange, Seat, SeatMove
from events.reasons import MOVED_SINCE, REASONS, reason_of, with_news
from events.templatetags.events import day, event_row
from participants.domain import messages
from participants.models import Message
from projects.models import CallMatter, CallTask, Membership
from tests.makers import a_call, a_neighbourhood, a_person, a_stranger, a_venue, an_animator, an_event, signed_up, statuses

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "Ulewa."


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def moved(event: Event, by: timedelta = DAY, **how) -> Event:
    event.refresh_from_db()
    return plans.reschedule_event(event, starts_at=event.starts_at + by, reason=WHY, **how)


def booked(kind: str) -> list[Message]:
    return list(Message.objects.filter(template=kind, status=Message.Status.QUEUED).order_by("pk"))


def refusal(event: Event, **how) -> str:
    before = (event.starts_at, event.sequence)
    with pytest.raises(RuleBroken) as refused:
        plans.reschedule_event(event, **{"starts_at": event.starts_at + DAY, "reason": WHY, **how})
    event.refresh_from_db()
    assert (event.starts_at, event.sequence, EventChange.objects.count()) == (*before, 0)
    return refused.value.code


def held_seat(event: Event, until: datetime, held_for: str = "verification", **person) -> Seat:
    """A place that waits for an answer till the moment, whatever the rules of promotion would have said."""
    registration = signed_up(event, a_person(**person))
    registration.seats.update(status="held", held_until=until, held_for=held_for)
    return registration.seats.get()


# --- Moving -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [3 * DAY, -2 * DAY, HOUR])
def test_moved_event_keeps_its_length_address_places_and_queue(by) -> None:
    event = an_event(capacity=1)
    people = [signed_up(event) for _number in range(3)]
    was = event.starts_at, event.ends_at, event.slug
    animator = an_animator(event.neighbourhoods.first())
    after = moved(event, by, actor=animator)

    after.refresh_from_db()
    assert (after.starts_at, after.ends_at, after.slug) == (was[0] + by, was[1] + by, was[2])
    assert (statuses(event), positions(people)) == (["confirmed", "waiting", "waiting"], {people[1].pk: 1, people[2].pk: 2})
    change = EventChange.objects.get()
    assert (change.kind, change.reason, change.actor, change.sequence) == ("moved", WHY, animator, 1)
    assert (change.starts_before, change.ends_before) == was[:2]
    assert (change.starts_after, change.ends_after) == (after.starts_at, after.ends_at)
    assert (after.sequence, after.moved_at) == (1, change.at)


@pytest.mark.parametrize(
    ("fields", "how", "code"),
    [
        ({}, {"reason": "  "}, "needs_reason"),
        ({"status": "draft"}, {}, "not_published"),
        ({"in_days": -3}, {}, "over"),
        ({}, {"starts_at": timezone.now() - HOUR}, "in_the_past"),
        ({}, {"ends_at": timezone.now() + DAY}, "ends_before_start"),
    ],
)
def test_what_cannot_be_told_is_refused_and_changes_nothing(fields, how, code) -> None:
    assert refusal(an_event(**fields), **how) == code


def test_the_same_date_and_a_venue_nobody_has_described_are_refused() -> None:
    event = an_event()

    assert refusal(event, starts_at=event.starts_at) == "same_date"
    assert refusal(event, starts_at=event.starts_at, venue=event.venue) == "same_date"
    assert refusal(event, venue=a_venue(directions="")) == "venue_undescribed"


def test_a_cancelled_event_is_not_moved() -> None:
    event = plans.cancel_event(an_event(), WHY)
    with pytest.raises(RuleBroken) as refused:
        moved(event)

    assert refused.value.code == "cancelled"


def test_moving_twice_at_once_happens_once() -> None:
    event = an_event()
    there = event.starts_at + DAY
    plans.reschedule_event(event, starts_at=there, reason=WHY)
    with pytest.raises(RuleBroken) as refused:
        plans.reschedule_event(event, starts_at=there, reason=WHY)

    assert (refused.value.code, EventChange.objects.count()) == ("same_date", 1)


def test_only_the_venue_may_change_and_the_date_is_not_called_new() -> None:
    event, hall = an_event(), a_venue()
    signed_up(event)
    was = event.venue
    after = plans.reschedule_event(event, starts_at=event.starts_at, venue=hall, reason=WHY)

    assert (after.venue, after.moved_at, after.sequence) == (hall, None, 1)
    assert EventChange.objects.get().venue_before == was
    assert len(booked("event_moved")) == 1


@pytest.mark.parametrize(("fallback", "by", "left"), [(2, 2, None), (2, 3, None), (5, 2, 5)])
def test_the_other_date_set_in_advance_is_gone_once_it_is_used_or_past(fallback, by, left) -> None:
    event = an_event()
    start = event.starts_at
    Event.objects.filter(pk=event.pk).update(fallback_starts_at=start + fallback * DAY)
    after = moved(event, by * DAY)

    assert after.fallback_starts_at == (start + left * DAY if left else None)


def test_sign_up_that_would_open_after_the_new_start_opens_now() -> None:
    event = an_event(opens_at=timezone.now() + 5 * DAY)
    after = moved(event, -4 * DAY)

    assert after.accepts_sign_ups()


@pytest.mark.parametrize(("start", "draw"), [(10, 6), (4, 3)])
def test_a_draw_stays_before_the_start(start, draw, now) -> None:
    event = an_event(in_days=7, promotion="lottery", draw_at=now + 6 * DAY)
    after = plans.reschedule_event(event, starts_at=now + start * DAY, reason=WHY)

    assert after.draw_at == now + draw * DAY


def test_a_draw_that_would_come_too_late_is_refused(now) -> None:
    event = an_event(in_days=7, promotion="lottery", draw_at=now + 6 * DAY)

    assert refusal(event, starts_at=now + 20 * HOUR) == "draw_too_late"


def test_a_finished_draw_does_not_stand_in_the_way(now) -> None:
    event = an_event(in_days=7, promotion="lottery", draw_at=now + 6 * DAY, drawn_at=now - HOUR)

    assert plans.reschedule_event(event, starts_at=now + 20 * HOUR, reason=WHY).draw_at == now - HOUR


# --- Times to answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held_for", ["verification", "offer", "guardian"])
@pytest.mark.parametrize(("held", "start", "after"), [(30, 48, 30), (60, 48, 48), (30, 400, 30)])
def test_no_time_to_answer_outlasts_the_new_start(held_for, held, start, after, now) -> None:
    event = an_event(capacity=5)
    seat = held_seat(event, now + held * HOUR, held_for)
    plans.reschedule_event(event, starts_at=now + start * HOUR, reason=WHY, at=now)

    seat.refresh_from_db()
    assert (seat.status, seat.held_for, seat.held_until) == ("held", held_for, now + after * HOUR)
    noted = seat.moves.filter(why="event_moved").values_list("before", "after")
    assert list(noted) == ([("held", "held")] if held != after else [])


@pytest.mark.parametrize("by", [3 * DAY, -3 * DAY])
def test_a_place_that_waits_for_a_call_till_the_start_follows_the_start(by, now) -> None:
    event = an_event(capacity=5)
    seat = held_seat(event, event.starts_at, email="", phone="+48600100200")
    after = moved(event, by)

    seat.refresh_from_db()
    assert seat.held_until == after.starts_at


def test_what_has_expired_lapses_and_the_next_in_order_is_told_the_new_date(now) -> None:
    event = an_event(capacity=1)
    late = held_seat(event, now + HOUR)
    waiting = signed_up(event)
    after = plans.reschedule_event(event, starts_at=event.starts_at + DAY, reason=WHY, at=now + 2 * HOUR)

    assert statuses(event) == ["lapsed", "confirmed"]
    assert not SeatMove.objects.filter(seat=late, why="event_moved").exists()
    told = {message.person_id for message in booked("event_moved")}
    assert (told, after.sequence) == ({waiting.person_id}, 1)


# --- Who is told ----------------------------------------------------------------------------------------------------------


def test_everybody_with_a_place_or_in_the_queue_is_told_once_and_first(now) -> None:
    event = an_event(capacity=1)
    first, second = signed_up(event), signed_up(event)
    signed_up(event, a_person(email="", phone=""))
    gone = signed_up(event)
    gone.seats.update(status="cancelled")
    type(gone).objects.filter(pk=gone.pk).update(closed_at=now)
    moved(event)

    told = booked("event_moved")
    assert {message.person_id for message in told} == {first.person_id, second.person_id}
    assert {message.priority for message in told} == {Message.Priority.URGENT}
    assert Message.objects.due(timezone.now()).first().template == "event_moved"
    assert not CallTask.objects.exists()


@pytest.mark.parametrize(
    ("act", "dropped"),
    [
        (moved, {"event_reminder"}),
        (lambda event: plans.cancel_event(event, WHY), {"event_reminder", "registration_confirmed", "guardian_asked"}),
    ],
)
def test_news_beats_what_it_has_overtaken(act, dropped) -> None:
    event = an_event()
    registration, other = signed_up(event), signed_up(an_event())
    kinds = ("event_reminder", "registration_cancelled", "guardian_asked", "announcement")
    for about in (registration, other):
        for kind in kinds:
            messages.book(kind, about.person, {"registration": about.pk})
    act(event)

    taken = Message.objects.filter(status=Message.Status.DROPPED)
    assert {message.template for message in taken} == dropped
    assert {message.person_id for message in taken} == {registration.person_id}


def letters_sent() -> list:
    """The urgent letters as the worker sends them; the ordinary ones stay booked."""
    Message.objects.filter(status=Message.Status.QUEUED).exclude(priority=Message.Priority.URGENT).update(status=Message.Status.DROPPED)
    mail.outbox.clear()
    while messages.deliver_due(timezone.now() + HOUR):
        pass
    assert not Message.objects.filter(status=Message.Status.FAILED).values_list("error", flat=True)
    return mail.outbox


def test_the_letter_says_both_dates_why_and_where_to_cancel() -> None:
    event = an_event()
    registration = signed_up(event, a_person(language="en"))
    venue = event.venue
    with translation.override("en"):
        said = [WHY, "Hala", venue.name, links.registration_url(registration), day(event.starts_at), day(event.starts_at + 2 * DAY)]
    moved(event, 2 * DAY, venue=a_venue(name="Hala"))
    (letter,) = letters_sent()

    for text in (letter.body, letter.alternatives[0][0]):
        assert [words for words in said if words not in text] == []
    name, content, kind = letter.attachments[0]
    assert ("SEQUENCE:1" in str(content), kind.partition(";")[0], name.endswith(".ics")) == (True, "text/calendar", True)


def test_moved_again_before_the_mail_left_the_letter_names_the_date_people_know() -> None:
    event = an_event()
    registration = signed_up(event)
    known = event.starts_at
    moved(event)
    moved(event)
    (letter,) = letters_sent()
    with translation.override("pl"):
        assert day(known) in letter.body
    assert len(Message.objects.filter(person=registration.person, template="event_moved", status="dropped")) == 1

    between = Event.objects.get(pk=event.pk).starts_at
    moved(event, 5 * DAY)
    (letter,) = letters_sent()
    with translation.override("pl"):
        assert day(between) in letter.body
        assert day(known) not in letter.body


def test_back_at_the_date_people_know_nothing_is_sent() -> None:
    event = an_event()
    signed_up(event)
    moved(event, DAY)
    moved(event, -DAY)

    assert letters_sent() == []


@pytest.mark.parametrize("act", ["cancel", "leave"])
def test_news_that_came_to_nothing_is_not_sent(act) -> None:
    event = an_event()
    registration = signed_up(event)
    moved(event)
    if act == "leave":
        cancel(registration)
    else:
        plans.cancel_event(event, WHY)

    assert [message.to for message in letters_sent()] == ([[registration.person.email]] if act == "cancel" else [])
    assert not Message.objects.filter(template="event_moved", status="sent").exists()


# --- Cancelling ---------------------------------------------------------------------------------------------------------------


def test_cancelling_after_a_move_leaves_both_changes_and_one_call_each() -> None:
    event = an_event(capacity=1)
    signed_up(event)
    signed_up(event, a_person(email="", phone="+48600100200"))
    moved(event)
    plans.cancel_event(event, "Jednak nie.")

    assert list(EventChange.objects.order_by("pk").values_list("kind", "sequence")) == [("moved", 1), ("cancelled", 2)]
    assert (statuses(event), [matter.reason for matter in CallMatter.objects.open()]) == (["cancelled", "cancelled"], ["event_cancelled"])
    assert [message.priority for message in booked("event_cancelled")] == [Message.Priority.URGENT]


def test_changes_of_plan_cannot_be_rewritten() -> None:
    moved(an_event())
    with pytest.raises(IntegrityError), transaction.atomic():
        EventChange.objects.update(reason="Nic się nie stało.")

    assert EventChange.objects.get().reason == WHY


@pytest.mark.parametrize("act", [moved, lambda event: plans.cancel_event(event, WHY)])
def test_as_many_statements_for_forty_sign_ups_as_for_three(act) -> None:
    def statements(count: int) -> int:
        event = an_event(capacity=count - 1)
        for number in range(count):
            phone = number % 3 == 2
            signed_up(event, a_person(email="", phone=f"+4860010{count:02}{number:02}") if phone else None)
        with CaptureQueriesContext(connection) as captured:
            act(event)
        return len(captured)

    assert statements(3) == statements(40) <= 25


# --- Calls --------------------------------------------------------------------------------------------------------------------


def phoner(event: Event, number: int = 0, **fields):
    return signed_up(event, a_person(email="", phone=f"+4860010020{number}", **fields), channel="phone")


@pytest.mark.parametrize(
    ("in_hours", "by", "due"),
    [(100, 5 * DAY, 100), (100, -50 * HOUR, 50), (0.1, DAY, 0.25), (-1, DAY, 0.25)],
    ids=["before the old start", "before the new start", "time for a call", "already begun"],
)
def test_calls_are_due_before_anybody_leaves_home(in_hours, by, due, now) -> None:
    event = an_event(starts_at=now + 200 * HOUR)
    phoner(event)
    Event.objects.filter(pk=event.pk).update(starts_at=now + in_hours * HOUR, ends_at=now + (in_hours + 3) * HOUR)
    moved(event, by, at=now)

    call = CallMatter.objects.open().get()
    assert (call.reason, call.due_at) == ("event_moved", now + due * HOUR)


def test_moved_twice_leaves_one_open_call_for_each_contact() -> None:
    event = an_event()
    first, second = phoner(event, 1), phoner(event, 2)
    moved(event)
    moved(event)

    calls = CallMatter.objects.open()
    assert sorted(call.person_id for call in calls) == [first.person_id, second.person_id]
    assert {call.reason for call in calls} == {"event_moved"}


def test_who_is_to_be_asked_anyway_hears_the_news_in_the_same_call(now) -> None:
    event = an_event()
    registration = phoner(event)
    a_call(registration, "registration_held")
    after = moved(event, -2 * DAY)

    call = with_news(CallMatter.objects.open()).get()
    assert (call.reason, call.due_at) == ("registration_held", after.starts_at)
    assert reason_of(call).startswith(str(MOVED_SINCE))


def test_every_call_has_a_sentence_to_say() -> None:
    assert set(REASONS) >= CALLED_ABOUT


def test_the_team_of_the_own_neighbourhood_rings() -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    event = an_event(ugorek, azory)
    here, elsewhere = phoner(event, 1), phoner(event, 2)
    Membership.objects.create(person=here.person, neighbourhood=azory)
    Membership.objects.create(person=elsewhere.person, neighbourhood=a_neighbourhood("Olsza II"))
    plans.cancel_event(event, WHY)

    assert CallTask.objects.get(person=here.person).neighbourhood == azory
    assert CallTask.objects.get(person=elsewhere.person).neighbourhood == ugorek


# --- What everybody sees ----------------------------------------------------------------------------------------------------------


def test_the_page_says_from_when_to_when_and_why() -> None:
    event = an_event()
    old = day(event.starts_at)
    after = moved(event, 3 * DAY)
    page = Client().get(event.get_absolute_url()).content.decode()

    assert f"<del>{old}" in page
    assert page.count(old) == 1
    assert (WHY in page, page.count(day(after.starts_at)) >= 2) == (True, True)


def test_the_page_asks_one_more_query_only_for_an_event_that_was_moved() -> None:
    plain, broken = an_event(), an_event()
    moved(broken)

    def queries(event: Event) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(event.get_absolute_url()).status_code == 200
        return len(captured)

    queries(plain)
    assert queries(broken) == queries(plain) + 1


def test_the_other_date_set_in_advance_stands_on_the_page() -> None:
    event = an_event()
    fallback = event.starts_at + 2 * DAY
    Event.objects.filter(pk=event.pk).update(fallback_starts_at=fallback)

    assert day(fallback) in Client().get(event.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("days", "marked"), [(0, True), (13, True), (15, False)])
def test_lists_mark_a_new_date_for_two_weeks(days, marked) -> None:
    event = an_event(in_days=60)
    plain = Event.objects.for_lists().get(pk=event.pk)
    moved(event, DAY)
    row = Event.objects.for_lists().get(pk=event.pk)
    at = timezone.now() + days * DAY

    assert (event_row(row, at).count("badge-warning") > event_row(plain, at).count("badge-warning")) is marked


def test_a_held_place_may_be_confirmed_after_the_move() -> None:
    event = an_event()
    registration = signed_up(event, a_stranger())
    moved(event, -2 * DAY)
    confirm(registration)

    assert statuses(event) == ["confirmed"]
