"""Calls for mini-projects: which call a plan is for, results prepared, refused and published in one step, and what residents see."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import messages
from participants.models import Message, Person
from projects.domain import grant_calls, takedown, workflow
from projects.domain.grant_calls import Verdict, begin_plan, choose_call, prepare, publish_results, standing_of
from projects.models import CallMatter, GrantCall, GrantResult, Initiative
from tests.makers import a_grant_call, a_neighbourhood, a_person, a_project, an_initiative, an_officer, ready

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YES, NO = Verdict(True, 500_000, "Dobrze policzone."), Verdict(False, None, "To robi już szkoła.")


def a_closed_call(*verdicts: Verdict, **fields: Any) -> GrantCall:
    """A call that closed an hour ago, with a plan handed in, and prepared, for each verdict."""
    call = a_grant_call(**{"closes_at": timezone.now() - timedelta(hours=1), **fields})
    plans = [handed_in(call) for _each in verdicts]
    prepare(call, {plan.pk: verdict for plan, verdict in zip(plans, verdicts, strict=True)}, actor=an_officer())
    return call


def handed_in(call: GrantCall, **fields: Any) -> Initiative:
    values = {"proposed_by": a_person(), **fields}
    return an_initiative(kind="mini_project", status="submitted", grant_call=call, **values)


def refused(verb: Callable[[], Any]) -> RuleBroken:
    with pytest.raises(RuleBroken) as caught:
        verb()
    return caught.value


# --- Which call a plan is for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["idea", "plan"])
def test_before_it_is_handed_in_a_plan_gets_its_call_and_loses_it(status: str) -> None:
    initiative, call = an_initiative(kind="mini_project", status=status), a_grant_call()
    assert choose_call(initiative, call).grant_call == call
    assert choose_call(initiative, None).grant_call is None


@pytest.mark.parametrize(
    ("initiative", "call", "code"),
    [
        *(({"status": status}, {}, "handed_in") for status in Initiative.Status if status not in ("idea", "plan")),
        ({"kind": "grassroots"}, {}, "not_for_calls"),
        ({"kind": "statutory"}, {}, "not_for_calls"),
        ({}, {"closes_at": timezone.now() - DAY}, "other_call"),
        ({}, {"project": None}, "other_call"),
    ],
)
def test_a_call_is_not_chosen(initiative: dict[str, Any], call: dict[str, Any], code: str) -> None:
    if "project" in call:
        call = {"project": a_project()}
    made, other = an_initiative(**{"kind": "mini_project", "status": "plan", **initiative}), a_grant_call(**call)
    assert refused(lambda: choose_call(made, other)).code == code
    assert Initiative.objects.get(pk=made.pk).grant_call is None


@pytest.mark.parametrize(("open_ones", "given"), [(0, False), (1, True), (2, False)])
def test_a_new_plan_is_for_the_only_open_call(open_ones: int, given: bool) -> None:
    a_grant_call(closes_at=timezone.now() - DAY)
    a_grant_call(is_published=False)
    a_grant_call(opens_at=timezone.now() + DAY)
    calls = [a_grant_call() for _each in range(open_ones)]
    plan = an_initiative(kind="mini_project", status="plan")
    assert begin_plan(plan) == (calls[0] if given else None)
    assert Initiative.objects.get(pk=plan.pk).grant_call == (calls[0] if given else None)


def test_a_plan_that_has_its_call_keeps_it() -> None:
    mine, _open = a_grant_call(opens_at=timezone.now() + DAY), a_grant_call()
    plan = an_initiative(kind="mini_project", status="plan", grant_call=mine)
    assert begin_plan(plan) is None
    assert Initiative.objects.get(pk=plan.pk).grant_call == mine


# --- Preparing --------------------------------------------------------------------------------------------------------------


def test_what_is_prepared_is_kept_changed_and_taken_back() -> None:
    call, officer = a_closed_call(), an_officer()
    one, two = handed_in(call), handed_in(call)
    prepare(call, {one.pk: YES, two.pk: NO}, actor=officer)
    prepare(call, {two.pk: Verdict(True, 100, "")}, actor=officer)
    assert [(row.initiative, row.is_chosen, row.grosze, row.prepared_by) for row in GrantResult.objects.order_by("pk")] == [
        (one, True, 500_000, officer), (two, True, 100, officer),
    ]  # fmt: skip
    prepare(call, {one.pk: Verdict(None)}, actor=officer)
    assert standing_of(call) == grant_calls.Standing(2, 0, 1, 1, 100, 2_000_000, 3)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "code", "field"),
    [
        (Verdict(True, None, "tak"), "needs_money", "grosze"),
        (Verdict(True, 0, "tak"), "needs_money", "grosze"),
        (Verdict(False, None, "  "), "needs_reasons", "reasons"),
    ],
)
def test_half_a_verdict_is_refused(verdict: Verdict, code: str, field: str) -> None:
    call = a_closed_call()
    plan = handed_in(call)
    broken = refused(lambda: prepare(call, {plan.pk: verdict}, actor=an_officer()))
    assert (broken.code, broken.field, GrantResult.objects.count()) == (code, field, 0)


@pytest.mark.parametrize("status", ["plan", "returned", "withdrawn", "accepted"])
def test_what_does_not_wait_in_the_call_is_passed_over(status: str) -> None:
    call = a_closed_call()
    elsewhere = handed_in(a_grant_call())
    other = an_initiative(kind="mini_project", status=status, grant_call=call)
    prepare(call, {other.pk: YES, elsewhere.pk: YES}, actor=an_officer())
    assert not GrantResult.objects.exists()


# --- Publishing -------------------------------------------------------------------------------------------------------------


def returned_one(call: GrantCall) -> None:
    an_initiative(kind="mini_project", status="returned", grant_call=call)


REFUSALS: list[tuple[str, list[Verdict], dict[str, Any], Callable[[GrantCall], Any] | None, str]] = [
    ("not_public", [YES], {"is_published": False}, None, "opublik"),
    ("not_closed", [YES], {"closes_at": timezone.now() + DAY}, None, "otwart"),
    ("already_published", [YES], {}, lambda call: publish_results(call, actor=an_officer()), "już"),
    ("still_returned", [YES], {}, returned_one, "1"),
    ("undecided", [YES, NO], {}, lambda call: [handed_in(call), handed_in(call)], "2"),
    ("over_pool", [YES, YES], {"pool_grosze": 999_999}, None, "0,01"),
    ("over_places", [YES, YES, YES], {"places": 1}, None, "2"),
]


@pytest.mark.parametrize(("code", "verdicts", "fields", "spoil", "said"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_publishing_is_refused_and_nothing_happens(
    code: str, verdicts: list[Verdict], fields: dict[str, Any], spoil: Callable[[GrantCall], Any] | None, said: str
) -> None:
    call = a_closed_call(*verdicts, **fields)
    if spoil is not None:
        spoil(call)
    before = sorted(Initiative.objects.values_list("pk", "status")), Message.objects.count()
    broken = refused(lambda: publish_results(GrantCall.objects.get(pk=call.pk), actor=an_officer()))
    assert broken.code == code
    assert said in str(broken)
    assert (sorted(Initiative.objects.values_list("pk", "status")), Message.objects.count()) == before


def test_just_enough_money_and_places_is_enough() -> None:
    call = a_closed_call(YES, YES, NO, pool_grosze=1_000_000, places=2)
    publish_results(call, actor=an_officer())
    assert sorted(Initiative.objects.values_list("status", flat=True)) == ["accepted", "accepted", "not_chosen"]


def test_everybody_is_told_once_with_money_or_reasons() -> None:
    call, officer, at = a_closed_call(YES, NO), an_officer(), timezone.now()
    published = publish_results(call, actor=officer, at=at)
    assert GrantCall.objects.get().results_published_at == published.results_published_at == at
    chosen, other = Initiative.objects.get(status="accepted"), Initiative.objects.get(status="not_chosen")
    assert [(each.changes.last().reason, each.changes.last().actor, each.status_since) for each in (chosen, other)] == [
        (YES.reasons, officer, at), (NO.reasons, officer, at),
    ]  # fmt: skip
    told = Message.objects.filter(template="initiative_moved")
    assert sorted(told.values_list("recipient", flat=True)) == sorted(each.proposed_by.email for each in (chosen, other))
    while messages.deliver_due():
        pass
    texts = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "5\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}zł" in texts[chosen.proposed_by.email]
    assert NO.reasons in texts[other.proposed_by.email]
    assert "zł" not in texts[other.proposed_by.email]


def test_results_of_thirty_plans_cost_as_many_statements_as_those_of_three() -> None:
    asked = []
    for number in (3, 30):
        call = a_closed_call(*[YES, NO, NO] * (number // 3), pool_grosze=10**9, places=1000)
        for plan in call.initiatives.order_by("pk")[::3]:
            Person.objects.filter(pk=plan.proposed_by_id).update(email="", phone=f"+4812000{plan.pk:04}")
        a_neighbourhood("Ugorek").initiatives.add(*call.initiatives.all())
        officer = an_officer()
        with CaptureQueriesContext(connection) as caught:
            publish_results(call, actor=officer)
        told = Message.objects.filter(template="initiative_moved").count() + CallMatter.objects.filter(reason="initiative_moved").count()
        asked.append((len(caught), told))
    assert asked[0][0] == asked[1][0] <= 26, asked
    assert [told for _statements, told in asked] == [3, 33]


def test_withdrawn_plans_fall_out() -> None:
    call = a_closed_call(YES, NO)
    gone = Initiative.objects.order_by("pk").first()
    workflow.move(gone, "withdrawn", reason="Przeprowadzamy się.")
    publish_results(call, actor=an_officer())
    assert GrantResult.objects.get().is_chosen is False
    assert (Initiative.objects.get(pk=gone.pk).status, gone.changes.count()) == ("withdrawn", 2)


def test_a_plan_of_another_kind_is_none_of_the_call() -> None:
    call = a_closed_call(YES)
    other = an_initiative(kind="statutory", status="submitted", grant_call=call)
    publish_results(call, actor=an_officer())
    assert Initiative.objects.get(pk=other.pk).status == "submitted"


def test_a_call_nobody_answered_is_published_empty() -> None:
    assert publish_results(a_closed_call(), actor=an_officer()).results_published_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_officers_publish_at_once_and_everybody_is_told_once() -> None:
    call, officers = a_closed_call(YES, NO, NO), [an_officer(), an_officer()]

    def publish(officer: Any) -> str:
        try:
            publish_results(call, actor=officer)
        except RuleBroken as broken:
            return broken.code
        finally:
            connections.close_all()
        return "published"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(publish, officers)) == ["already_published", "published"]
    assert (Message.objects.count(), sum(each.changes.count() for each in Initiative.objects.all())) == (3, 6)


@pytest.mark.django_db(transaction=True)
def test_whoever_withdraws_while_results_are_published_is_either_out_or_in() -> None:
    call, officer = a_closed_call(*[NO] * 8), an_officer()
    plans = list(Initiative.objects.order_by("pk"))

    def act(plan: Initiative | None) -> str:
        try:
            publish_results(call, actor=officer) if plan is None else workflow.move(plan, "withdrawn", reason="Nie zdążymy.")
        except RuleBroken as broken:
            return broken.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(5) as crowd:
        answers = list(crowd.map(act, [plans[7], plans[0], None, plans[4], plans[6]]))
    assert answers[2] == "done"
    states = {plan.pk: plan.status for plan in Initiative.objects.all()}
    results = set(GrantResult.objects.values_list("initiative", flat=True))
    for plan, answer in zip((plans[7], plans[0], plans[4], plans[6]), (answers[0], answers[1], *answers[3:]), strict=True):
        assert (states[plan.pk], plan.pk in results) == (("withdrawn", False) if answer == "done" else ("not_chosen", True))
    assert Message.objects.count() == 8


def test_two_hundred_plans_cost_the_same_for_each() -> None:
    def queries(number: int) -> int:
        call = a_closed_call(*[NO] * number)
        with CaptureQueriesContext(connection) as caught:
            publish_results(call, actor=an_officer())
        return len(caught)

    few, many = queries(10), queries(200)
    assert many - few <= (200 - 10) * 11
    assert Initiative.objects.filter(status="not_chosen").count() == 210


def test_plans_are_handed_in_to_calls_until_the_results_are_out() -> None:
    """From idea to result by the verbs alone."""
    call = a_grant_call(closes_at=timezone.now() + timedelta(hours=1))
    plan = ready(an_initiative(kind="mini_project", status="idea"))
    plan = workflow.move(plan, "plan")
    begin_plan(plan)
    workflow.move(plan, "submitted")
    assert refused(lambda: workflow.move(plan, "accepted")).code == "by_results"
    prepare(call, {plan.pk: YES}, actor=an_officer())
    publish_results(call, actor=an_officer(), at=timezone.now() + timedelta(hours=2))
    assert Initiative.objects.get().status == "accepted"


# --- What residents see ------------------------------------------------------------------------------------------------------


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert not answer.cookies
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_empty_board_says_so(client: Client) -> None:
    assert 'class="empty-state"' in client.get(reverse("grant_call_list")).content.decode()


def test_calls_stand_by_what_can_be_done(client: Client) -> None:
    now = timezone.now()
    open_one, coming = a_grant_call(), a_grant_call(opens_at=now + DAY)
    closed, published = a_closed_call(NO), a_closed_call(YES)
    publish_results(published, actor=an_officer())
    hidden, other = a_grant_call(is_published=False), a_grant_call(project=a_project(is_published=False))
    answer = client.get(reverse("grant_call_list"))
    assert (answer.context["open"], answer.context["coming"]) == ([open_one], [coming])
    assert set(answer.context["closed"]) == {closed, published}
    assert {call.pk: call.came for call in answer.context["closed"]} == {closed.pk: 1, published.pk: 1}
    for call in (hidden, other):
        assert client.get(call.get_absolute_url()).status_code == 404
    board = words(client, reverse("initiative_list"))
    assert open_one.title in board
    assert coming.title not in board


def test_a_page_shows_money_rules_and_how_many_came(client: Client) -> None:
    call = a_grant_call(rules="## Kto\n\nGrupy z **osiedla**.", summary="Trzy małe projekty.")
    handed_in(call)
    an_initiative(kind="mini_project", status="plan", grant_call=call)
    said = words(client, call.get_absolute_url())
    for part in ("20 000 zł", "Trzy małe projekty.", "Grupy z osiedla"):
        assert part.replace(" ", "") in said.replace("\N{NO-BREAK SPACE}", " ").replace(" ", "")
    assert client.get(call.get_absolute_url()).context["came"] == 1
    assert client.get(call.get_absolute_url()).context["outcome"] is None


def test_drafts_are_nobodys_before_they_are_published(client: Client) -> None:
    call = a_closed_call(YES, NO)
    said = words(client, call.get_absolute_url())
    for text in (YES.reasons, NO.reasons, *Initiative.objects.values_list("title", flat=True)):
        assert text not in said


def test_the_result_names_titles_money_and_reasons_and_no_person(client: Client) -> None:
    call = a_closed_call(YES, NO)
    publish_results(call, actor=an_officer())
    said = words(client, call.get_absolute_url())
    for text in (YES.reasons, NO.reasons, *Initiative.objects.values_list("title", flat=True), "decyzją administracyjną"):
        assert text in said
    for initiative in Initiative.objects.all():
        assert initiative.proposed_by.name not in said
    chosen = Initiative.objects.get(status="accepted")
    assert f'href="{chosen.get_absolute_url()}"' in client.get(call.get_absolute_url()).content.decode()
    workflow.move(chosen, "withdrawn", reason="Przeprowadzamy się.")
    assert f'href="{chosen.get_absolute_url()}"' not in client.get(call.get_absolute_url()).content.decode()
    assert chosen.title in words(client, call.get_absolute_url())


@pytest.mark.parametrize("which", ["list", "call", "initiatives"])
def test_pages_ask_at_most_eight_queries_however_many_plans(client: Client, which: str) -> None:
    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    call = a_closed_call(YES, *[NO] * 40)
    publish_results(call, actor=an_officer())
    address = {"list": reverse("grant_call_list"), "call": call.get_absolute_url(), "initiatives": reverse("initiative_list")}[which]
    a_grant_call()
    few = queries()
    for _each in range(5):
        publish_results(a_closed_call(YES, NO), actor=an_officer())
        a_grant_call()
    assert queries() == few <= 8


def test_what_is_taken_down_leaves_its_money_alone_on_the_page_of_its_call(client: Client) -> None:
    call = a_grant_call(results_published_at=timezone.now() + timedelta(days=30))
    gone = an_initiative(kind="mini_project", status="accepted", grant_call=call, title="Tytuł, który szkodzi")
    GrantResult.objects.create(call=call, initiative=gone, is_chosen=True, grosze=120_000, reasons="Powód")
    takedown.take_down(gone, why="offends", sentence="Obraża.", actor=an_officer())
    page = client.get(call.get_absolute_url()).content.decode()
    assert "szkodzi" not in page
    assert "Powód" not in page
    assert "1 200 zł".replace(" ", "\N{NO-BREAK SPACE}") in page
