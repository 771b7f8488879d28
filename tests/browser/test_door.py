"""Sixty people at the door on a phone of 360 pixels, and a network that comes and goes: no tick is lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.domain import attendance
from events.models import Event, HeadCount, Registration, Seat
from participants.models import AccessLog, User
from tests.browser.sending import send
from tests.makers import a_helper, a_neighbourhood, an_animator, an_event, signed_up

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]
MARKS = ("came", "came", "came", "excused", "absent")


@pytest.fixture(autouse=True)
def rows_have_large_numbers() -> None:
    """From 1,000 on a number may be printed with a gap, and a form that sends it back would name nothing."""
    with connection.cursor() as cursor:
        for table in ("seat", "registration", "event"):
            cursor.execute(f"ALTER SEQUENCE events_{table}_id_seq RESTART WITH 12345")


@pytest.fixture
def event() -> Event:
    """An hour ago, with sixty people."""
    event = an_event(a_neighbourhood("Ugorek"), in_days=7, title="Piknik na Ugorku")
    for number in range(10):
        signed_up(event, heads=6, at=timezone.now() - timedelta(days=number))
    starts_at = timezone.now() - timedelta(minutes=1)
    Event.objects.filter(pk=event.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    assert event.seats.filter(status="confirmed").count() == 60
    return event


@pytest.fixture
def animator() -> User:
    return an_animator(a_neighbourhood("Ugorek"))


def at_the_door(page: Page, event: Event) -> list[int]:
    """Opens the list; says the seats in the order of the page."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/panel/door/{event.pk}/")
    return page.evaluate("[...document.querySelectorAll('[data-seat]')].map((row) => Number(row.dataset.seat))")


def tick(page: Page, seat: int, what: str) -> None:
    """With the thumb: on the button, not on the input behind it."""
    page.locator(f"#seat-{seat} label:has(input[value='{what}'])").click()


def what_stands(event: Event) -> dict[int, str]:
    return dict(Seat.objects.filter(event=event).values_list("pk", "attendance"))


def kept_on_the_phone(page: Page) -> int:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('door:')).length")


def saved(page: Page) -> None:
    expect(page.locator("[data-status]")).to_have_text("Wszystko zapisane.", timeout=30_000)


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """The portal answers 503 to every tick, from then until told otherwise."""
    noted = attendance.mark

    def away(*_arguments: Any, **_how: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    return lambda is_away: monkeypatch.setattr(attendance, "mark", away if is_away else noted)


def test_sixty_people_and_the_network_cut_in_the_middle(
    page_for: Visitor, watch: Any, log_in: Any, event: Event, animator: User, database_away: Any, assert_accessible: Callable[..., None]
) -> None:
    for trouble in ("ERR_INTERNET_DISCONNECTED", "status of 503"):
        watch.expect(trouble)
    page = page_for(width=360)
    log_in(page, animator)
    seats = at_the_door(page, event)
    wanted = {seat: MARKS[number % len(MARKS)] for number, seat in enumerate(seats)}
    assert len(seats) == 60

    for seat in seats[:20]:
        tick(page, seat, wanted[seat])
    saved(page)

    page.context.set_offline(True)
    for seat in seats[20:40]:
        tick(page, seat, wanted[seat])
    expect(page.locator("[data-status]")).to_contain_text("Jeszcze niewysłane: 20.")
    expect(page.locator("[data-status]")).to_contain_text("Nie ma sieci")
    assert kept_on_the_phone(page) == 20

    # The network is back, the server is not; somebody closes the page and opens it again.
    database_away(True)
    page.context.set_offline(False)
    for seat in seats[40:50]:
        tick(page, seat, wanted[seat])
    expect(page.locator("[data-status]")).to_contain_text("nie odpowiada")
    page.reload()
    expect(page.locator("[data-status]")).to_contain_text("Jeszcze niewysłane: 30.")
    assert [page.locator(f"#seat-{seat} input:checked").input_value() for seat in seats[:50]] == [wanted[seat] for seat in seats[:50]]
    assert Seat.objects.filter(event=event, attendance="").count() == 40

    database_away(False)
    for seat in seats[50:]:
        tick(page, seat, wanted[seat])
    saved(page)

    assert what_stands(event) == wanted
    assert kept_on_the_phone(page) == 0
    expect(page.locator("[data-count=came]")).to_have_text(str(list(wanted.values()).count("came")))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert_accessible(page)


def test_no_name_is_kept_on_the_phone_and_leaving_early_is_asked_about(
    page_for: Visitor, watch: Any, log_in: Any, event: Event, animator: User
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page = page_for()
    log_in(page, animator)
    seats = at_the_door(page, event)
    page.context.set_offline(True)
    tick(page, seats[0], "came")
    keys, values = page.evaluate("[Object.keys(localStorage), Object.values(localStorage)]")
    assert keys == [f"door:{event.pk}:{animator.pk}:{seats[0]}"]
    assert re.fullmatch(r'\{"id":"[\d-]+","what":"came","at":"[\dT:.-]+Z"\}', values[0])
    assert page.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))")


def test_two_phones_converge_on_the_later_tick(page_for: Visitor, watch: Any, log_in: Any, event: Event, animator: User) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    first, second = page_for(), page_for()
    log_in(first, animator)
    log_in(second, a_helper(Event.objects.get(pk=event.pk)))
    seats = at_the_door(first, event)
    at_the_door(second, event)
    first.context.set_offline(True)
    tick(first, seats[0], "absent")
    tick(second, seats[0], "came")
    tick(second, seats[1], "came")
    saved(second)
    first.context.set_offline(False)
    saved(first)
    expect(first.locator(f"#seat-{seats[0]} input:checked")).to_have_value("came")
    expect(first.locator(f"#seat-{seats[1]} input:checked")).to_have_value("came")
    assert [what_stands(event)[seat] for seat in seats[:2]] == ["came", "came"]


def test_a_session_that_ends_keeps_the_ticks_until_somebody_signs_in_again(
    page_for: Visitor, watch: Any, log_in: Any, event: Event, animator: User
) -> None:
    page = page_for()
    log_in(page, animator)
    seats = at_the_door(page, event)
    page.context.clear_cookies()
    tick(page, seats[0], "came")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    watch.expect("status of 403")
    log_in(page, animator)
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    assert what_stands(event)[seats[0]] == "came"


def test_a_tick_the_rules_refuse_is_said_once_and_not_sent_for_ever(page_for: Visitor, log_in: Any, event: Event, animator: User) -> None:
    page = page_for()
    log_in(page, animator)
    seats = at_the_door(page, event)
    Seat.objects.filter(pk=seats[0]).update(status="cancelled")
    tick(page, seats[0], "came")
    expect(page.locator("[data-refused]")).to_contain_text(Seat.objects.get(pk=seats[0]).name)
    saved(page)
    assert kept_on_the_phone(page) == 0


def test_a_walk_in_keeps_the_name_in_the_form_until_it_is_written_down(
    page_for: Visitor, watch: Any, log_in: Any, event: Event, animator: User
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page = page_for()
    log_in(page, animator)
    at_the_door(page, event)
    page.context.set_offline(True)
    page.fill("#walk-in [name=name]", "Jan Kot")
    page.locator("#walk-in [type=submit]").click()
    expect(page.locator("[data-said]")).to_contain_text("Jeszcze nie zapisano")
    expect(page.locator("#walk-in [name=name]")).to_have_value("Jan Kot")
    page.context.set_offline(False)
    page.locator("#walk-in [type=submit]").click()
    expect(page.locator("[data-walk-in] legend")).to_contain_text("Jan Kot")
    expect(page.locator("[data-count=walk_ins]")).to_have_text("1")
    assert Registration.objects.filter(channel="walk_in").count() == 1
    # The new line is ticked like every other.
    tick(page, Seat.objects.get(name="Jan Kot").pk, "")
    expect(page.locator("[data-count=walk_ins]")).to_have_text("0")


def test_a_name_is_found_while_one_types_without_polish_letters(page_for: Visitor, log_in: Any, event: Event, animator: User) -> None:
    page = page_for()
    log_in(page, animator)
    seat = event.seats.first()
    Seat.objects.filter(pk=seat.pk).update(name="Łucja Żółkiewska")
    at_the_door(page, event)
    page.locator("#door-q").press_sequentially("zolk")
    expect(page.locator(".door-row:visible")).to_have_count(1)
    page.locator("#door-q").press_sequentially("xyz")
    expect(page.locator("[data-nobody]")).to_be_visible()


def test_the_plain_form_saves_sixty_people_at_once_and_undoes_nobodys_work(
    page_for: Visitor, log_in: Any, event: Event, animator: User
) -> None:
    page = page_for(javascript=False, width=360)
    log_in(page, animator)
    page.goto(f"/panel/door/{event.pk}/")
    seats = sorted(what_stands(event))
    Seat.objects.filter(pk=seats[-1]).update(attendance="excused", attendance_at=timezone.now())
    for number, seat in enumerate(seats[:-1]):
        tick(page, seat, MARKS[number % len(MARKS)])
    send(page.locator("form[data-door] [type=submit]"))
    expect(page.locator(".messagelist")).to_contain_text("Zapisano")
    assert what_stands(event) == {seat: MARKS[number % len(MARKS)] for number, seat in enumerate(seats[:-1])} | {seats[-1]: "excused"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_heads_are_counted_with_the_thumb(
    page_for: Visitor, log_in: Any, event: Event, animator: User, assert_accessible: Callable[..., None]
) -> None:
    page = page_for(width=360)
    log_in(page, animator)
    page.goto(f"/panel/door/{event.pk}/heads/")
    page.fill("[name='channel-festival']", "80")
    page.fill("[name='age-senior']", "81")
    send(page.locator(".door-heads [type=submit]"))
    expect(page.locator(".errorlist")).to_contain_text("81")
    page.fill("[name='age-senior']", "30")
    send(page.locator(".door-heads [type=submit]"))
    assert dict(HeadCount.objects.filter(dimension="age").values_list("value", "heads")) == {"senior": 30, "no_answer": 50}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert_accessible(page)


def test_a_helper_has_the_list_and_no_menu(page_for: Visitor, log_in: Any, event: Event, assert_accessible: Callable[..., None]) -> None:
    page = page_for(width=360)
    log_in(page, a_helper(Event.objects.get(pk=event.pk)))
    page.goto("/moje/")
    send(page.get_by_role("link", name="Piknik na Ugorku"))
    expect(page).to_have_url(re.compile(rf"/panel/door/{event.pk}/$"))
    expect(page.locator(".panel-menu")).to_have_count(0)
    assert_accessible(page)
    assert AccessLog.objects.get(action="read").detail == {"event": event.pk}
