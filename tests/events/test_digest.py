"""The weekly letter: one a week for an address, fresh when sent, none when nothing is new."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import digest
from events.models import Event, EventChange
from participants.domain import consents, messages
from participants.models import Message
from projects.domain import subscriptions
from projects.models import Initiative, Neighbourhood, StatusChange, Subscription
from tests.makers import a_consent_text, a_neighbourhood, a_subscription, an_event, an_initiative, warsaw

pytestmark = pytest.mark.django_db

LOCAL_PAGES = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "digest-test"}


@pytest.fixture
def ugorek() -> Neighbourhood:
    return a_neighbourhood("Ugorek")


@pytest.fixture
def azory() -> Neighbourhood:
    return a_neighbourhood("Azory")


@pytest.fixture
def any_time(settings: Any) -> None:
    """The letter of every week is due from its first minute, so that the clock on the wall does not matter."""
    settings.DIGEST_WEEKDAY, settings.DIGEST_HOUR = 1, 0


def deliver_all() -> None:
    while messages.deliver_due():
        pass


def booked() -> list[str]:
    return list(Message.objects.filter(template="weekly_digest").order_by("recipient").values_list("recipient", flat=True))


def weeks() -> set[str]:
    return set(Subscription.objects.values_list("last_week", flat=True))


# --- When -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        ("2026-11-19 09:59", 0),  # Thursday
        ("2026-11-19 10:00", 1),
        ("2026-11-21 23:00", 1),  # the worker was away for two days
        ("2026-11-22 23:59", 1),
        ("2026-11-23 00:01", 0),  # Monday: the week is over, its letter with it
        ("2026-10-29 09:59", 0),  # after the clocks went back
        ("2026-10-29 10:00", 1),
    ],
)
def test_a_letter_goes_out_from_its_day_and_hour_to_the_end_of_the_week(ugorek: Neighbourhood, moment: str, count: int) -> None:
    at = warsaw(moment)
    an_event(ugorek, starts_at=at + timedelta(days=3))
    a_subscription(ugorek)
    assert digest.book_due(at) == count
    assert len(booked()) == count


def test_one_letter_a_week_however_often_the_worker_looks(ugorek: Neighbourhood) -> None:
    thursday = warsaw("2026-12-31 12:00")
    an_event(ugorek, starts_at=thursday + timedelta(days=10))
    a_subscription(ugorek)
    assert [digest.book_due(thursday + timedelta(hours=hours)) for hours in (0, 1, 30)] == [1, 0, 0]
    assert weeks() == {"2026-W53"}
    assert digest.book_due(thursday + timedelta(days=7)) == 1
    assert weeks() == {"2027-W01"}
    assert len(booked()) == 2


def test_a_quiet_week_is_counted_and_brings_nothing(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    at = warsaw("2026-11-19 10:00")
    an_event(azory, starts_at=at + timedelta(days=3))
    an_event(ugorek, starts_at=at + timedelta(days=15))
    an_event(ugorek, starts_at=at + timedelta(days=3), status=Event.Status.DRAFT)
    a_subscription(ugorek)
    assert digest.book_due(at) == 1
    assert booked() == []
    assert weeks() == {"2026-W47"}


def test_only_confirmed_subscriptions_that_have_not_ended_count(ugorek: Neighbourhood, any_time: None) -> None:
    an_event(ugorek)
    a_subscription(ugorek, confirmed_at=None)
    ended = a_subscription(ugorek)
    subscriptions.end(ended)
    assert digest.book_due() == 0


# --- What -----------------------------------------------------------------------------------------------------------------


def test_a_section_tells_of_events_changes_and_initiatives(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    now = timezone.now()
    coming = an_event(ugorek, azory, in_days=3)
    an_event(ugorek, in_days=20)
    off = an_event(ugorek, in_days=4, status=Event.Status.CANCELLED, cancelled_at=now, cancel_reason="Choroba.")
    changed = {"event": off, "kind": "cancelled", "reason": "Choroba.", "starts_before": off.starts_at, "ends_before": off.ends_at}
    EventChange.objects.create(**changed, sequence=1, at=now - timedelta(days=1))
    EventChange.objects.create(**changed, sequence=1, at=now - timedelta(days=8))
    new = an_initiative(ugorek)
    an_initiative(ugorek, status=Initiative.Status.HISTORICAL)
    an_initiative(ugorek, status=Initiative.Status.IDEA)
    section = digest.section_of(ugorek, now)
    assert section.events == [coming]
    assert [change.event for change in section.changes] == [off]
    # What came after the last letter went out is in the next.
    assert [each.initiative for each in digest.section_of(ugorek, now + timedelta(days=7)).happenings] == [new]


def test_an_initiative_that_only_moves_on_is_no_news(ugorek: Neighbourhood) -> None:
    initiative = an_initiative(ugorek, status=Initiative.Status.AGREEMENT)
    later = timezone.now() + timedelta(days=9)
    StatusChange.objects.create(initiative=initiative, before="agreement", after="running", at=later)
    assert digest.section_of(ugorek, later + timedelta(days=7)).happenings == []


def test_an_unpublished_neighbourhood_has_no_news(ugorek: Neighbourhood) -> None:
    an_event(ugorek)
    ugorek.is_published = False
    assert not digest.section_of(ugorek)


def test_two_neighbourhoods_make_one_letter_and_a_shared_event_stands_once(
    ugorek: Neighbourhood, azory: Neighbourhood, any_time: None, mailoutbox: list[Any]
) -> None:
    an_event(ugorek, azory, title="Wspólny spacer")
    an_event(ugorek, title="Warsztat na Ugorku")
    first = a_subscription(ugorek)
    a_subscription(azory, person=first.person)
    assert digest.book_due() == 2
    deliver_all()
    assert len(mailoutbox) == 1
    assert mailoutbox[0].body.count("Wspólny spacer") == 1
    assert mailoutbox[0].body.count("Warsztat na Ugorku") == 1


def test_two_neighbourhoods_in_two_batches_still_make_one_letter(ugorek: Neighbourhood, azory: Neighbourhood, any_time: None) -> None:
    an_event(ugorek, azory)
    first = a_subscription(ugorek)
    a_subscription(azory, person=first.person)
    assert [digest.book_due(batch=1) for _time in range(3)] == [1, 1, 0]
    assert booked() == [first.email]


def test_the_letter_comes_in_the_subscriptions_language_to_its_address(ugorek: Neighbourhood, any_time: None) -> None:
    an_event(ugorek)
    a_subscription(ugorek, "inny@example.org", language="uk")
    digest.book_due()
    message = Message.objects.get()
    assert (message.recipient, message.language, message.priority) == ("inny@example.org", "uk", Message.Priority.BULK)


def test_the_mail_can_be_stopped_with_one_click_and_says_where(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    an_event(ugorek)
    subscription = a_subscription(ugorek)
    digest.book_due()
    deliver_all()
    mail = mailoutbox[0]
    address = f"/biuletyn/wypisz/{subscription.key}/"
    assert mail.extra_headers["List-Unsubscribe"].startswith("<http")
    assert mail.extra_headers["List-Unsubscribe"].endswith(f"{address}>")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.body
    assert address in mail.alternatives[0][0]
    assert "/zgody/" in mail.body


# --- What happened between booking and sending ------------------------------------------------------------------------------


def test_whoever_stopped_it_meanwhile_gets_nothing(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    an_event(ugorek)
    subscription = a_subscription(ugorek)
    digest.book_due()
    subscriptions.end(subscription)
    deliver_all()
    assert mailoutbox == []
    assert Message.objects.get().status == "dropped"


def test_a_letter_tells_what_is_true_when_it_leaves(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    event = an_event(ugorek, title="Stary tytuł")
    a_subscription(ugorek)
    digest.book_due()
    event.title = event.title_pl = "Nowy tytuł"
    event.save()
    deliver_all()
    assert "Nowy tytuł" in mailoutbox[0].body
    assert "Stary tytuł" not in mailoutbox[0].body


def test_a_letter_whose_week_is_over_is_dropped(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    an_event(ugorek)
    subscription = a_subscription(ugorek)
    subscriptions.book("weekly_digest", subscription, {"subscription": subscription.pk, "week": "2020-W01"})
    deliver_all()
    assert mailoutbox == []


def test_when_all_of_it_was_withdrawn_nothing_is_sent(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    event = an_event(ugorek)
    a_subscription(ugorek)
    digest.book_due()
    event.delete()
    deliver_all()
    assert mailoutbox == []


# --- How much it asks of the database ----------------------------------------------------------------------------------------


def queries_of_sending() -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        deliver_all()
    return [query["sql"] for query in asked]


def test_a_thousand_letters_ask_once_what_is_new(ugorek: Neighbourhood, any_time: None, settings: Any, mailoutbox: list[Any]) -> None:
    settings.CACHES = {**settings.CACHES, "pages": LOCAL_PAGES}
    settings.CACHE_MIDDLEWARE_SECONDS = 60
    an_event(ugorek)
    for _reader in range(12):
        a_subscription(ugorek)
    assert digest.book_due() == 12
    caches["pages"].clear()
    asked = queries_of_sending()
    assert len(mailoutbox) == 12
    assert len([sql for sql in asked if 'FROM "events_eventchange"' in sql]) == 1


def test_a_letter_of_five_events_asks_no_more_than_one_of_one(ugorek: Neighbourhood, any_time: None, mailoutbox: list[Any]) -> None:
    an_event(ugorek)
    a_subscription(ugorek)
    digest.book_due()
    one = len(queries_of_sending())
    for _more in range(4):
        an_event(ugorek)
    an_initiative(ugorek)
    an_initiative(ugorek)
    Message.objects.all().delete()
    Subscription.objects.update(last_week="")
    digest.book_due()
    assert len(queries_of_sending()) == one
    assert len(mailoutbox) == 2


# --- Two at once ----------------------------------------------------------------------------------------------------------------


def at_once(job: Callable[[int], Any], count: int = 4) -> list[Any]:
    """The job in so many threads, each with a connection of its own."""

    def run(number: int) -> Any:
        try:
            return job(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_book_one_letter_for_an_address(ugorek: Neighbourhood, azory: Neighbourhood, any_time: None) -> None:
    an_event(ugorek, azory)
    for _reader in range(6):
        first = a_subscription(ugorek)
        a_subscription(azory, person=first.person)

    def work(_number: int) -> int:
        done = 0
        while step := digest.book_due(batch=2):
            done += step
        return done

    assert sum(at_once(work)) == 12
    assert len(booked()) == len(set(booked())) == 6
    assert weeks() == {digest.week_of(timezone.now())}


@pytest.mark.django_db(transaction=True)
def test_people_asking_confirming_and_ending_at_once_are_all_answered(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    a_consent_text("newsletter")
    email = "sasiadka@example.org"

    def click(number: int) -> None:
        for turn in range(4):
            places = [ugorek, azory] if (number + turn) % 2 else [azory, ugorek]
            subscriptions.ask(email, places, language="pl")
            row = subscriptions.open_ones(email).first()
            if row is None:
                continue
            try:
                subscriptions.confirm(row.key) if number % 2 else subscriptions.end_by_key(row.key)
            except RuleBroken as refused:
                assert refused.code == "ended"  # noqa: PT017 - any other refusal is a failure

    at_once(click)
    live = subscriptions.standing_for(email)
    assert len(live) == len({row.neighbourhood_id for row in live})
    assert {row.neighbourhood.slug for row in live if not consents.holds(row.person, "newsletter", row.neighbourhood.slug)} == set()
