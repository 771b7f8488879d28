"""The page of those behind an initiative: opened by its key alone, the plan in steps that keep what was typed, handing in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from participants.domain import messages
from projects.domain import grant_calls, plans, workflow
from projects.domain.telling import MEANING
from projects.models import BudgetLine, CallMatter, Filing, Initiative, Plan
from tests.makers import a_grant_call, a_person, an_initiative, an_officer, ready, the_project

pytestmark = pytest.mark.django_db


def pl(text: str) -> str:
    with translation.override("pl"):
        return translation.gettext(text)


def url(initiative: Initiative, step: str = "") -> str:
    return f"/moje/inicjatywy/{initiative.own_key}/" + (f"plan/{step}/" if step else "")


def a_plan(**fields: Any) -> Initiative:
    return an_initiative(**{"kind": "mini_project", "status": "plan", "proposed_by": a_person(), **fields})


def lines(*rows: dict[str, Any], step: str = "koszty", stored: int = 0) -> dict[str, Any]:
    sent = {f"{step}-TOTAL_FORMS": len(rows), f"{step}-INITIAL_FORMS": stored}
    return sent | {f"{step}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}


def test_a_wrong_key_is_not_found(client: Client) -> None:
    initiative = a_plan()
    assert client.get("/moje/inicjatywy/zgadywanka/").status_code == 404
    assert client.get(f"/moje/inicjatywy/{initiative.pk}/").status_code == 404
    assert client.get(url(initiative)).status_code == 200


@pytest.mark.parametrize("status", list(Initiative.Status))
def test_its_page_opens_in_every_state(client: Client, status: str) -> None:
    for kind in Initiative.Kind:
        page = client.get(url(ready(an_initiative(kind=kind, status=status))))
        assert page.status_code == 200
        assert "noindex" in page.content.decode()


def test_the_texts_of_a_step_are_kept_and_the_next_one_opens(client: Client) -> None:
    initiative = a_plan()
    answer = client.post(url(initiative, "potrzeba"), {"need": "Nie ma gdzie usiąść.", "aim": "", "then": "next"})
    assert answer.headers["Location"] == url(initiative, "dzialania")
    client.post(url(initiative, "dzialania"), {"actions": "Skręcamy.", "timetable": "W maju.", "audience": "Dla 40 osób.", "then": "page"})
    plan = Plan.objects.get()
    assert (plan.need, plan.aim, plan.actions, plan.audience) == ("Nie ma gdzie usiąść.", "", "Skręcamy.", "Dla 40 osób.")


def test_lines_are_kept_changed_and_taken_off(client: Client) -> None:
    initiative = a_plan()
    rows = [{"what": "Deski", "grosze": "1 200,50"}, {"what": "Farba", "grosze": "80"}, {"what": "", "grosze": ""}]
    answer = client.post(url(initiative, "koszty"), {**lines(*rows), "then": "more"})
    assert answer.headers["Location"] == url(initiative, "koszty")
    assert [(line.what, line.grosze) for line in initiative.budget.all()] == [("Deski", 120_050), ("Farba", 8_000)]

    first, second = initiative.budget.all()
    changed = [
        {"id": first.pk, "what": "Deski sosnowe", "grosze": "1200,50"},
        {"id": second.pk, "what": "Farba", "grosze": "80", "DELETE": "on"},
    ]
    client.post(url(initiative, "koszty"), lines(*changed, stored=2))
    assert [(line.what, line.grosze) for line in initiative.budget.all()] == [("Deski sosnowe", 120_050)]


def test_what_is_wrong_in_a_line_keeps_all_that_was_typed(client: Client) -> None:
    initiative = a_plan()
    answer = client.post(url(initiative, "koszty"), lines({"what": "Deski", "grosze": "dużo"}, {"what": "", "grosze": "80"}))
    page = answer.content.decode()
    assert (answer.status_code, initiative.budget.count()) == (200, 0)
    assert 'value="dużo"' in page
    assert 'value="80"' in page


def test_lines_of_another_initiative_are_out_of_reach(client: Client) -> None:
    ours, theirs = a_plan(), a_plan()
    line = theirs.budget.create(what="Cudze", grosze=100)
    client.post(url(ours, "koszty"), lines({"id": line.pk, "what": "Nasze", "grosze": "9"}, stored=1))
    line.refresh_from_db()
    assert (line.what, line.initiative) == ("Cudze", theirs)


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"kind": "work", "what": "Malowanie", "minutes": "2,5"}, ("work", 150, None)),
        ({"kind": "things", "what": "Pędzle", "grosze": "30"}, ("things", None, 3000)),
        ({"kind": "money", "what": "Zrzutka", "grosze": "99,99", "minutes": "3"}, ("money", None, 9999)),
        ({"kind": "work", "what": "Malowanie", "grosze": "30"}, None),
        ({"kind": "things", "what": "Pędzle", "minutes": "30"}, None),
        ({"kind": "work", "what": "Malowanie", "minutes": "-1"}, None),
    ],
)
def test_own_contribution_is_hours_or_money(client: Client, row: dict[str, str], kept: tuple[Any, ...] | None) -> None:
    initiative = a_plan()
    client.post(url(initiative, "wklad"), lines(row, step="wklad"))
    found = [(each.kind, each.minutes, each.grosze) for each in initiative.contributions.all()]
    assert found == ([kept] if kept else [])


def test_a_plan_adds_up() -> None:
    project = the_project()
    project.volunteer_hour_grosze = 3_000
    project.save()
    initiative = a_plan(project=project)
    initiative.budget.create(what="Deski", grosze=50_000)
    for kind, minutes, grosze in (("work", 90, None), ("work", 30, None), ("things", None, 700), ("money", None, 300)):
        initiative.contributions.create(kind=kind, what="x", minutes=minutes, grosze=grosze)
    totals = plans.totals(initiative)
    assert (totals.asked, totals.minutes, totals.work_grosze, totals.own) == (50_000, 120, 6_000, 7_000)


@pytest.mark.parametrize("status", ["idea", "submitted", "accepted", "running", "finished"])
def test_a_plan_is_written_only_while_it_is_one(client: Client, status: str) -> None:
    initiative = a_plan(status=status)
    answer = client.post(url(initiative, "potrzeba"), {"need": "Teraz!", "aim": "x"})
    assert (answer.status_code, Plan.objects.count()) == (409, 0)
    assert "Teraz!" in answer.content.decode()
    assert client.post(url(initiative, "koszty"), lines({"what": "Deski", "grosze": "5"})).status_code == 409
    assert initiative.budget.count() == 0


def test_handing_in_by_the_key_alone(client: Client) -> None:
    initiative = ready(a_plan(grant_call=a_grant_call()))
    assert client.post(url(initiative), {"to": "submitted"}).status_code == 302
    initiative.refresh_from_db()
    assert initiative.status == "submitted"
    assert initiative.changes.last().actor is None


def test_what_is_missing_is_said_before_and_refused_after(client: Client) -> None:
    initiative = a_plan()
    assert "co najmniej jedną pozycję" in client.get(url(initiative)).content.decode()
    answer = client.post(url(initiative), {"to": "submitted"})
    assert answer.status_code == 409
    initiative.refresh_from_db()
    assert initiative.status == "plan"


@pytest.mark.parametrize("to", ["accepted", "running", "not_chosen", "nonsense", ""])
def test_what_authors_may_not_do_is_refused(client: Client, to: str) -> None:
    initiative = ready(a_plan(status="submitted"))
    assert client.post(url(initiative), {"to": to, "reason": "bo tak"}).status_code == 409
    initiative.refresh_from_db()
    assert initiative.status == "submitted"


def test_withdrawing_needs_a_reason_and_keeps_what_was_typed(client: Client) -> None:
    initiative = a_plan()
    assert client.post(url(initiative), {"to": "withdrawn", "reason": " "}).status_code == 409
    assert client.post(url(initiative), {"to": "withdrawn", "reason": "Wyprowadzam się."}).status_code == 302
    assert initiative.changes.last().reason == "Wyprowadzam się."


def test_looking_changes_nothing(client: Client) -> None:
    initiative = ready(a_plan())
    client.get(url(initiative) + "?to=submitted")
    initiative.refresh_from_db()
    assert initiative.status == "plan"


def test_the_page_takes_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    initiative = ready(a_plan())
    for number in range(30):
        initiative.budget.create(what=f"Rzecz {number}", grosze=100)
    with django_assert_max_num_queries(12):
        client.get(url(initiative))


def test_a_form_pressed_twice_adds_its_lines_once_and_two_alike_are_two(client: Client) -> None:
    initiative = a_plan()
    rows = lines({"what": "Deski", "grosze": "10"}, {"what": "Deski", "grosze": "10"})
    for _twice in range(2):
        client.post(url(initiative, "koszty"), rows)
    assert initiative.budget.count() == 2


def test_there_is_an_end_to_lines(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projects.domain.plans.MOST_LINES", 1)
    initiative = a_plan()
    assert client.post(url(initiative, "koszty"), lines({"what": "A", "grosze": "1"}, {"what": "B", "grosze": "2"})).status_code == 409
    assert initiative.budget.count() == 0


def test_wrong_lines_are_named_at_the_top_and_lead_to_their_fields(client: Client) -> None:
    answer = client.post(url(a_plan(), "koszty"), lines({"what": "Deski", "grosze": "0 zł"}, {"what": "", "grosze": "dużo"}))
    page = answer.content.decode()
    summary = page[page.index("error-summary") : page.index("<form", page.index("error-summary"))]
    for target in ("#id_koszty-0-grosze", "#id_koszty-1-what", "#id_koszty-1-grosze"):
        assert f'href="{target}"' in summary
    assert f"{pl('Line %(number)s') % {'number': 2}}, " in summary
    assert pl("Write more than zero.") in summary
    assert pl("Write a number, for example 12 or 12,50.") in summary


def test_only_lines_that_stand_can_be_taken_off(client: Client) -> None:
    initiative = a_plan()
    BudgetLine.objects.create(initiative=initiative, what="Deski", grosze=100)
    page = client.get(url(initiative, "koszty")).content.decode()
    assert "koszty-0-DELETE" in page
    assert "koszty-1-DELETE" not in page


def test_the_step_before_opens_with_everything_kept(client: Client) -> None:
    initiative = a_plan()
    answer = client.post(url(initiative, "dzialania"), {"actions": "Skręcamy.", "timetable": "", "audience": "", "then": "back"})
    assert answer.headers["Location"] == url(initiative, "potrzeba")
    assert Plan.objects.get().actions == "Skręcamy."


@pytest.mark.parametrize(("rings", "calls"), [(False, 0), (True, 1)])
def test_nobody_rings_to_tell_people_what_they_did_themselves(rings: bool, calls: int) -> None:
    initiative = ready(an_initiative(kind="mini_project", status="plan", proposed_by=a_person(email="", phone="+48500100200")))
    workflow.move(initiative, "submitted", rings=rings)
    assert CallMatter.objects.count() == calls


def test_handing_in_by_its_own_page_rings_nobody(client: Client) -> None:
    initiative = ready(an_initiative(kind="mini_project", status="plan", proposed_by=a_person(email="", phone="+48500100200")))
    assert client.post(url(initiative), {"to": "submitted"}).status_code == 302
    assert not CallMatter.objects.exists()


def test_the_page_says_what_its_state_means_and_repeats_the_reasons_where_they_ask_for_something(client: Client) -> None:
    initiative = ready(a_plan(status="submitted"))
    assert pl(str(MEANING[Initiative.Status.SUBMITTED])) in client.get(url(initiative)).content.decode()
    workflow.move(initiative, "returned", reason="Kto podleje kwiaty?", complete_by=timezone.localdate())
    page = client.get(url(initiative)).content.decode()
    assert page.count("Kto podleje kwiaty?") == 2
    assert page.index("Kto podleje kwiaty?") < page.index('id="plan"')


def test_a_step_is_filled_in_once_it_says_what_is_asked(client: Client) -> None:
    words = {"need": "a", "aim": "b", "actions": "c", "timetable": "d", "audience": "e", "afterwards": "f"}
    for kind, free in (("mini_project", "wklad"), ("statutory", "koszty")):
        initiative = a_plan(kind=kind)
        plans.write(initiative, words)
        rows = {row["step"]: (row["is_filled"], row["is_free"]) for row in client.get(url(initiative)).context["plan_steps"]}
        assert rows["potem"] == (True, False), "nobody has to name a risk"
        assert [step for step, (_filled, is_free) in rows.items() if is_free] == [free]


def test_the_page_of_a_statutory_initiative_tells_its_course_at_the_office(client: Client) -> None:
    initiative = ready(an_initiative(kind="statutory", status="submitted"))
    assert initiative.answer_due_on is None, "the office takes its own time"
    Filing.objects.update_or_create(
        initiative=initiative,
        defaults={"filed_on": timezone.localdate(), "filed_mark": "WS-05", "decided_on": None, "outcome": "", "settled_on": None},
    )
    page = client.get(url(initiative)).content.decode()
    assert "WS-05" in page
    assert pl("Now the office decides. We tell you as soon as the outcome is there.") in page
    Filing.objects.update(decided_on=timezone.localdate(), outcome="Uwzględniono.")
    assert "Uwzględniono." in client.get(url(initiative)).content.decode()


def test_what_was_granted_stands_on_the_page(client: Client) -> None:
    call = a_grant_call(opens_at=timezone.now() - timedelta(days=9), closes_at=timezone.now() - timedelta(days=1))
    initiative = ready(a_plan(status="submitted", grant_call=call))
    grant_calls.prepare(call, {initiative.pk: grant_calls.Verdict(True, 120_050)}, actor=an_officer())
    assert "1 200,50 zł" not in client.get(url(initiative)).content.decode()
    grant_calls.publish_results(call, actor=an_officer())
    assert "1 200,50 zł" in client.get(url(initiative)).content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_a_plan_that_is_closed_is_read_not_greyed_out(client: Client) -> None:
    initiative = ready(a_plan(status="submitted"))
    Plan.objects.filter(initiative=initiative).update(need="Nie ma gdzie usiąść.")
    initiative.budget.all().delete()
    BudgetLine.objects.create(initiative=initiative, what="Deski", grosze=120_050)
    for step, said in (("potrzeba", "Nie ma gdzie usiąść."), ("koszty", "Deski")):
        page = client.get(url(initiative, step)).content.decode()
        assert said in page.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")
        assert "<textarea" not in page
        assert f"{step}-0-what" not in page


def test_the_mail_of_a_statutory_initiative_says_what_the_office_wrote(mailoutbox: list[Any]) -> None:
    initiative = ready(an_initiative(kind="statutory", status="submitted", proposed_by=a_person()))
    Filing.objects.filter(initiative=initiative).update(outcome="Uwzględniono.", decided_on=timezone.localdate())
    workflow.move(initiative, "accepted")
    while messages.deliver_due():
        pass
    assert "Uwzględniono." in mailoutbox[-1].body
