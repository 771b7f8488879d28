"""The closing card on a phone, with the keyboard only: from the event's page to the story everybody reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import FileChooser, Page, expect

from events.domain import closing
from events.models import Agreement, EventClosing
from tests.browser.sending import strike
from tests.makers import a_neighbourhood, a_picture, an_animator, an_event, some_news

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]


@pytest.fixture(autouse=True)
def rows_have_large_numbers() -> None:
    """From 1,000 on a number may be printed with a gap, and a form that sends it back would name nothing."""
    with connection.cursor() as cursor:
        for table in ("events_event", "content_photo"):
            cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH 12345")


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab till the element has the focus, which must be seen."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, f"[name='{name}']")
    page.keyboard.type(text)


def choose_file(page: Page, name: str, path: Path) -> None:
    """Space opens the chooser. A busy machine's browser drops a press now and then, as it would a person's: press again."""
    tab_to(page, f"[name='{name}']")
    choosers: list[FileChooser] = []

    def opened(chooser: FileChooser) -> None:
        choosers.append(chooser)

    page.on("filechooser", opened)
    for _try in range(10):
        page.keyboard.press("Space")
        page.wait_for_timeout(500)
        if choosers:
            break
    choosers[0].set_files(path)
    page.remove_listener("filechooser", opened)


def test_an_event_is_closed_with_the_keyboard_only(
    page_for: Visitor, log_in: Callable[..., None], assert_accessible: Callable[..., None], javascript: bool, tmp_path: Path
) -> None:
    place = a_neighbourhood("Ugorek")
    animator = an_animator(place)
    event = an_event(place, in_days=-1, title="Sadzenie krzewów")
    good, bad = tmp_path / "dobre.jpg", tmp_path / "zle.jpg"
    good.write_bytes(a_picture((900, 600)).read())
    bad.write_bytes(b"MZ" + bytes(300))
    page = page_for(javascript=javascript, width=360)
    log_in(page, animator)
    page.goto(reverse("admin:events_event_change", args=[event.pk]))
    tab_to(page, "a[href$='/close/']")
    strike(page)
    expect(page).to_have_url(f"{page.url.partition('/events/')[0]}/events/event/{event.pk}/close/")
    if javascript:
        assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    type_into(page, "heads", "42")
    type_into(page, "volunteer_minutes", "7,5")
    type_into(page, "cost_grosze", "120,50")
    for name, text in (("what_happened", "Posadziliśmy 40 krzewów."), ("who_came", "Sąsiedzi z trzech bloków."), ("best", "Herbata."),
                       ("next_step", "Podlewamy."), ("differently", "Mniej łopat.")):  # fmt: skip
        type_into(page, name, text)
    tab_to(page, "[name='is_story_public']")
    type_into(page, "agreed", "Miasto postawi ławkę.")
    type_into(page, "owner_name", "Zarząd Zieleni")
    tab_to(page, "[name='follow_up_on']")
    # The order of day and month is the browser’s own, so the date reads the same both ways.
    page.keyboard.type("12122026")
    choose_file(page, "first-picture", good)
    type_into(page, "first-alt", "Sąsiedzi z łopatami przy bloku.")
    choose_file(page, "second-picture", bad)
    type_into(page, "second-alt", "Plik, który nie jest zdjęciem.")
    tab_to(page, "button.default")
    strike(page)

    # The second file is no picture: what was typed and the good photo are still there.
    expect(page.locator("[role=alert]")).to_be_visible()
    assert not EventClosing.objects.exists()
    expect(page.locator("[name=heads]")).to_have_value("42")
    expect(page.locator("[name=photos]")).to_be_checked()
    if javascript:
        assert_accessible(page)
    tab_to(page, "[name='second-alt']")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    tab_to(page, "button.default")
    strike(page)
    expect(page.locator(".messagelist")).to_be_visible()

    said = EventClosing.objects.get()
    assert (said.heads, said.volunteer_minutes, said.cost_grosze, said.is_story_public) == (42, 450, 12_050, True)
    assert said.story == ["Posadziliśmy 40 krzewów.", "Sąsiedzi z trzech bloków.", "Herbata.", "Podlewamy."]
    assert [photo.alt_pl for photo in closing.shown_photos(said)] == ["Sąsiedzi z łopatami przy bloku."]
    assert [(row.agreed, row.who, row.follow_up_on.isoformat()) for row in Agreement.objects.all()] == [
        ("Miasto postawi ławkę.", "Zarząd Zieleni", "2026-12-12"),
    ]  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.goto(event.get_absolute_url())
    expect(page.get_by_text("Posadziliśmy 40 krzewów.")).to_be_visible()
    picture = page.get_by_role("img", name="Sąsiedzi z łopatami przy bloku.")
    picture.scroll_into_view_if_needed()
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if javascript:
        assert_accessible(page)


def test_pages_of_news_and_photos(page: Page, log_in: Callable[..., None], assert_accessible: Callable[..., None]) -> None:
    place = a_neighbourhood("Ugorek")
    animator, event, news = an_animator(place), an_event(place, in_days=-1), some_news(place)
    closed = closing.close(event, closing.Account(sentences={"what_happened": "Sadziliśmy."}))
    draft = closing.make_news(closed, actor=animator)
    log_in(page, animator)
    panel: list[Any] = [
        reverse(f"admin:content_news_{view}", args=args)
        for view, args in (("changelist", []), ("add", []), ("change", [draft.pk]), ("preview", [draft.pk]), ("publish", [draft.pk]))
    ]
    for address in [
        "/aktualnosci/", "/aktualnosci/?neighbourhood=ugorek", news.get_absolute_url(), f"{news.get_absolute_url()}wersje/1/",
        *panel, reverse("admin:content_photo_changelist"), reverse("admin:content_photo_add"),
        reverse("admin:events_event_close", args=[event.pk]),
    ]:  # fmt: skip
        assert page.goto(address).status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{address} scrolls sideways"
        assert_accessible(page)
