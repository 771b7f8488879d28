"""Messages: never twice, never lost, unknown outcomes set aside."""

from datetime import timedelta
from smtplib import SMTPResponseException, SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from events.domain.places import cancel
from participants.domain import messages
from participants.models import Message
from tests.makers import a_person, an_event, signed_up

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
        (SMTPResponseException(550, b"no such mailbox"), "failed", 1),
    ],
)
def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_not(refusal: Exception, status: str, attempts: int) -> None:
    signed_up(an_event())
    with patch.object(EmailMultiAlternatives, "send", side_effect=refusal):
        deliver_all()
    message = Message.objects.get()
    assert (message.status, message.attempts) == (status, attempts)
    assert type(refusal).__name__ in message.error


def test_after_the_last_try_the_message_has_failed_and_can_be_sent_again(mailoutbox: list[Any]) -> None:
    signed_up(an_event())
    now = timezone.now()
    with patch.object(EmailMultiAlternatives, "send", side_effect=SMTPServerDisconnected("gone")):
        for hours in range(0, 200, 8):
            messages.deliver_due(now + timedelta(hours=hours))
    message = Message.objects.get()
    assert (message.status, message.attempts) == ("failed", 5)

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
