"""The application and the case sheet: what they say, read back from the files."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from projects import papers
from projects.domain import workflow
from projects.models import Initiative, Plan
from projects.views import own_initiatives
from tests import poppler
from tests.makers import a_neighbourhood, a_person, an_animator, an_initiative, an_officer, ready

pytestmark = pytest.mark.django_db


def test_the_application_says_the_plan_and_leaves_room_to_sign() -> None:
    initiative = ready(an_initiative(kind="statutory", status="plan", title="Ławki na Ugorku"))
    Plan.objects.filter(initiative=initiative).update(need="Nie ma gdzie usiąść.", timetable="W maju.")
    text = poppler.text(papers.application(initiative))
    for said in ("Ławki na Ugorku", "Nie ma gdzie usiąść.", "Farby", "100", "Malowanie", "10 godz.", "Lista poparcia", "Podpis"):
        assert said in text.replace("\N{NO-BREAK SPACE}", " "), said


def test_a_mini_project_has_no_list_of_support() -> None:
    assert "Lista poparcia" not in poppler.text(papers.application(ready(an_initiative(kind="mini_project", status="plan"))))


def test_the_case_sheet_says_who_when_and_why_and_no_contacts() -> None:
    officer, author = an_officer(), a_person(email="autorka@example.org", phone="+48600100200")
    initiative = ready(an_initiative(kind="mini_project", status="submitted", proposed_by=author, case_mark="RM-02.7.2026"))
    last = timezone.localdate() + timedelta(days=7)
    workflow.move(initiative, "returned", actor=officer, reason="Kto podlewa?", complete_by=last)
    initiative.milestones.create(what="Wylanie fundamentu", owner="office", due_on=timezone.localdate())
    text = poppler.text(papers.case_sheet(Initiative.objects.get(pk=initiative.pk)))
    for said in ("RM-02.7.2026", initiative.reference, "Kto podlewa?", officer.name, "W/1", "ZZ.1", "PS.1", "Wylanie fundamentu"):
        assert said in text, said
    assert "autorka@" not in text
    assert "600" not in text


@pytest.mark.parametrize("status", list(Initiative.Status))
def test_both_are_set_for_every_kind_and_state(status: str) -> None:
    for kind in Initiative.Kind:
        initiative = an_initiative(kind=kind, status=status, title="Bardzo długi tytuł " * 10, summary="")
        assert papers.application(initiative).startswith(b"%PDF")
        assert papers.case_sheet(initiative).startswith(b"%PDF")


def test_who_may_have_them(client: Client) -> None:
    theirs = an_initiative(a_neighbourhood("Azory"), kind="mini_project", status="plan")
    assert client.get(f"/moje/inicjatywy/{theirs.own_key}/wniosek.pdf").headers["Content-Type"] == "application/pdf"
    assert client.get("/moje/inicjatywy/zgadywanka/wniosek.pdf").status_code == 404
    client.force_login(an_animator(a_neighbourhood("Ugorek")))
    for paper in ("application", "case-sheet"):
        assert client.get(f"/panel/projects/initiative/{theirs.pk}/{paper}.pdf").status_code == 404
    client.force_login(an_animator(a_neighbourhood("Azory")))
    for paper in ("application", "case-sheet"):
        assert client.get(f"/panel/projects/initiative/{theirs.pk}/{paper}.pdf").status_code == 200


def test_whoever_holds_a_key_does_not_have_the_paper_set_all_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_initiatives, "PAPERS_PER_KEY", 2)
    monkeypatch.setattr(papers, "application", lambda initiative: b"%PDF")
    mine, other = an_initiative(kind="mini_project", status="plan"), an_initiative(kind="mini_project", status="plan")
    page = f"/moje/inicjatywy/{mine.own_key}/wniosek.pdf"
    assert [client.get(page).status_code for _each in range(3)] == [200, 200, 429]
    assert client.get(f"/moje/inicjatywy/{other.own_key}/wniosek.pdf").status_code == 200
