"""The team writes to an event's people: one mail each, once, in plain words."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import announcements, places
from events.models import Announcement
from participants.domain import bounces, messages
from participants.models import Message
from projects.models import CallTask
from tests.makers import a_coordinator, a_person, an_event, signed_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    """Two with a place, one in the queue, one by phone with a place."""
    made = an_event(capacity=3)
    for person in (a_person(), a_person(), a_person(email="", phone="+48600100200"), a_person()):
        signed_up(made, person)
    Message.objects.all().delete()
    CallTask.objects.all().delete()
    return made


def announce(event, **how):
    values = {"subject": "Prosimy o wygodne buty", "body": "Idziemy po trawie.", "audience": "all", "key": uuid.uuid4(), **how}
    return announcements.announce(event, actor=values.pop("actor", None) or a_coordinator(), **values)


@pytest.mark.parametrize(("audience", "mails", "calls"), [("all", 3, 1), ("confirmed", 2, 1), ("waiting", 1, 0)])
def test_audience_is_written_to_one_by_one_and_rung_where_asked(event, audience, mails, calls):
    written = announce(event, audience=audience, call_others=True)

    assert (written.by_mail, written.by_phone) == (mails, calls)
    assert (Message.objects.count(), CallTask.objects.filter(matters__reason="announcement").count()) == (mails, calls)
    assert {message.priority for message in Message.objects.all()} == {Message.Priority.ORDINARY}


def test_nobody_is_rung_unasked(event):
    assert announce(event).by_phone == 0
    assert not CallTask.objects.exists()


def test_same_form_sent_twice_is_one_message(event):
    key = uuid.uuid4()

    assert announce(event, key=key) == announce(event, key=key)
    assert (Announcement.objects.count(), Message.objects.count()) == (1, 3)


def test_message_to_nobody_is_refused_and_leaves_no_trace():
    with pytest.raises(RuleBroken) as refused:
        announce(an_event())

    assert (refused.value.code, refused.value.field) == ("nobody", "audience")
    assert not Announcement.objects.exists()


def test_stopped_address_is_counted_among_those_to_ring(event):
    person = event.registrations.first().person
    person.phone = "+48600100300"
    person.save()
    for _number in range(3):
        bounces.note(person.email, source="hand")

    reach = announcements.reach_of(event, "all")
    assert [len(way) for way in (reach.by_mail, reach.by_phone, reach.nobody)] == [2, 2, 0]


def test_mail_hides_other_addresses_and_is_answered_by_the_programme(event, mailoutbox):
    announce(event, subject="100% {{ event }} %(event)s", body="Linia 1\n\n<b>Linia 2</b> {{ project }} %s")
    while messages.deliver_due():
        pass

    assert sorted(len(mail.recipients()) for mail in mailoutbox) == [1, 1, 1]
    mail = mailoutbox[0]
    assert mail.reply_to == ["program@example.org"]
    assert mail.subject == "100% {{ event }} %(event)s"
    assert "Linia 1\n\n<b>Linia 2</b> {{ project }} %s" in mail.body
    assert "Linia 1<br><br>&lt;b&gt;Linia 2&lt;/b&gt; {{ project }} %s" in mail.alternatives[0][0]


def test_line_breaks_in_a_subject_make_no_header(event, mailoutbox):
    announce(event, subject="Buty\nBcc: ktos@example.org")
    while messages.deliver_due():
        pass

    assert mailoutbox[0].subject == "Buty Bcc: ktos@example.org"


def test_who_cancelled_meanwhile_gets_nothing(event):
    announce(event)
    first = event.registrations.first()
    places.cancel(first)
    while messages.deliver_due():
        pass

    assert Message.objects.get(template="announcement", person=first.person).status == "dropped"


def test_statements_do_not_grow_with_people():
    coordinator = a_coordinator()
    counts = []
    for size in (3, 30):
        event = an_event()
        for number in range(size):
            signed_up(event, a_person(email="", phone=f"+486001{size:02}{number:03}") if number % 3 == 0 else None)
        with CaptureQueriesContext(connection) as asked:
            announce(event, call_others=True, actor=coordinator)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 20


def test_tallies_count_by_message_and_state_in_one_query(event, django_assert_num_queries):
    first, second = announce(event), announce(event, audience="waiting")
    announce_elsewhere = an_event()
    signed_up(announce_elsewhere, event.registrations.first().person)
    announce(announce_elsewhere)
    Message.objects.filter(pk=Message.objects.filter(context__announcement=first.pk).first().pk).update(status="check")
    with django_assert_num_queries(2):
        found = announcements.tallies(event)

    assert found == {first.pk: {"check": 1, "queued": 2}, second.pk: {"queued": 1}}


@pytest.mark.parametrize(("minutes", "found"), [(59, True), (61, False)])
def test_message_of_the_last_hour_is_remembered(event, minutes, found):
    announce(event)

    assert (announcements.written_lately(event, timezone.now() + timedelta(minutes=minutes)) is not None) is found
