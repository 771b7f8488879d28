"""Mails that came back: six shapes of reports, three strikes, and a way back."""

import imaplib
import mailbox
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import bounces, messages, returned_mail
from participants.models import AccessLog, Bounce, Message
from tests.makers import a_coordinator, a_person

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent / "returned"
ADDRESS = "osoba@example.org"
NOW = timezone.now()


def fixture(name):
    return (FOLDER / f"{name}.eml").read_bytes()


@pytest.fixture
def person():
    return a_person(email=ADDRESS)


def sent_to(person, days_ago=0.0, **fields):
    at = NOW - timedelta(days=days_ago)
    return Message.objects.create(
        template="x", person=person, **{"recipient": person.email, "status": "sent", "sent_at": at, "due_at": at, **fields}
    )


def strikes(person, count, weight="lasting", at=NOW):
    for _number in range(count):
        bounces.note(person.email, source="hand", weight=weight, at=at)


# --- Reading ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("postfix_no_such_mailbox", [(ADDRESS, 4711, "5.1.1")]),
        ("postfix_delayed", []),
        ("exchange_no_such_mailbox", [(ADDRESS, 4711, "5.1.10")]),
        ("exim_full_mailbox", [(ADDRESS, 4711, "5.2.2")]),
        ("out_of_office", []),
        ("garbage", []),
    ],
)
def test_report_is_read_as_its_server_meant_it(name, found):
    assert [(report.address, report.number, report.status) for report in returned_mail.reports(fixture(name))] == found


@pytest.mark.parametrize("raw", [b"", b"\x00" * 50, b"Content-Type: multipart/mixed\n\n", b"Subject: =?utf-8?b?////?=\n\nx", b"\n\n--\n"])
def test_no_mail_breaks_the_reader(raw):
    assert returned_mail.reports(raw) == []


@pytest.mark.parametrize(
    ("status", "weight"),
    [
        ("5.1.1", "lasting"), ("5.1.10", "lasting"), ("550", "lasting"), ("5.4.1", "lasting"), ("5.2.1", "lasting"),
        ("5.2.2", "passing"), ("552", "passing"), ("4.4.7", "passing"), ("554", "passing"), ("", "passing"),
        ("5.7.1", None), ("5.1.8", None),
    ],
)  # fmt: skip
def test_weight_follows_what_the_server_says(status, weight):
    assert bounces.weight_of(status) == weight


@pytest.mark.parametrize(
    ("name", "weight"),
    [("postfix_no_such_mailbox", "lasting"), ("exchange_no_such_mailbox", "lasting"), ("exim_full_mailbox", "passing")],
)
def test_report_is_noted_at_its_message_once(person, name, weight):
    message = sent_to(person, pk=4711)
    for _time in range(2):
        returned_mail.take_in(fixture(name))

    bounce = Bounce.objects.get()
    assert (bounce.message, bounce.address, bounce.weight, bounce.source) == (message, ADDRESS, weight, "mailbox")


def test_report_without_a_known_number_goes_to_the_last_mail_of_the_address(person):
    sent_to(person)
    last = sent_to(person)
    returned_mail.take_in(fixture("postfix_no_such_mailbox"))

    assert Bounce.objects.get().message == last


@pytest.mark.parametrize("how", [{"recipient": "inna@example.org", "pk": 4711}, {"due_at": NOW - timedelta(days=15), "pk": 4711}])
def test_report_about_no_mail_of_ours_is_passed_over(person, how):
    sent_to(person, **how)

    assert returned_mail.take_in(fixture("postfix_no_such_mailbox")) == 0
    assert not Bounce.objects.exists()


# --- Three strikes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lasting", "passing", "stopped"),
    [(0, 0, False), (2, 0, False), (2, 3, False), (3, 0, True), (0, 5, False), (0, 6, True), (2, 4, True)],
)
def test_address_is_stopped_after_three_lasting_or_six_of_any_weight(person, lasting, passing, stopped):
    strikes(person, lasting)
    strikes(person, passing, "passing")

    assert bounces.is_stopped(ADDRESS.upper()) is stopped


def test_asking_is_one_query(person, django_assert_num_queries):
    strikes(person, 3)
    with django_assert_num_queries(1):
        assert bounces.stopped_among([ADDRESS, "inna@example.org"]) == {ADDRESS}


def test_stopped_address_is_booked_as_dropped_and_account_mails_go_out(person, mailoutbox):
    waiting = messages.book("registration_link", person, {})
    strikes(person, 3)
    booked = messages.book("registration_link", person, {})
    many = messages.book_all("registration_link", [messages.Booking(person, {})])
    messages.book_sealed("account/email/login_code", ADDRESS, "pl", {"subject": "Kod", "text": "1"})
    while messages.deliver_due():
        pass
    waiting.refresh_from_db()

    assert [message.status for message in (booked, *many, waiting)] == ["dropped"] * 3
    assert booked.error == waiting.error == messages.STOPPED
    assert [mail.subject for mail in mailoutbox] == ["Kod"]


def test_forgiving_opens_the_address_again_and_says_who_did(person):
    strikes(person, 3)
    coordinator = a_coordinator()

    assert bounces.forgive(ADDRESS, coordinator) == 3
    assert not bounces.is_stopped(ADDRESS)
    assert (AccessLog.objects.get().actor, AccessLog.objects.get().row_count) == (coordinator, None)


def test_mail_that_arrived_wipes_the_slate(person):
    strikes(person, 2, at=NOW - timedelta(days=20))
    sent_to(person, days_ago=10)
    bounces.note(ADDRESS, source="mailbox", message=sent_to(person), at=NOW)

    assert Bounce.objects.filter(forgiven_at=None).count() == 1


@pytest.mark.parametrize("days_ago", [4, 30])
def test_mail_sent_too_lately_or_before_proves_nothing(person, days_ago):
    strikes(person, 2, at=NOW - timedelta(days=20))
    sent_to(person, days_ago=days_ago)
    strikes(person, 1)

    assert bounces.is_stopped(ADDRESS)


def test_graver_report_about_the_same_message_counts(person):
    message = sent_to(person)
    for weight in ("passing", "lasting", "passing"):
        bounces.note(ADDRESS, source="mailbox", message=message, weight=weight)

    assert Bounce.objects.get().weight == "lasting"


def test_noting_by_hand_what_is_noted_is_refused(person):
    message = sent_to(person)
    bounces.note(ADDRESS, source="mailbox", message=message)
    with pytest.raises(RuleBroken) as refused:
        bounces.note(ADDRESS, source="hand", message=message)

    assert refused.value.code == "noted_already"


# --- The mailbox -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def maildir(tmp_path, settings):
    box = mailbox.Maildir(tmp_path / "zwroty")
    for path in sorted(FOLDER.glob("*.eml")):
        box.add(path.read_bytes())
    settings.BOUNCE_MAILBOX = f"maildir://{tmp_path}/zwroty"
    return box


def test_folder_is_read_once_and_put_aside(person, maildir, capsys):
    sent_to(person, pk=4711)
    call_command("read_bounces")
    call_command("read_bounces")

    assert capsys.readouterr().out.splitlines() == ["6 mails read, 3 noted as returned", "0 mails read, 0 noted as returned"]
    assert (len(maildir), len(maildir.get_folder("Processed")), Bounce.objects.count()) == (0, 6, 1)


def test_worker_reads_every_ten_minutes(person, maildir, monkeypatch):
    monkeypatch.setattr(returned_mail, "_next_reading", 0.0)

    assert returned_mail.read_due() == 6
    maildir.add(fixture("garbage"))
    assert returned_mail.read_due() == 0
    monkeypatch.setattr(returned_mail, "_next_reading", 0.0)
    assert returned_mail.read_due() == 0, "another worker has read"
    monkeypatch.setattr(returned_mail, "_next_reading", 0.0)
    cache.clear()
    assert returned_mail.read_due() == 1


def test_without_a_mailbox_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert returned_mail.read_due() == 0
    with pytest.raises(CommandError):
        call_command("read_bounces")


def test_address_of_another_kind_is_refused():
    with pytest.raises(ImproperlyConfigured):
        returned_mail.read_mailbox("pop3://host/")


def test_mailbox_that_is_away_keeps_the_worker_going(settings, monkeypatch, caplog):
    settings.BOUNCE_MAILBOX = "imaps://zwroty:tajne@127.0.0.1:1/INBOX"
    monkeypatch.setattr(returned_mail, "_next_reading", 0.0)

    assert returned_mail.read_due() == 0
    assert "tajne" not in caplog.text


class FakeImap:
    """What imaplib answers, for two unread mails."""

    def __init__(self, *where, **how):
        self.said = [("connect", where)]
        FakeImap.last = self

    def __getattr__(self, name):
        def answer(*said):
            self.said.append((name, said))
            if said[:1] == ("SEARCH",):
                return "OK", [b"3 5"]
            if said[:1] == ("FETCH",):
                return "OK", [(b"3 (BODY[]<0> {9}", fixture("postfix_no_such_mailbox") if said[1] == "3" else b"\xff"), b")"]
            return "OK", [b""]

        return answer


def test_imap_mailbox_is_read_marked_and_moved(person, monkeypatch):
    sent_to(person, pk=4711)
    monkeypatch.setattr(imaplib, "IMAP4_SSL", FakeImap)

    assert returned_mail.read_mailbox("imaps://zwroty%40example.org:t%2Fjne@poczta.example.org/INBOX") == (2, 1)
    said = FakeImap.last.said
    assert said[:2] == [("connect", ("poczta.example.org", 993)), ("login", ("zwroty@example.org", "t/jne"))]
    assert [words for verb, words in said if words[:1] == ("COPY",)] == [("COPY", "3", "Processed"), ("COPY", "5", "Processed")]
    assert ("STORE", "5", "+FLAGS", r"(\Seen)") in [words for _verb, words in said]
