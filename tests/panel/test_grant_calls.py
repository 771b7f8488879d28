"""Calls in the panel: the coordinator writes them, the office prepares results line by line, previews and publishes them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from participants.models import Message
from projects.domain.grant_calls import Verdict, prepare, publish_results
from projects.models import GrantCall, GrantResult, Initiative
from tests.makers import a_coordinator, a_grant_call, a_person, an_initiative, an_officer, the_project
from tests.panel.conftest import signed_in

NO = Verdict(False, None, "To robi już szkoła.")


@pytest.fixture
def officer():
    return an_officer()


@pytest.fixture
def office(officer):
    """The browser of an officer."""
    return signed_in(officer)


@pytest.fixture
def call():
    return a_grant_call(closes_at=timezone.now() - timedelta(hours=1))


def handed_in(call, **fields):
    return an_initiative(kind="mini_project", status="submitted", grant_call=call, **{"proposed_by": a_person(), **fields})


def page(view, call):
    return reverse(f"admin:projects_grantcall_{view}", args=[call.pk])


def sent(client, call, number=1, **typed):
    """What a browser sends back from a page of results: what it showed, with this typed over it (``plan_7_choice="yes"``)."""
    html = client.get(page("results", call), {"page": number}).content.decode()
    tags = [(tag, dict(re.findall(r'([\w-]+)="([^"]*)"', tag))) for tag in re.findall(r"<input[^>]*>", html)]
    ours = [(tag, found) for tag, found in tags if re.match(r"(initial-)?plan", found.get("name", ""))]
    fields = {found["name"]: found.get("value", "") for tag, found in ours if found["type"] != "radio" or " checked" in tag}
    fields |= dict(re.findall(r'<textarea name="((?:initial-)?plan[^"]*)"[^>]*>\s*([^<]*)</textarea>', html))
    return fields | {name.replace("_", "-"): value for name, value in typed.items()}


# --- The call -----------------------------------------------------------------------------------------------------------------


def call_form(**typed):
    values = {"project": the_project().pk, "title_pl": "Nabór wiosenny", "slug": "", "summary_pl": "", "rules_pl": "",
              "opens_at": "2090-01-01T08:00", "closes_at": "2090-02-01T20:00", "pool_grosze": "20 000,50", "places": "3"}  # fmt: skip
    return values | typed


def test_the_coordinator_writes_a_call_in_zlotys():
    client = signed_in(a_coordinator())
    for _each in range(2):
        assert client.post(reverse("admin:projects_grantcall_add"), call_form()).status_code == 302
    first, second = GrantCall.objects.order_by("pk")
    assert (first.slug, second.slug, first.pool_grosze, first.is_published) == ("nabor-wiosenny", "nabor-wiosenny-2", 2_000_050, False)
    shown = client.get(page("change", first)).content.decode()
    assert 'value="20000,50"' in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"closes_at": "2090-01-01T08:00"}, "closes_at"), ({"pool_grosze": "0"}, "pool_grosze"), ({"places": "0"}, "places"),
     ({"pool_grosze": "dużo"}, "pool_grosze"), ({"title_pl": ""}, "title_pl")],
)  # fmt: skip
def test_what_makes_no_call_is_said_at_its_field(typed, field):
    answer = signed_in(a_coordinator()).post(reverse("admin:projects_grantcall_add"), call_form(**typed))
    assert list(answer.context["adminform"].form.errors) == [field]


def test_officers_look_and_do_not_rewrite(office, call):
    assert office.get(page("change", call)).status_code == 200
    assert office.post(page("change", call), call_form()).status_code == 403
    assert office.get(reverse("admin:projects_grantcall_add")).status_code == 403


def test_a_call_stays_as_its_results_were_published_by(call):
    publish_results(call, actor=an_officer())
    assert signed_in(a_coordinator()).post(page("change", call), call_form()).status_code == 403


@pytest.mark.parametrize("view", ["results", "preview", "publish", "change"])
def test_animators_do_not_see_results_before_everybody(panel, call, view):
    assert panel.get(page(view, call)).status_code == 403
    assert panel.post(page(view, call)).status_code == 403


# --- Results ------------------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_comes_back(office, officer, call):
    one, two, three = handed_in(call), handed_in(call), handed_in(call)
    typed = {f"plan_{one.pk}_choice": "yes", f"plan_{one.pk}_grosze": "1 200,50", f"plan_{two.pk}_choice": "no",
             f"plan_{two.pk}_reasons": "To robi już szkoła."}  # fmt: skip
    assert office.post(page("results", call), sent(office, call, **typed)).status_code == 302
    rows = {row.initiative_id: row for row in GrantResult.objects.all()}
    assert set(rows) == {one.pk, two.pk}
    assert (rows[one.pk].grosze, rows[one.pk].prepared_by, rows[two.pk].reasons) == (120_050, officer, "To robi już szkoła.")
    again = sent(office, call)
    assert (again[f"plan-{one.pk}-grosze"], again[f"plan-{one.pk}-choice"], again[f"plan-{three.pk}-choice"]) == ("1200,50", "yes", "")
    assert not Message.objects.exists()
    office.post(page("results", call), sent(office, call, **{f"plan_{one.pk}_choice": "", f"plan_{one.pk}_grosze": ""}))
    assert [row.initiative for row in GrantResult.objects.all()] == [two]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"choice": "yes"}, "grosze"), ({"choice": "no"}, "reasons"), ({"choice": "yes", "grosze": "tysiąc"}, "grosze"),
     ({"grosze": "100"}, "choice"), ({"reasons": "Bo tak."}, "choice")],
)  # fmt: skip
def test_half_a_line_stays_as_typed_and_the_whole_ones_are_kept(office, call, typed, field):
    half, whole = handed_in(call), handed_in(call)
    values = {f"plan_{half.pk}_{name}": value for name, value in typed.items()}
    values |= {f"plan_{whole.pk}_choice": "no", f"plan_{whole.pk}_reasons": "Za drogie."}
    answer = office.post(page("results", call), sent(office, call, **values))
    assert answer.status_code == 200
    line = next(line for plan, line in answer.context["lines"] if plan == half)
    assert list(line.errors) == [field]
    html = answer.content.decode()
    assert all(value in html for name, value in typed.items() if name != "choice")
    assert [row.initiative for row in GrantResult.objects.all()] == [whole]


def test_lines_nobody_touched_leave_a_colleagues_work_alone(office, call):
    mine, theirs = handed_in(call), handed_in(call)
    opened = sent(office, call, **{f"plan_{mine.pk}_choice": "no", f"plan_{mine.pk}_reasons": "Za drogie."})
    prepare(call, {theirs.pk: NO}, actor=an_officer())
    office.post(page("results", call), opened)
    assert {row.initiative: row.reasons for row in GrantResult.objects.all()} == {mine: "Za drogie.", theirs: NO.reasons}


def test_more_plans_than_a_page_are_gone_through_one_after_another(office, call):
    plans = [handed_in(call, title=f"Plan {number:02}") for number in range(27)]
    typed = sent(office, call, **{f"plan_{plans[0].pk}_choice": "no", f"plan_{plans[0].pk}_reasons": "Za drogie."})
    answer = office.post(page("results", call), typed | {"next": "1"})
    assert answer.headers["Location"].endswith("?page=2")
    last = sent(office, call, number=2, **{f"plan_{plans[26].pk}_choice": "no", f"plan_{plans[26].pk}_reasons": "Za drogie."})
    office.post(page("results", call) + "?page=2", last)
    assert {row.initiative for row in GrantResult.objects.all()} == {plans[0], plans[26]}


def test_what_is_over_and_who_blocks_is_said(office):
    call = a_grant_call(closes_at=timezone.now() - timedelta(hours=1), pool_grosze=100, places=1)
    plans = [handed_in(call) for _each in range(2)]
    waiting = an_initiative(kind="mini_project", status="returned", grant_call=call)
    prepare(call, {plan.pk: Verdict(True, 100) for plan in plans}, actor=an_officer())
    answer = office.get(page("results", call))
    assert (answer.context["standing"].over_places, answer.context["standing"].money_left) == (1, -100)
    assert reverse("admin:projects_initiative_change", args=[waiting.pk]) in answer.content.decode()
    assert page("publish", call) not in answer.content.decode()


def test_the_preview_is_the_public_page(office, client, call):
    chosen, other = handed_in(call), handed_in(call)
    prepare(call, {chosen.pk: Verdict(True, 500_000, "Dobrze policzone."), other.pk: NO}, actor=an_officer())

    def main(html):
        # The bar that says who is signed in stands outside; the moment of printing is no part of the page.
        inside = re.search(r"<main.*?</main>", html, re.DOTALL)[0]
        return re.sub(r'<div class="wrap print-only">.*?</div>', "", inside)

    preview = office.get(page("preview", call)).content.decode()
    assert main(preview) != main(client.get(call.get_absolute_url()).content.decode())
    assert office.post(page("publish", call)).status_code == 302
    assert main(preview) == main(client.get(call.get_absolute_url()).content.decode())
    assert {each.status for each in Initiative.objects.all()} == {"accepted", "not_chosen"}


def test_looking_publishes_nothing(office, call):
    prepare(call, {handed_in(call).pk: NO}, actor=an_officer())
    for view in ("results", "preview", "publish", "change"):
        assert office.get(page(view, call)).status_code == 200
    assert GrantCall.objects.get().results_published_at is None
    assert not Message.objects.exists()


def test_publishing_too_early_is_said_on_the_page(office):
    call = a_grant_call()
    answer = office.post(page("publish", call))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert GrantCall.objects.get().results_published_at is None


def test_after_publishing_there_is_nothing_to_prepare(office, call):
    publish_results(call, actor=an_officer())
    assert office.get(page("results", call)).status_code == 302
    assert office.post(page("publish", call)).context["form"].non_field_errors()


def test_the_page_of_results_asks_the_same_for_one_plan_and_for_two_hundred(office, call):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert office.get(page("results", call)).status_code == 200
        return len(caught)

    handed_in(call)
    queries()
    few = queries()
    for _each in range(199):
        handed_in(call)
    assert queries() == few <= 20
