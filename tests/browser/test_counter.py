"""The counter on a phone, with the keyboard alone: how many keystrokes a sign-up costs besides the name and the number."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from events.models import Event, Registration
from participants.models import Person
from tests.makers import a_neighbourhood, a_notice, a_person, an_animator, an_event, signed_up

pytestmark = pytest.mark.django_db(transaction=True)

# More than this, and the queue at the table grows.
MOST_KEYSTROKES = 40


@pytest.fixture
def event() -> Event:
    a_notice("phone", body="Administratorem danych jest gmina.")
    return an_event(a_neighbourhood("Ugorek"), in_days=1, title="Warsztaty na podwórku", capacity=12)


@pytest.fixture
def known(event: Event) -> Person:
    person = a_person(name="Maria Żółć", phone="+48600100200", email="")
    signed_up(an_event(a_neighbourhood("Ugorek"), in_days=3, title="Spacer badawczy"), person)
    return person


class Keys:
    """The keyboard, which counts what is struck besides the letters of a name and the digits of a number."""

    def __init__(self, page: Page) -> None:
        self.page, self.struck = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.struck += 1

    def reach(self, what: str) -> None:
        """Tab until the element has the focus."""
        for _turn in range(MOST_KEYSTROKES):
            if self.page.evaluate("what => document.activeElement?.matches(what) ?? false", what):
                return
            self.press("Tab")
        pytest.fail(f"{what} is out of reach", pytrace=False)


@pytest.fixture
def counter(page_for: Callable[..., Page], log_in: Callable[[Page, Any], None], event: Event) -> Callable[..., Page]:
    """The counter as the animator opens it."""

    def opened(*, javascript: bool = True) -> Page:
        page = page_for(javascript=javascript)
        log_in(page, an_animator(a_neighbourhood("Ugorek")))
        page.goto("/panel/counter/")
        return page

    return opened


def finish(keys: Keys) -> None:
    """From the notice to the slip, and back to an empty counter."""
    page = keys.page
    keys.reach("[name=notice_read]")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_url("**/slip/**")
    expect(page.locator(".panel-code-large")).to_be_visible()
    keys.reach("a[href*='/panel/counter/']:not(nav a)")
    keys.press("Enter")
    page.wait_for_url("**/panel/counter/?event=*")
    expect(page.locator("[name=name]")).to_be_focused()
    expect(page.locator("[name=name]")).to_have_value("")


def test_a_new_person_costs_few_keystrokes(counter: Callable[..., Page], event: Event, assert_accessible: Callable[..., None]) -> None:
    page = counter()
    keys = Keys(page)
    assert_accessible(page)
    keys.reach("[name=name]")
    page.keyboard.type("Stanisława Ząbek")
    keys.press("Tab")
    page.keyboard.type("126165555")
    finish(keys)

    assert Registration.objects.get(event=event).contact == "+48126165555"
    assert keys.struck <= MOST_KEYSTROKES


def test_somebody_known_is_suggested_while_typing_and_chosen_with_the_keyboard(
    counter: Callable[..., Page], event: Event, known: Person, assert_accessible: Callable[..., None]
) -> None:
    page = counter()
    keys = Keys(page)
    keys.reach("[name=name]")
    page.keyboard.type("Zolc")
    expect(page.locator("[data-faces] [type=radio]").first).to_be_visible()
    expect(page.locator("[data-faces-said]")).to_have_text("1 znana osoba jest podobna")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    keys.press("Tab")
    # Asked once more after the last digit: nobody is chosen from a list that is about to be replaced.
    page.evaluate("document.querySelector('[data-faces]').firstElementChild.dataset.before = ''")
    page.keyboard.type("600100200")
    expect(page.locator("[data-before]")).to_have_count(0)
    keys.reach("[name=who]")
    keys.press("Space")
    expect(page.locator(f"[name=who][value='{known.pk}']")).to_be_checked()
    finish(keys)

    assert Registration.objects.get(event=event).person == known
    assert keys.struck <= MOST_KEYSTROKES


def test_without_scripts_the_first_sending_asks_who_it_is(
    counter: Callable[..., Page], event: Event, known: Person, assert_accessible: Callable[..., None]
) -> None:
    page = counter(javascript=False)
    keys = Keys(page)
    keys.reach("[name=name]")
    page.keyboard.type("Maria Zolc")
    keys.reach("[name=notice_read]")
    keys.press("Space")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Maria Zolc")
    assert not Registration.objects.filter(event=event).exists()
    keys.reach("[name=who]")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_url("**/slip/**")

    assert Registration.objects.get(event=event).person == known
    assert keys.struck <= MOST_KEYSTROKES
