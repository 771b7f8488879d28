"""The whole life of each kind of initiative, on a phone and without scripts, with everybody told exactly once for each step."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from participants.domain import messages
from participants.models import Message
from projects.models import CallMatter, GrantCall, Initiative
from tests.browser.sending import send
from tests.makers import (
    a_grant_call,
    a_neighbourhood,
    a_notice,
    a_person,
    an_animator,
    an_initiative,
    an_officer,
    an_organisation,
    ready,
    the_project,
    today,
)

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]
ANNA = "anna@example.org"


def deliver() -> None:
    while messages.deliver_due():
        pass


def press(page: Page, name: str) -> None:
    """The button in the main part of the page: the header has forms of its own."""
    send(page.locator("main, #content").get_by_role("button", name=re.compile(name)).first)


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"main [name='{name}'], #content [name='{name}']").first.fill(value)


class Told:
    """What was mailed to whom since the last look, by kind; nothing is booked twice."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def since(self) -> Counter[tuple[str, str]]:
        new = Message.objects.exclude(pk__in=self.seen)
        found = Counter(new.values_list("template", "recipient"))
        self.seen |= set(new.values_list("pk", flat=True))
        return found

    def moved_once(self, *recipients: str) -> None:
        assert self.since() == Counter({("initiative_moved", recipient): 1 for recipient in recipients})


def an_idea_is_given(page: Page, what: str) -> Initiative:
    page.goto("/")
    send(page.get_by_role("link", name="Opowiedz nam o swoim pomyśle").first)
    fill(page, what=what, who="Anna Przykładna", contact=ANNA)
    page.check("[name=where][value=ugorek]")
    press(page, "Wyślij pomysł")
    expect(page).to_have_url(re.compile(r"/moje/inicjatywy/"))
    made = Initiative.objects.latest("pk")
    expect(page.locator("main")).to_contain_text(made.reference_shown)
    return made


def move(page: Page, initiative: Initiative, to: str, reason: str = "") -> None:
    """A member of the team moves it in the panel."""
    page.goto(f"/panel/projects/initiative/{initiative.pk}/move/?to={to}")
    page.check(f"[name=to][value={to}]")
    if reason:
        fill(page, reason=reason)
    press(page, "Zmień stan")
    initiative.refresh_from_db()
    assert initiative.status == to, page.locator("#content").inner_text()


def choose_kind(page: Page, initiative: Initiative, kind: str) -> None:
    page.goto(f"/panel/projects/initiative/{initiative.pk}/change/")
    page.select_option("[name=kind]", kind)
    send(page.locator("[name=_save]"))
    initiative.refresh_from_db()
    assert initiative.kind == kind


def write_the_plan(page: Page, initiative: Initiative) -> None:
    """All five steps, as they follow each other."""
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/plan/potrzeba/")
    fill(page, need="Nie ma gdzie usiąść.", aim="Jest gdzie usiąść.")
    press(page, "następnego kroku")
    fill(page, actions="Skręcamy ławki.", timetable="W maju.", audience="Dla 40 osób.")
    press(page, "następnego kroku")
    fill(page, **{"koszty-0-what": "Deski", "koszty-0-grosze": "1 200,50"})
    press(page, "następnego kroku")
    page.select_option("[name=wklad-0-kind]", "work")
    fill(page, **{"wklad-0-what": "Malowanie", "wklad-0-minutes": "20"})
    press(page, "następnego kroku")
    fill(page, risks="Deszcz.", afterwards="Ławki zostają.")
    press(page, "strony inicjatywy")


def hand_in(page: Page, initiative: Initiative, state: str = "submitted") -> None:
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/")
    send(page.locator(f"form:has(input[name=to][value={state}]) button"))
    initiative.refresh_from_db()
    assert initiative.status == state, page.locator("main").inner_text()


def sign_and_name_the_ground(page: Page, initiative: Initiative) -> None:
    page.goto(f"/panel/projects/initiative/{initiative.pk}/agreement/")
    page.check("[name=signer][value=organisation]")
    page.select_option("[name=organisation]", label="Stowarzyszenie Patronackie")
    days = {"signed_on": today(), "starts_on": today(), "ends_on": today() + timedelta(days=30)}
    fill(page, number="W/1/2026", grosze="1 200", **{name: day.isoformat() for name, day in days.items()})
    press(page, "Zapisz")
    page.goto(f"/panel/projects/initiative/{initiative.pk}/ground/")
    fill(page, place="Trawnik", manager_name="SM Pokazowa", consented_on=today().isoformat(), reference="SM/12")
    page.select_option("[name=manager]", "co_operative")
    press(page, "Zapisz")


def promise_and_put_off(page: Page, initiative: Initiative) -> None:
    page.goto(f"/panel/projects/milestone/for/{initiative.pk}/")
    fill(page, what="Wylanie fundamentu", due_on=(today() + timedelta(days=3)).isoformat())
    page.locator("[name=owner][value=office]").check()
    send(page.locator("#content form [type=submit]").last)
    promised = initiative.milestones.get()
    # A week goes by, and nobody has poured anything.
    initiative.milestones.update(due_on=today() - timedelta(days=4))
    page.goto(f"/panel/projects/milestone/{promised.pk}/put-off/")
    fill(page, until=(today() + timedelta(days=14)).isoformat(), reason="Beton dojedzie po świętach.")
    send(page.locator("#content form [type=submit]").last)
    assert promised.delays.count() == 1, page.locator("#content").inner_text()


def report_and_end(page: Page, panel: Page, initiative: Initiative) -> None:
    """The work is over: hours are noted, the report handed in."""
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/godziny/")
    fill(page, people="4", minutes="12", what="Malowanie")
    send(page.locator("main form:has([name=minutes]) button[type=submit]").last)
    hand_in(page, initiative, "reporting")
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/sprawozdanie/co-sie-udalo/")
    fill(page, done="Stoją dwie ławki.", worked="Pogoda.", failed="Nic.")
    press(page, "następnego kroku")
    fill(page, face_to_face="40", at_events="0", online="100", in_print="0")
    press(page, "następnego kroku")
    press(page, "następnego kroku")
    fill(page, story="Najpierw był trawnik. Teraz siedzi na nim pół osiedla.")
    send(page.locator("main form:has([name=story]) button[type=submit]").last)
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/sprawozdanie/")
    press(page, "Złóż|Wyślij")
    assert initiative.report.handed_in_at, page.locator("main").inner_text()


def publish_the_story(panel: Page, initiative: Initiative) -> None:
    panel.goto(f"/panel/projects/initiative/{initiative.pk}/running/story/")
    send(panel.locator("#content form [type=submit]").last)
    initiative.report.refresh_from_db()
    assert initiative.report.story_published_at, panel.locator("#content").inner_text()


@pytest.fixture
def team(page_for: Visitor, log_in: Callable[[Page, Any], None]) -> dict[str, Page]:
    """The pages of the team, none with scripts; the project asks a mini-project to go through a call."""
    the_project()
    a_notice("initiative")
    an_organisation(name="Stowarzyszenie Patronackie")
    ugorek = a_neighbourhood("Ugorek")
    pages = {}
    for name, user in (("animator", an_animator(ugorek)), ("officer", an_officer())):
        pages[name] = page_for(javascript=False, width=1280)
        log_in(pages[name], user)
    return pages


def test_a_mini_project_from_the_idea_to_the_story(page_for: Visitor, team: dict[str, Page], mailoutbox: list[Any]) -> None:
    call, told = a_grant_call(title="Nabór wiosenny", places=1), Told()
    page, animator, officer = page_for(javascript=False), team["animator"], team["officer"]
    chosen = an_idea_is_given(page, "Ławki na Ugorku. Dwie, przy klubie.")
    assert told.since() == {("initiative_received", ANNA): 1}

    choose_kind(animator, chosen, "mini_project")
    move(animator, chosen, "plan")
    told.moved_once(ANNA)
    write_the_plan(page, chosen)
    assert told.since() == {}
    chosen.refresh_from_db()
    assert chosen.grant_call == call
    hand_in(page, chosen)
    told.moved_once(ANNA)

    move(officer, chosen, "returned", "Proszę dopisać, kto pomaluje ławki.")
    told.moved_once(ANNA)
    page.goto(f"/moje/inicjatywy/{chosen.own_key}/")
    expect(page.locator("main")).to_contain_text("kto pomaluje ławki")
    page.goto(f"/moje/inicjatywy/{chosen.own_key}/plan/dzialania/")
    fill(page, actions="Skręcamy ławki i malujemy je we czworo.")
    press(page, "strony inicjatywy")
    hand_in(page, chosen)
    told.moved_once(ANNA)

    other = ready(an_initiative(a_neighbourhood("Ugorek"), kind="mini_project", status="submitted", grant_call=call, title="Fontanna"))
    other.proposed_by = a_person(name="Jan Przykładny", email="jan@example.org")
    other.save()
    GrantCall.objects.filter(pk=call.pk).update(closes_at=timezone.now())
    the_results_are_published(officer, call, chosen, other)
    told.moved_once(ANNA, "jan@example.org")
    page.goto(f"/nabory/{call.slug}/")
    for words in ("Ławki na Ugorku", "Fontanna", "Za drogo jak na tę pulę", "nie jest decyzją administracyjną"):
        expect(page.locator("main")).to_contain_text(words)

    chosen.refresh_from_db()
    move(officer, chosen, "agreement")
    told.moved_once(ANNA)
    animator.goto(f"/panel/projects/initiative/{chosen.pk}/move/?to=running")
    expect(animator.locator("#content")).to_contain_text("czyj")
    sign_and_name_the_ground(animator, chosen)
    assert told.since() == {}
    move(animator, chosen, "running")
    told.moved_once(ANNA)

    promise_and_put_off(officer, chosen)
    assert told.since() == {("promise_put_off", ANNA): 1}
    page.goto(chosen.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Beton dojedzie po świętach.")

    report_and_end(page, animator, chosen)
    told.moved_once(ANNA)
    move(animator, chosen, "finished")
    told.moved_once(ANNA)
    publish_the_story(animator, chosen)
    page.goto(chosen.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Teraz siedzi na nim pół osiedla.")
    assert "Anna" not in page.locator("main").inner_text()

    deliver()
    # As many mails as were booked above, one by one.
    assert len(mailoutbox) == len(told.seen)
    assert not CallMatter.objects.exists()


def the_results_are_published(officer: Page, call: GrantCall, chosen: Initiative, other: Initiative) -> None:
    """Prepared, previewed, published in one step."""
    officer.goto(f"/panel/projects/grantcall/{call.pk}/results/")
    officer.check(f"[name=plan-{chosen.pk}-choice][value=yes]")
    officer.check(f"[name=plan-{other.pk}-choice][value=no]")
    fill(officer, **{f"plan-{chosen.pk}-grosze": "1 200", f"plan-{other.pk}-reasons": "Za drogo jak na tę pulę."})
    press(officer, "Zachowaj wyniki|Zapisz wyniki|Zachowaj")
    officer.goto(f"/panel/projects/grantcall/{call.pk}/preview/")
    expect(officer.locator("body")).to_contain_text("Za drogo jak na tę pulę.")
    officer.goto(f"/nabory/{call.slug}/")
    expect(officer.locator("main")).not_to_contain_text("Za drogo")
    officer.goto(f"/panel/projects/grantcall/{call.pk}/publish/")
    send(officer.locator("#content form [type=submit]").last)
    call.refresh_from_db()
    assert call.results_published_at, officer.locator("#content").inner_text()


def test_a_statutory_one_is_prepared_here_and_filed_at_the_office(page_for: Visitor, team: dict[str, Page]) -> None:
    told = Told()
    page, animator, officer = page_for(javascript=False), team["animator"], team["officer"]
    initiative = an_idea_is_given(page, "Ogród społeczny. Na skwerze przy Fiołkowej.")
    told.since()
    choose_kind(animator, initiative, "statutory")
    move(animator, initiative, "plan")
    told.moved_once(ANNA)
    write_the_plan(page, initiative)
    page.goto(f"/moje/inicjatywy/{initiative.own_key}/")
    expect(page.locator("main")).to_contain_text("papierze")
    assert page.request.get(f"/moje/inicjatywy/{initiative.own_key}/wniosek.pdf").headers["content-type"] == "application/pdf"
    assert page.locator("form:has(input[name=to][value=submitted])").count() == 0

    course_at_the_office(animator, initiative, filed_on=today().isoformat(), filed_mark="PS-02.5.2026")
    hand_in(page, initiative)
    told.moved_once(ANNA)
    course_at_the_office(officer, initiative, decided_on=today().isoformat(), outcome="Wniosek uwzględniono.")
    move(officer, initiative, "accepted")
    told.moved_once(ANNA)
    move(officer, initiative, "agreement")
    told.moved_once(ANNA)
    sign_and_name_the_ground(animator, initiative)
    move(animator, initiative, "running")
    told.moved_once(ANNA)
    report_and_end(page, animator, initiative)
    told.moved_once(ANNA)
    course_at_the_office(officer, initiative, settled_on=today().isoformat())
    move(animator, initiative, "partly_finished", "Grządki są, altanki jeszcze nie ma.")
    told.moved_once(ANNA)
    page.goto(initiative.get_absolute_url())
    expect(page.locator("main")).to_contain_text("częściowo")


def course_at_the_office(panel: Page, initiative: Initiative, **fields: str) -> None:
    panel.goto(f"/panel/projects/initiative/{initiative.pk}/filing/")
    fill(panel, **fields)
    press(panel, "Zapisz")
    expect(panel).to_have_url(re.compile(r"/change/"))


def test_a_grassroots_one_needs_nobody_and_a_refused_one_hears_why(page_for: Visitor, team: dict[str, Page]) -> None:
    told = Told()
    page, animator, officer = page_for(javascript=False), team["animator"], team["officer"]
    initiative = an_idea_is_given(page, "Podwórkowe kino. W piątki, na ścianie garażu.")
    told.since()
    move(animator, initiative, "running")
    told.moved_once(ANNA)
    page.goto(initiative.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Podwórkowe kino")
    move(animator, initiative, "finished")
    told.moved_once(ANNA)

    other = an_idea_is_given(page, "Lotnisko na skwerze.")
    told.since()
    move(officer, other, "not_chosen", "Skwer jest za mały na pas.")
    told.moved_once(ANNA)
    page.goto(f"/moje/inicjatywy/{other.own_key}/")
    expect(page.locator("main")).to_contain_text("Skwer jest za mały na pas.")
    expect(page.locator("main")).to_contain_text("nie jest decyzją administracyjną")
