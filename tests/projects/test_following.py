"""Following an initiative: begun from the mailbox, one letter with everything else, ended by one click; and its feeds."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import digest
from participants.domain import consents, messages
from participants.models import Message
from projects.domain import dialogue, subscriptions, workflow
from projects.domain.following import happenings
from projects.models import Answer, Initiative, Milestone, MilestoneDelay, Question, StatusChange, Subscription
from tests import makers
from tests.makers import a_consent_text, a_neighbourhood, a_subscription, an_event, an_initiative, an_officer, an_open_initiative, warsaw

pytestmark = pytest.mark.django_db
EMAIL = "sasiadka@example.org"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
ALL = "/inicjatywy/atom.xml"
# A Thursday at ten, when letters go out.
LETTER = warsaw("2026-11-19 10:00")


def deliver_all() -> None:
    while messages.deliver_due():
        pass


def letters() -> list[str]:
    return list(Message.objects.filter(template="weekly_digest").order_by("pk").values_list("recipient", flat=True))


def moved(initiative: Initiative, at: datetime) -> None:
    """Its only public move was then. Moves are append-only; this puts one where it is needed, as a purge may."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Till the end of this transaction: the connection serves other tests, too.
        cursor.execute("SET LOCAL portal.purge = 'on'")
        StatusChange.objects.filter(initiative=initiative).update(at=at)


@pytest.fixture
def any_time(settings: Any) -> None:
    """Letters go out every day at the first minute of the week, whatever the clock on the wall says."""
    settings.DIGEST_WEEKDAY, settings.DIGEST_HOUR = 1, 0


# --- One row, one thing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("both", [True, False])
def test_a_subscription_is_of_one_thing(both: bool) -> None:
    person, place, initiative = makers.a_person(), a_neighbourhood("Ugorek"), an_initiative()
    about = {"neighbourhood": place, "initiative": initiative} if both else {}
    with pytest.raises(IntegrityError, match="subscription_of_one_thing"), transaction.atomic():
        Subscription.objects.create(person=person, email=EMAIL, **about)


def test_an_address_follows_once() -> None:
    initiative = an_initiative()
    a_subscription(initiative, EMAIL)
    with pytest.raises(IntegrityError, match="subscription_one_live_per_initiative"), transaction.atomic():
        Subscription.objects.create(person=makers.a_person(), email=EMAIL, initiative=initiative)


# --- Asking and ending ----------------------------------------------------------------------------------------------------


def followed_by_form(client: Client, initiative: Initiative, **typed: Any) -> Any:
    data = {"key": str(uuid.uuid4()), "email": EMAIL, "website": "", **typed}
    return client.post(reverse("initiative_follow", args=[initiative.slug]), data)


def test_following_is_confirmed_from_the_mailbox_and_ended_by_one_click(client: Client, mailoutbox: list[Any]) -> None:
    a_consent_text("newsletter")
    initiative = an_initiative(title="Ławka rozmów")
    assert reverse("initiative_follow", args=[initiative.slug]) in client.get(initiative.get_absolute_url()).content.decode()
    assert followed_by_form(client, initiative).headers["Location"] == reverse("newsletter_sent")
    deliver_all()
    assert "Ławka rozmów" in mailoutbox[0].body
    row = Subscription.objects.get()
    assert (row.is_live, row.scope) == (False, f"initiative:{initiative.pk}")
    page = reverse("newsletter_confirm", args=[row.key])
    shown = re.findall(r'name="letter" value="([^"]+)"', client.get(page).content.decode())
    client.post(page, {"letter": shown})
    (live,) = subscriptions.standing_for(EMAIL)
    assert consents.holds(live.person, "newsletter", live.scope)
    # The button of the mail program: no cookie, no token, no further question.
    Client(enforce_csrf_checks=True).post(reverse("newsletter_end", args=[row.key]), {"List-Unsubscribe": "One-Click"})
    assert subscriptions.standing_for(EMAIL) == []
    assert not consents.holds(live.person, "newsletter", live.scope)


def test_an_account_follows_at_once_and_stops_among_its_letters(client: Client) -> None:
    a_consent_text("newsletter")
    user, initiative = makers.a_user(), an_initiative(title="Ławka rozmów")
    client.force_login(user)
    address = reverse("initiative_follow", args=[initiative.slug])
    assert client.post(address).status_code == 302
    assert [row.initiative for row in subscriptions.standing_of(user)] == [initiative]
    assert "<form class=" not in client.get(address).content.decode().split("<main")[1].split("</main")[0]
    assert "Ławka rozmów" in client.get(reverse("newsletter_own")).content.decode()
    client.post(reverse("newsletter_own"), {"letter": f"initiative:{initiative.pk}", "act": "end"})
    assert subscriptions.standing_of(user) == []


def test_a_withdrawn_consent_ends_it_and_is_called_by_its_name() -> None:
    row = a_subscription(an_initiative(title="Ławka rozmów"), EMAIL)
    assert consents.scope_names("newsletter", [row.scope])[row.scope] == "Ławka rozmów"
    assert row.scope not in consents.scope_names("newsletter")
    consents.withdraw(row.person, "newsletter", scope=row.scope)
    row.refresh_from_db()
    assert row.ended_at is not None


@pytest.mark.parametrize("scope", ["initiative:", "initiative:x", "initiative:999999", "nie-ma"])
def test_a_scope_nobody_knows_is_nothing(scope: str, client: Client) -> None:
    client.force_login(makers.a_user())
    assert subscriptions.subject_of(scope) is None
    assert not Subscription.objects.with_scope(scope).exists()
    assert client.post(reverse("newsletter_own"), {"letter": scope, "act": "subscribe"}).status_code == 404


def test_what_is_not_public_cannot_be_followed(client: Client) -> None:
    a_consent_text("newsletter")
    for status in ("idea", "withdrawn", "historical"):
        address = reverse("initiative_follow", args=[an_initiative(status=status).slug])
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404


def test_too_many_tries_are_429_and_robots_are_sent_away(client: Client) -> None:
    a_consent_text("newsletter")
    initiative = an_initiative()
    assert [followed_by_form(client, initiative).status_code for _each in range(7)] == [302] * 6 + [429]
    assert followed_by_form(client, initiative, email="inna@example.org", website="http://x").status_code == 200
    assert not Subscription.objects.filter(email="inna@example.org").exists()


# --- What happened --------------------------------------------------------------------------------------------------------


def test_what_everybody_may_know_is_told_and_nothing_else() -> None:
    officer, now = an_officer(), timezone.now()
    initiative = an_open_initiative()
    promise = Milestone.objects.create(initiative=initiative, what="Ławka stoi", owner="office", due_on=now.date())
    MilestoneDelay.objects.create(
        milestone=promise, due_before=now.date(), due_after=now.date() + timedelta(days=9), reason="Mróz.", at=now
    )
    Milestone.objects.create(initiative=initiative, what="Zgoda jest", owner="office", due_on=now.date(), done_on=now.date())
    question = dialogue.ask(initiative, "Kiedy?")
    dialogue.ask(initiative, "Tego nikt nie czytał.")
    dialogue.answer(question, "W maju.", by=Answer.By.TEAM, actor=officer)
    dialogue.answer(question, "Tego też nie.", by=Answer.By.GROUP)
    an_initiative(status="idea")
    found = happenings(Initiative.objects.all())
    assert sorted(each.key.split("-")[0] for each in found) == ["answer", "delay", "kept", "move", "question"]
    said = " ".join(f"{each.headline} {each.text}" for each in found)
    assert "Mróz." in said
    assert "nikt nie czytał" not in said
    assert "Tego też nie" not in said
    dialogue.hide(question, reason="Dane.", actor=officer)
    assert sorted(each.key.split("-")[0] for each in happenings(Initiative.objects.all())) == ["delay", "kept", "move"]
    workflow.move(initiative, "withdrawn", actor=officer, reason="Nie ma chętnych.")
    assert happenings(Initiative.objects.all()) == []


# --- The letter -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "weeks"),
    [(-7 * 24 * 60 - 1, [0, 0]), (-7 * 24 * 60, [1, 0]), (-1, [1, 0]), (0, [0, 1]), (60, [0, 1])],
)
def test_each_thing_is_told_in_exactly_one_week(minutes: int, weeks: list[int]) -> None:
    initiative = an_initiative()
    moved(initiative, LETTER + timedelta(minutes=minutes))
    a_subscription(initiative)
    told = []
    # The worker is late by other hours each week.
    for at in (LETTER + timedelta(hours=5), LETTER + timedelta(days=7, minutes=1)):
        before = len(letters())
        digest.book_due(at)
        digest.book_due(at + timedelta(minutes=5))
        told.append(len(letters()) - before)
    assert told == weeks


def test_everything_an_address_follows_comes_in_one_letter(any_time: None, mailoutbox: list[Any]) -> None:
    place, at = a_neighbourhood("Ugorek"), digest.goes_out_at(timezone.now())
    an_event(place, title="Wspólny spacer")
    first, second, quiet = (an_initiative(place, title=title) for title in ("Ławka rozmów", "Biblioteczka", "Cisza"))
    for initiative, when in ((first, at - timedelta(days=2)), (second, at - timedelta(days=1)), (quiet, at - timedelta(days=30))):
        moved(initiative, when)
    row = a_subscription(place)
    for initiative in (first, second, quiet):
        a_subscription(initiative, person=row.person)
    assert [digest.book_due(batch=2), digest.book_due(batch=2), digest.book_due()] == [2, 2, 0]
    deliver_all()
    (letter,) = mailoutbox
    for text in (letter.body, letter.alternatives[0][0]):
        assert "Wspólny spacer" in text
        assert "Cisza" not in text
    # Followed and new in the neighbourhood: said once, by itself.
    assert letter.body.upper().count("BIBLIOTECZKA") == 1
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    subscriptions.end_by_key(re.search(r"wypisz/([^/]+)/", letter.body)[1])
    assert not Subscription.objects.live().exists()


def test_what_is_not_public_any_more_is_not_told(any_time: None, mailoutbox: list[Any]) -> None:
    initiative, at = an_initiative(), digest.goes_out_at(timezone.now())
    moved(initiative, at - timedelta(days=1))
    a_subscription(initiative)
    digest.book_due()
    assert len(letters()) == 1
    Initiative.objects.update(status="withdrawn")
    deliver_all()
    assert mailoutbox == []
    Subscription.objects.update(last_week="")
    Message.objects.all().delete()
    assert (digest.book_due(), letters()) == (1, [])


def test_a_letter_of_ten_followed_asks_no_more_than_one_of_two(any_time: None) -> None:
    person, at = makers.a_person(), digest.goes_out_at(timezone.now())

    def queries(number: int) -> int:
        for _each in range(number):
            initiative = an_initiative()
            moved(initiative, at - timedelta(days=1))
            a_subscription(initiative, person=person)
        Message.objects.all().delete()
        Subscription.objects.update(last_week="")
        with CaptureQueriesContext(connection) as asked:
            digest.book_due()
            deliver_all()
        return len(asked)

    assert queries(2) == queries(8)


def at_once(job: Callable[[int], Any], count: int = 4) -> list[Any]:
    def run(number: int) -> Any:
        try:
            return job(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_book_one_letter_for_an_address(any_time: None) -> None:
    place, at = a_neighbourhood("Ugorek"), digest.goes_out_at(timezone.now())
    an_event(place)
    initiatives = [an_initiative(place) for _each in range(2)]
    for initiative in initiatives:
        moved(initiative, at - timedelta(days=1))
    for _reader in range(5):
        row = a_subscription(place)
        for initiative in initiatives:
            a_subscription(initiative, person=row.person)

    def work(_number: int) -> int:
        done = 0
        while step := digest.book_due(batch=2):
            done += step
        return done

    assert sum(at_once(work)) == 15
    assert len(letters()) == len(set(letters())) == 5


@pytest.mark.django_db(transaction=True)
def test_people_who_ask_and_end_at_once_have_one_row_each() -> None:
    a_consent_text("newsletter")
    subjects = [an_initiative(), a_neighbourhood("Ugorek"), an_initiative()]

    def click(number: int) -> None:
        for turn in range(3):
            subscriptions.ask(EMAIL, subjects if (number + turn) % 2 else subjects[::-1], language="pl")
            row = subscriptions.open_ones(EMAIL).first()
            try:
                if row is not None:
                    subscriptions.confirm(row.key) if number % 2 else subscriptions.end_by_key(row.key)
            except RuleBroken as refused:
                assert refused.code == "ended"  # noqa: PT017 - any other refusal is a failure

    at_once(click)
    live = subscriptions.standing_for(EMAIL)
    assert len(live) == len({row.scope for row in live})
    assert all(consents.holds(row.person, "newsletter", row.scope) for row in live)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("act", "heard"),
    [
        (lambda row: subscriptions.ask(EMAIL, [row.initiative], language="pl"), None),
        (lambda row: subscriptions.confirm(row.key), "ended"),
        (lambda row: subscriptions.end_by_key(row.key), []),
        (subscriptions.end, None),
    ],
    ids=["ask", "confirm", "end by key", "end"],
)  # fmt: skip
def test_who_acts_for_an_address_waits_and_sees_what_was_done_before(act: Callable[[Subscription], Any], heard: Any) -> None:
    a_consent_text("newsletter")
    row = a_subscription(an_initiative(), EMAIL)

    def run() -> Any:
        try:
            return act(row)
        except RuleBroken as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            subscriptions.end(row)
            later = other.submit(run)
            gives_up = monotonic() + 60
            while not somebody_waits():
                assert not later.done(), "nobody waited"
                assert monotonic() < gives_up, "somebody waits for something else"
        assert later.result(60) == heard
    assert Subscription.objects.filter(ended_at=None).count() == (1 if heard is None and act is not subscriptions.end else 0)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return cursor.fetchone()[0]


# --- Feeds ------------------------------------------------------------------------------------------------------------------


def feed(client: Client, path: str = ALL) -> ET.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not response.cookies
    return ET.fromstring(response.content)


def entries(root: ET.Element) -> list[tuple[str, str]]:
    return [(entry.findtext("a:id", "", ATOM), entry.findtext("a:title", "", ATOM)) for entry in root.findall("a:entry", ATOM)]


def test_feeds_are_atom_with_ids_that_stay(client: Client) -> None:
    initiative, other = an_open_initiative(title="Ławka <rozmów> & \x07"), an_initiative()
    own = reverse("initiative_atom", args=[initiative.slug])
    root = feed(client, own)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "pl"
    for name in ("id", "title", "updated"):
        assert root.findtext(f"a:{name}", "", ATOM)
    assert root.findtext("a:author/a:name", "", ATOM) == makers.the_project().title
    links = {link.get("rel"): link.get("href", "") for link in root.findall("a:link", ATOM)}
    assert links["self"].endswith(own)
    assert links["alternate"].endswith(initiative.get_absolute_url())
    ((number, title),) = entries(root)
    change = initiative.changes.get()
    assert re.fullmatch(rf"tag:[^,]+,\d{{4}}-\d\d-\d\d:move-{change.pk}", number)
    assert title.startswith("Ławka <rozmów> & :")
    Initiative.objects.filter(pk=initiative.pk).update(title="Inny tytuł", slug="inny-adres")
    assert [each[0] for each in entries(feed(client, reverse("initiative_atom", args=["inny-adres"])))] == [number]
    assert {each[0] for each in entries(feed(client))} == {
        number,
        *(each[0] for each in entries(feed(client, f"/inicjatywy/{other.slug}/atom.xml"))),
    }


def test_feeds_hold_only_what_is_public_and_text_stays_text(client: Client) -> None:
    officer, initiative = an_officer(), an_open_initiative()
    question = dialogue.ask(
        initiative, "Klikaj: <a href='https://x.example'>tu</a>\n\nDrugi akapit", user=makers.a_user(name="Ktoś Pytający")
    )
    an_initiative(status="idea", title="Tajny pomysł")
    assert len(entries(feed(client))) == 1
    dialogue.answer(question, "W maju.", by=Answer.By.OFFICE, actor=officer)
    body = client.get(ALL).content.decode()
    assert len(entries(feed(client))) == 3
    assert "&amp;lt;a href=" in body
    for unseen in ("Tajny", "Ktoś Pytający", officer.name):
        assert unseen not in body
    Initiative.objects.update(status="withdrawn")
    assert entries(feed(client)) == []
    assert client.get(reverse("initiative_atom", args=[initiative.slug])).status_code == 404


def test_an_unchanged_feed_is_304_and_a_change_is_not(client: Client) -> None:
    initiative = an_open_initiative()
    first = client.get(ALL)
    assert client.get(ALL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert Question.objects.count() == 0
    makers.a_question(initiative, shown=True)
    again = client.get(ALL, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    Initiative.objects.update(title="Nowy tytuł")
    assert client.get(ALL, headers={"If-None-Match": again.headers["ETag"]}).status_code == 200


def test_a_feed_of_many_asks_as_much_as_one_of_few(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            feed(client)
        return len(asked)

    an_initiative()
    few = queries()
    for _each in range(60):
        an_initiative()
    assert (queries(), len(entries(feed(client)))) == (few, 50)
    assert few <= 12
