"""A survey filled in on a phone without scripts; papers typed in by the keyboard alone; nothing for axe to find."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from events.domain import questionnaires
from events.models import Moment, Series
from tests.browser.sending import send, strike
from tests.makers import a_module, a_neighbourhood, a_sheet, a_survey, an_animator, an_event, came_to, the_project

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]


@pytest.fixture
def survey() -> Any:
    pattern = questionnaires.publish(questionnaires.start_from("event", the_project()))
    return a_survey(an_event(a_neighbourhood("Ugorek"), in_days=-2), questionnaire=pattern)


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_survey_is_filled_in_on_a_phone_without_scripts(page_for: Visitor, assert_accessible: Callable[..., None], survey: Any) -> None:
    page, seen = page_for(javascript=False, width=360), page_for(width=360)
    page.goto(survey.get_absolute_url())
    # axe needs scripts of its own: it looks at the same page in another window.
    seen.goto(survey.get_absolute_url())
    assert_accessible(seen)
    assert fits(page)
    targets = page.locator(".form-check").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")
    assert min(targets) >= 44

    page.locator("[name=q1][value='4']").check()
    page.locator("[name=q4]").nth(1).check()
    page.locator("[name=q6]").evaluate("field => field.removeAttribute('maxlength')")
    page.fill("[name=q6]", "x" * 501)
    send(page.get_by_role("button", name="Wyślij odpowiedzi"))
    # Too long: what was chosen and typed is still there.
    expect(page.locator("[name=q1][value='4']")).to_be_checked()
    expect(page.locator("[name=q6]")).to_have_value("x" * 501)

    page.fill("[name=q6]", "Więcej czasu na rozmowę.")
    send(page.get_by_role("button", name="Wyślij odpowiedzi"))
    expect(page).to_have_url(re.compile("/dziekujemy/$"))
    seen.goto(page.url)
    assert_accessible(seen)
    assert survey.sheets.get().answers == {"1": 4, "4": [2], "6": "Więcej czasu na rozmowę."}


def test_pressing_the_button_twice_makes_one_sheet(page_for: Visitor, survey: Any) -> None:
    page = page_for(javascript=False)
    page.goto(survey.get_absolute_url())
    sent = {name: page.locator(f"form.form-sheet [name={name}]").input_value() for name in ("key", "csrfmiddlewaretoken")}
    page.locator("[name=q1][value='5']").check()
    send(page.get_by_role("button", name="Wyślij odpowiedzi"))
    expect(page).to_have_url(re.compile("/dziekujemy/$"))

    again = page.request.post(survey.get_absolute_url(), form={**sent, "q1": "5"})
    assert again.url.endswith("/dziekujemy/")
    assert survey.sheets.count() == 1


def test_a_paper_is_typed_in_by_the_keyboard_alone(page_for: Visitor, log_in: Callable[..., None], assert_accessible: Callable[..., None],
                                                   survey: Any) -> None:  # fmt: skip
    page = page_for(width=1280)
    log_in(page, an_animator(a_neighbourhood("Ugorek")))
    page.goto(f"/panel/events/survey/{survey.pk}/enter/")
    assert_accessible(page)
    for key in ("4", "Tab", "5", "Tab", "2", "Tab", "1", "3"):
        page.keyboard.press(key)
    strike(page)
    expect(page.locator("#content")).to_contain_text("dotąd 1 arkusz")
    page.keyboard.press("3")
    strike(page)
    expect(page.locator("#content")).to_contain_text("dotąd 2 arkusze")

    assert sorted((sheet.answers for sheet in survey.sheets.all()), key=len) == [{"1": 3}, {"1": 4, "2": 5, "3": 2, "4": [1, 3]}]


def test_pages_of_the_journey_and_of_surveys(page_for: Visitor, log_in: Callable[..., None], assert_accessible: Callable[..., None],
                                             survey: Any) -> None:  # fmt: skip
    ugorek, project = a_neighbourhood("Ugorek"), the_project()
    project.certificate_threshold = 50
    project.save()
    came_to(an_event(ugorek, module=a_module(project), in_days=-3))
    series = Series.objects.create(project=project, title="Cykl")
    an_event(ugorek, series=series, in_days=-2)
    ends = [
        a_survey(series, moment, pairing=True, questionnaire=questionnaires.publish(questionnaires.start_from(moment, project)))
        for moment in (Moment.BEFORE, Moment.AFTER)
    ]
    for number in range(5):
        a_sheet(survey, {1: 4, 2: 3, 3: 1, 4: [1, 2], 6: "Było miło."})
        for end in ends:
            a_sheet(end, {1: 2, 2: 3}, pair=("ma", str(number + 1)))
    page = page_for(width=360)
    log_in(page, an_animator(ugorek))
    for address in (
        f"/panel/events/certificate/journey/{project.pk}/", "/panel/events/certificate/", f"/panel/events/event/{survey.event.pk}/surveys/",
        f"/panel/events/survey/{survey.pk}/change/", f"/panel/events/survey/{survey.pk}/results/",
        f"/panel/events/survey/{ends[1].pk}/results/",
        f"/panel/events/survey/{survey.pk}/paper/", "/moje/nauka/", "/zaswiadczenia/", ends[0].get_absolute_url(),
    ):  # fmt: skip
        assert page.goto(address).status == 200, address
        assert_accessible(page)
        assert fits(page), f"{address} scrolls sideways"
