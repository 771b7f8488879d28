"""Messages: never twice, never lost, unknown outcomes set aside."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from smtplib import SMTPAuthenticationError, SMTPResponseException, SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as portal_settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone

from events.domain.places import cancel
from participants import letters, smtp
from participants.domain import bounces, messages
from participants.models import AccessLog, Bounce, Message
from participants.smtp import OutcomeUnknown
from tests.makers import a_coordinator, a_person, an_event, signed_up
from tests.participants.mail_server import MailServer

pytestmark = pytest.mark.django_db


def deliver_all(at: Any = None) -> None:
    while messages.deliver_due(at):
        pass


def test_a_booked_message_is_sent_once_in_the_recipients_language(mailoutbox: list[Any]) -> None:
    registration = signed_up(an_event(title="Spacer"), a_person(language="pl"))
    deliver_all()
    deliver_all()
    assert [mail.to for mail in mailoutbox] == [[registration.person.email]]
    assert "Spacer" in mailoutbox[0].subject
    assert Message.objects.get().status == "sent"


def test_a_message_whose_reason_is_gone_is_dropped(mailoutbox: list[Any]) -> None:
    registration = signed_up(an_event())
    cancel(registration)
    deliver_all()
    assert list(Message.objects.order_by("pk").values_list("template", "status")) == [
        ("registration_confirmed", "dropped"),
        ("registration_cancelled", "sent"),
    ]
    assert len(mailoutbox) == 1


def test_people_without_an_e_mail_get_no_message() -> None:
    assert messages.book("registration_held", a_person(email=""), {}) is None
    assert not Message.objects.exists()


def test_the_same_key_is_booked_once() -> None:
    person = a_person()
    assert messages.book("registration_link", person, {}, key="link:1") is not None
    assert messages.book("registration_link", person, {}, key="link:1") is None


@pytest.mark.parametrize(
    ("refusal", "status", "attempts"),
    [
        (SMTPServerDisconnected("gone"), "queued", 1),
        (ConnectionRefusedError("no server"), "queued", 1),
        (SMTPResponseException(451, b"later"), "queued", 1),
        (SMTPAuthenticationError(535, b"the password was changed"), "queued", 1),
        (OutcomeUnknown("silence"), "check", 1),
        (ValueError("no such header"), "failed", 1),
        (SMTPResponseException(550, b"no such mailbox"), "failed", 1),
    ],
)
def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_not(refusal: Exception, status: str, attempts: int) -> None:
    signed_up(an_event())
    with patch.object(EmailMultiAlternatives, "send", side_effect=refusal):
        deliver_all()
    message = Message.objects.get()
    assert (message.status, message.attempts) == (status, attempts)
    assert str(refusal) in message.error or type(refusal).__name__ in message.error


def test_after_the_last_try_the_message_has_failed_and_can_be_sent_again(mailoutbox: list[Any]) -> None:
    signed_up(an_event())
    now = timezone.now()
    with patch.object(EmailMultiAlternatives, "send", side_effect=SMTPServerDisconnected("gone")):
        for hours in range(0, 400, 8):
            messages.deliver_due(now + timedelta(hours=hours))
    message = Message.objects.get()
    assert (message.status, message.attempts) == ("failed", 1 + len(messages.BACK_OFF))

    messages.send_again(message)
    deliver_all()
    assert Message.objects.get().status == "sent"
    assert len(mailoutbox) == 1


def test_a_message_a_dead_worker_left_waits_to_be_checked(mailoutbox: list[Any]) -> None:
    signed_up(an_event())
    now = timezone.now()
    Message.objects.update(status="sending", claimed_at=now - timedelta(minutes=4))
    assert messages.deliver_due(now) == 0
    assert messages.deliver_due(now + timedelta(minutes=2)) == 1
    assert Message.objects.to_check().count() == 1
    assert mailoutbox == []


def test_a_message_that_cannot_be_rendered_fails_and_others_go_out(mailoutbox: list[Any]) -> None:
    messages.book("no_such_kind", a_person(), {})
    signed_up(an_event())
    deliver_all()
    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "sent"]


def test_an_account_mail_is_sealed_until_sent_and_wiped_after(mailoutbox: list[Any]) -> None:
    message = messages.book_sealed(
        "account/email/login_code", "ala@example.org", "pl", {"subject": "Kod", "text": "Twój kod: 123456", "html": ""}
    )
    assert b"123456" not in bytes(message.sealed)
    deliver_all()
    message.refresh_from_db()
    assert message.sealed is None
    assert mailoutbox[0].body == "Twój kod: 123456"


# --- In turn ---------------------------------------------------------------------------------------------------------------


def waiting(person: Any = None, **fields: Any) -> Message:
    """A sealed mail: its text is its subject."""
    message = messages.book_sealed("x", (person or a_person()).email, "pl", {"subject": fields.pop("subject", "Cześć"), "text": "…"})
    Message.objects.filter(pk=message.pk).update(**fields)
    return message


def test_the_urgent_goes_first_then_what_is_due_longest(mailoutbox: list[Any]) -> None:
    now = timezone.now()
    hour = timedelta(hours=1)
    for subject, priority, due_at in [
        ("bulk", 9, now - 3 * hour), ("later", 5, now - hour), ("first", 5, now - 2 * hour), ("second", 5, now - 2 * hour),
        ("urgent", 0, now), ("tomorrow", 0, now + 24 * hour),
    ]:  # fmt: skip
        waiting(subject=subject, priority=priority, due_at=due_at)
    messages.deliver_due(now)

    assert [mail.subject for mail in mailoutbox] == ["urgent", "first", "second", "later", "bulk"]


def test_the_next_in_turn_is_found_by_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "message_in_turn" in Message.objects.due(timezone.now())[:1].explain()


def test_one_turn_ends_after_its_batch(mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "BATCH", 2)
    for _number in range(3):
        waiting()

    assert [messages.deliver_due(), messages.deliver_due(), messages.deliver_due()] == [2, 1, 0]


def test_many_are_booked_in_two_statements_and_each_key_once(django_assert_num_queries: Any) -> None:
    people = [a_person(email="") if number == 3 else a_person() for number in range(30)]
    bookings = [messages.Booking(person, {}, f"key:{person.pk}") for person in people]
    for _time in range(2):
        with django_assert_num_queries(2):
            messages.book_all("registration_link", bookings)

    assert Message.objects.count() == 29


# --- What a mail carries ---------------------------------------------------------------------------------------------------


def test_a_letters_headers_go_along_and_mails_come_back_to_their_own_address(mailoutbox: list[Any], settings: Any) -> None:
    settings.BOUNCE_ADDRESS = "zwroty@example.org"
    signed_up(an_event())
    with (
        patch.object(letters, "build", lambda message: letters.Letter("Cześć", {}, headers={"List-Unsubscribe": "<https://x>"})),
        patch("participants.domain.messages.render_to_string", return_value="…"),
    ):
        deliver_all()
    mail = mailoutbox[0].message()

    assert (mailoutbox[0].from_email, str(mail["From"])) == ("zwroty@example.org", mail["From"])
    assert "portal@example.org" in str(mail["From"])
    assert (mail["List-Unsubscribe"], mail["X-Portal-Message"]) == ("<https://x>", str(Message.objects.get().pk))


def test_every_kind_has_a_name_in_lists() -> None:
    assert letters.name_of("nobody_named_it") == "nobody named it"
    assert {kind for kind, name in letters.names().items() if not name} == set()


# --- A real server, obliging or not ----------------------------------------------------------------------------------------


@pytest.fixture
def server(settings: Any) -> Any:
    with MailServer() as running:
        settings.EMAIL_BACKEND = "participants.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 2
        yield running


HANG_UP = None


@pytest.mark.parametrize(
    ("answers", "status", "bounce"),
    [
        ({}, "sent", None),
        ({".": b"251 accepted, will forward"}, "sent", None),
        ({"RCPT": b"450 4.2.1 try later"}, "queued", None),
        ({"RCPT": b"550 5.1.1 User unknown"}, "failed", "lasting"),
        ({"RCPT": b"550 no such user"}, "failed", "lasting"),
        ({"RCPT": b"552 5.2.2 mailbox full"}, "failed", "passing"),
        ({"RCPT": b"550 5.7.1 relay denied"}, "failed", None),
        ({"RCPT": b"421 shutting down"}, "queued", None),
        ({"MAIL": b"550 sender blocked"}, "queued", None),
        ({"MAIL": HANG_UP}, "queued", None),
        ({"RCPT": HANG_UP}, "queued", None),
        ({"hello": b"554 no service"}, "queued", None),
        ({"hello": HANG_UP}, "queued", None),
        ({"DATA": HANG_UP}, "queued", None),
        ({"DATA": b"451 4.3.0 try later"}, "queued", None),
        ({"DATA": b"554 5.5.1 no"}, "failed", None),
        ({".": b"451 4.3.0 try later"}, "queued", None),
        ({".": b"421 shutting down"}, "queued", None),
        ({".": b"554 5.7.1 looks like spam"}, "failed", None),
        ({".": HANG_UP}, "check", None),
        ({".": b"gibberish"}, "check", None),
    ],
)
def test_what_the_server_answers_decides(server: MailServer, answers: Any, status: str, bounce: str | None) -> None:
    server.answers.update(answers)
    message = waiting()
    messages.deliver_due()
    message.refresh_from_db()

    assert (message.status, message.attempts) == (status, 1)
    assert Bounce.objects.values_list("weight", "source").first() == ((bounce, "server") if bounce else None)


def test_a_server_that_keeps_silent_about_the_text_leaves_it_to_check(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)
    settings.EMAIL_TIMEOUT = 0.2
    server.answers["."] = MailServer.SILENCE
    waiting()
    messages.deliver_due()

    assert Message.objects.get().status == "check"


def test_the_unknown_is_never_sent_again_by_itself(server: MailServer) -> None:
    server.answers["."] = HANG_UP
    message = waiting()
    deliver_all()
    server.answers.clear()
    deliver_all(timezone.now() + timedelta(days=30))

    assert len(server.texts) == 1
    assert Message.objects.get() == message
    assert Message.objects.get().status == "check"


def test_a_server_that_is_away_costs_one_try(server: MailServer) -> None:
    server.close()
    waiting()
    waiting()
    messages.deliver_due()

    assert sorted(Message.objects.values_list("status", "attempts")) == [("queued", 0), ("queued", 1)]


def test_a_batch_goes_over_one_connection_and_trouble_brings_a_new_one(server: MailServer) -> None:
    for _number in range(3):
        waiting()
    assert messages.deliver_due() == 3
    assert (server.connections, len(server.texts)) == (1, 3)

    server.answers["RCPT"] = b"450 later"
    waiting()
    waiting()
    messages.deliver_due()
    server.answers.clear()
    messages.deliver_due()
    assert (server.connections, len(server.texts)) == (3, 4)


def test_a_line_of_dots_arrives_as_it_was_written(server: MailServer) -> None:
    messages.book_sealed("x", "ala@example.org", "pl", {"subject": "Kropki", "text": "a\n.\n..b\n"})
    deliver_all()

    assert b"\r\na\r\n..\r\n...b\r\n" in server.texts[0]


def test_what_no_mail_can_hold_fails_and_others_go_out(mailoutbox: list[Any]) -> None:
    messages.book_sealed("x", "ala@example.org", "pl", {"subject": "Kod\nBcc: ktoś", "text": "…"})
    waiting()
    deliver_all()

    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "sent"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_one_to_check_and_the_rest_in_turn(server: MailServer) -> None:
    server.answers["."] = MailServer.SILENCE
    for _number in range(3):
        waiting()
    environment = {
        **os.environ, "TEST_SERVER_DATABASE": connection.settings_dict["NAME"], "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DJANGO_SETTINGS_MODULE": "tests.participants.worker_settings",
    }  # fmt: skip
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], env=environment, cwd=portal_settings.BASE_DIR)
    try:
        assert server.has_text.wait(90)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(60)
    server.answers.clear()
    deliver_all(timezone.now() + timedelta(minutes=6))

    assert sorted(Message.objects.values_list("status", flat=True)) == ["check", "sent", "sent"]
    assert len(server.texts) == 3


# --- By somebody who looked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "status", "after", "count"),
    [
        ("send_again", "check", "queued", 1), ("send_again", "failed", "queued", 1), ("send_again", "sent", "sent", 0),
        ("send_again", "dropped", "dropped", 0), ("mark_sent", "check", "sent", 1), ("mark_sent", "failed", "failed", 0),
        ("mark_sent", "queued", "queued", 0),
    ],
)  # fmt: skip
def test_a_decision_moves_only_what_is_stuck_and_says_who_made_it(verb: str, status: str, after: str, count: int) -> None:
    message = waiting(status=status, sent_at=timezone.now() if status == "sent" else None)
    coordinator = a_coordinator()

    assert getattr(messages, verb)(Message.objects.all(), actor=coordinator) == count
    message.refresh_from_db()
    assert message.status == after
    assert [(line.actor, line.subject_ids) for line in AccessLog.objects.all()] == [(coordinator, [message.pk])] * count


def test_what_somebody_took_up_meanwhile_is_not_written_over() -> None:
    message = waiting()
    taken = messages._claim(timezone.now())
    assert taken is not None
    Message.objects.update(status="check")
    messages.send_again(message)
    messages._record(taken, "failed", at=None)

    assert Message.objects.get().status == "queued"


def test_a_mail_to_an_address_stopped_since_is_not_sent_again(mailoutbox: list[Any]) -> None:
    registration = signed_up(an_event())
    for _number in range(3):
        bounces.note(registration.person.email, source="hand")
    deliver_all()

    assert (Message.objects.get().status, mailoutbox) == ("dropped", [])
