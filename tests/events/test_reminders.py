"""Reminders: once for each date, in the daytime, before the start, to those who have a certain place."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from events.domain import places, reminders
from events.models import Event, Registration
from participants.domain import bounces, messages
from participants.letters import NoLongerNeeded, build
from participants.models import Message
from projects.models import CallTask
from tests.makers import a_person, an_event, signed_up, warsaw

pytestmark = pytest.mark.django_db


def reminded_of(starts, created="2026-01-01 12:00", person=None, **fields):
    """Somebody with a place at an event at that hour, who signed up long ago unless said otherwise."""
    event = an_event(starts_at=warsaw(starts), **fields)
    registration = signed_up(event, person, at=warsaw("2026-01-01 12:00"))
    Registration.objects.filter(pk=registration.pk).update(created_at=warsaw(created))
    Message.objects.all().delete()
    registration.refresh_from_db()
    return registration


def booked():
    return Message.objects.filter(template="event_reminder")


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        ("2026-06-10 18:00", "2026-06-09 18:00"),
        ("2026-06-10 09:00", "2026-06-09 09:00"),
        ("2026-06-10 08:00", "2026-06-09 08:00"),
        ("2026-06-10 07:59", "2026-06-08 20:00"),
        ("2026-06-10 20:59", "2026-06-09 20:59"),
        ("2026-06-10 21:00", "2026-06-09 20:00"),
        ("2026-06-10 00:30", "2026-06-08 20:00"),
        # The clocks go forward on 29 March and back on 25 October 2026: the hour by the clock stays.
        ("2026-03-29 10:00", "2026-03-28 10:00"),
        ("2026-03-30 02:30", "2026-03-28 20:00"),
        ("2026-03-29 08:30", "2026-03-28 08:30"),
        ("2026-10-25 10:00", "2026-10-24 10:00"),
        ("2026-10-26 02:30", "2026-10-24 20:00"),
        ("2026-10-26 07:30", "2026-10-24 20:00"),
    ],
)
def test_reminder_is_due_a_day_before_and_never_at_night(starts, due):
    assert reminders.remind_at(warsaw(starts)) == warsaw(due)


@pytest.mark.parametrize(
    ("starts", "now", "count"),
    [
        ("2026-06-10 18:00", "2026-06-09 17:59", 0),
        ("2026-06-10 18:00", "2026-06-09 18:00", 1),
        ("2026-06-10 18:00", "2026-06-09 20:59", 1),
        ("2026-06-10 18:00", "2026-06-09 21:00", 0),
        ("2026-06-10 18:00", "2026-06-10 07:59", 0),
        ("2026-06-10 18:00", "2026-06-10 08:00", 1),
        ("2026-06-10 18:00", "2026-06-10 17:59", 1),
        ("2026-06-10 18:00", "2026-06-10 18:00", 0),
        ("2026-06-10 18:00", "2026-06-12 12:00", 0),
        ("2026-06-10 06:00", "2026-06-08 19:59", 0),
        ("2026-06-10 06:00", "2026-06-08 20:00", 1),
        ("2026-03-29 10:00", "2026-03-28 09:59", 0),
        ("2026-03-29 10:00", "2026-03-28 10:00", 1),
        ("2026-10-26 07:59", "2026-10-24 20:00", 1),
        ("2026-10-25 10:00", "2026-10-24 09:59", 0),
        ("2026-10-25 10:00", "2026-10-24 10:00", 1),
    ],
)
def test_worker_books_what_is_due_now(starts, now, count):
    registration = reminded_of(starts)

    assert reminders.remind_due(warsaw(now)) == count
    assert booked().count() == count
    registration.refresh_from_db()
    assert registration.reminded_for == (registration.event.starts_at if count else None)


NOON = warsaw("2026-06-09 12:00")


def test_worker_that_comes_again_finds_nothing():
    reminded_of("2026-06-10 12:00")

    assert [reminders.remind_due(NOON), reminders.remind_due(NOON + timedelta(hours=1))] == [1, 0]


@pytest.mark.parametrize(
    ("created", "count"), [("2026-06-09 00:00", 1), ("2026-06-09 00:01", 0), ("2026-06-09 11:59", 0), ("2026-06-09 12:30", 0)]
)
def test_who_signed_up_shortly_before_is_settled_without_a_mail(created, count):
    registration = reminded_of("2026-06-10 12:00", created)
    reminders.remind_due(warsaw("2026-06-09 13:00"))
    registration.refresh_from_db()

    assert booked().count() == count
    assert registration.reminded_for == registration.event.starts_at


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_event_that_does_not_run_reminds_nobody(status):
    registration = reminded_of("2026-06-10 12:00")
    values = {"cancelled_at": NOON, "cancel_reason": "."} if status == "cancelled" else {}
    Event.objects.filter(pk=registration.event_id).update(status=status, **values)

    assert reminders.remind_due(NOON) == 0


@pytest.mark.parametrize(("status", "held_until", "held_for"), [("waiting", None, ""), ("held", NOON + timedelta(days=1), "offer")])
def test_only_certain_places_are_reminded_of(status, held_until, held_for):
    registration = reminded_of("2026-06-10 12:00")
    registration.seats.update(status=status, held_until=held_until, held_for=held_for)

    assert reminders.remind_due(NOON) == 0


def test_who_cancelled_is_left_alone():
    registration = reminded_of("2026-06-10 12:00")
    places.cancel(registration, at=NOON - timedelta(days=1))

    assert reminders.remind_due(NOON) == 0


def test_people_without_an_e_mail_are_settled_without_mail_or_call():
    registration = reminded_of("2026-06-10 12:00", person=a_person(email="", phone="+48600100200"))

    assert [reminders.remind_due(NOON), reminders.remind_due(NOON)] == [1, 0]
    assert (booked().count(), CallTask.objects.count()) == (0, 0)
    registration.refresh_from_db()
    assert registration.reminded_for is not None


def test_address_mails_come_back_from_is_not_written_to():
    registration = reminded_of("2026-06-10 12:00")
    for _number in range(3):
        bounces.note(registration.person.email, source="hand")
    reminders.remind_due(NOON)

    assert booked().get().status == Message.Status.DROPPED


def test_moved_event_gets_a_reminder_of_its_new_date_and_the_old_one_is_dropped(mailoutbox):
    registration = reminded_of("2026-06-10 12:00")
    reminders.remind_due(NOON)
    moved = warsaw("2026-06-20 12:00")
    Event.objects.filter(pk=registration.event_id).update(starts_at=moved, ends_at=moved + timedelta(hours=2))

    assert reminders.remind_due(warsaw("2026-06-15 12:00")) == 0
    assert reminders.remind_due(warsaw("2026-06-19 12:00")) == 1
    with patch("events.emails.reminders.timezone.now", return_value=NOON):
        while messages.deliver_due(warsaw("2026-06-19 12:00")):
            pass
    assert list(booked().order_by("pk").values_list("status", flat=True)) == ["dropped", "sent"]
    assert len(mailoutbox) == 1


def test_event_that_comes_back_to_its_date_reminds_nobody_twice():
    registration = reminded_of("2026-06-10 12:00")
    reminders.remind_due(NOON)
    Registration.objects.filter(pk=registration.pk).update(reminded_for=warsaw("2026-06-20 12:00"))
    reminders.remind_due(NOON)

    assert booked().count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled", "cancelled_at": NOON, "cancel_reason": "."},
        {"ends_at": NOON + timedelta(9), "starts_at": NOON + timedelta(8)},
    ],
)
def test_letter_overtaken_by_a_change_of_plan_is_not_sent(change):
    registration = reminded_of("2026-06-10 12:00")
    reminders.remind_due(NOON)
    Event.objects.filter(pk=registration.event_id).update(**change)
    with pytest.raises(NoLongerNeeded):
        build(booked().get())


def test_letter_is_not_sent_after_the_start():
    reminded_of("2026-06-10 12:00")
    reminders.remind_due(NOON)
    with patch("events.emails.reminders.timezone.now", return_value=warsaw("2026-06-10 12:00")), pytest.raises(NoLongerNeeded):
        build(booked().get())


def test_letter_says_when_where_and_how_to_give_the_place_back(mailoutbox):
    start = timezone.now() + timedelta(hours=20)
    registration = signed_up(an_event(starts_at=start, title="Spacer & kawa"), heads=2)
    Message.objects.all().delete()
    context = {"registration": registration.pk, "starts_at": registration.event.starts_at.isoformat()}
    messages.book("event_reminder", registration.person, context)
    messages.deliver_due()
    mail = mailoutbox[0]

    for text in (mail.body, mail.alternatives[0][0].replace("&amp;", "&")):
        assert "Spacer & kawa" in text
        assert "/moje-zapisy/" in text
        assert registration.code_shown in text


@pytest.mark.parametrize("count", [1, 30])
def test_number_of_statements_does_not_grow_with_people(count, django_assert_num_queries):
    event = reminded_of("2026-06-10 12:00").event
    for _number in range(count - 1):
        signed_up(event, at=warsaw("2026-01-02 12:00"))
    Registration.objects.update(created_at=warsaw("2026-01-02 12:00"))
    Message.objects.all().delete()
    with django_assert_num_queries(7):
        assert reminders.remind_due(NOON) == count


def test_batch_leaves_the_rest_for_the_next_turn():
    for _number in range(3):
        reminded_of("2026-06-10 12:00")

    assert [reminders.remind_due(NOON, batch=2), reminders.remind_due(NOON, batch=2), reminders.remind_due(NOON)] == [2, 1, 0]


def test_soon_is_asked_of_the_index_on_starts():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    soon = Event.objects.filter(status="published", starts_at__gt=NOON, starts_at__lte=NOON + timedelta(days=1))
    assert "event_starts" in soon.explain()
