"""Seeing to initiatives in the panel: what waits for me, reviewers, notes, prepared answers, a day for completions, what is missing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from active_citizens.panel.work import SHOWN, work_of
from projects.domain import reviews
from projects.models import AnswerTemplate, Initiative, ReviewNote
from tests.makers import (
    a_coordinator,
    a_former_animator,
    a_grant_call,
    a_user,
    an_animator,
    an_initiative,
    an_officer,
    ready,
)
from tests.panel.conftest import signed_in

DAY = timedelta(days=1)


def page(view, initiative):
    return reverse(f"admin:projects_initiative_{view}", args=[initiative.pk])


def waiting(place, days=1, **fields):
    made = an_initiative(place, **{"status": "idea", **fields})
    Initiative.objects.filter(pk=made.pk).update(status_since=timezone.now() - days * DAY)
    return Initiative.objects.get(pk=made.pk)


# --- Who sees to it ---------------------------------------------------------------------------------------------------------


def test_whoever_works_for_the_place_may_see_to_it(animator, ugorek, azory):
    initiative = an_initiative(ugorek)
    others = [an_animator(azory), a_former_animator(ugorek), a_user()]
    for user in (animator, an_officer(), a_coordinator()):
        assert reviews.assign(initiative, user).reviewer == user
    for user in others:
        with pytest.raises(RuleBroken) as refused:
            reviews.assign(initiative, user)
        assert refused.value.code == "no_role"
    assert reviews.assign(initiative, None).reviewer is None


def test_the_reviewer_is_chosen_on_a_page_and_taken_on_with_one_button(panel, animator, ugorek, azory):
    initiative, elsewhere, officer = an_initiative(ugorek), an_animator(azory), an_officer()
    form = panel.get(page("reviewer", initiative)).context["form"]
    assert set(form.fields["reviewer"].queryset) == {animator, officer}
    assert panel.post(page("reviewer", initiative), {"reviewer": elsewhere.pk}).context["form"].errors
    panel.post(page("reviewer", initiative), {"reviewer": officer.pk})
    assert Initiative.objects.get().reviewer == officer
    assert page("take", initiative) in panel.get(page("change", initiative)).content.decode()
    panel.post(page("take", initiative))
    assert Initiative.objects.get().reviewer == animator
    assert page("take", initiative) not in panel.get(page("change", initiative)).content.decode()
    panel.post(page("reviewer", initiative), {"reviewer": ""})
    assert Initiative.objects.get().reviewer is None


@pytest.mark.parametrize("view", ["reviewer", "take", "note", "call", "move"])
def test_looking_changes_nothing_and_other_places_are_not_found(panel, ugorek, azory, view):
    mine, theirs = ready(an_initiative(ugorek, kind="mini_project", status="plan")), an_initiative(azory)
    before = Initiative.objects.values().get(pk=mine.pk)
    assert panel.get(page(view, mine)).status_code == 200
    assert Initiative.objects.values().get(pk=mine.pk) == before
    assert panel.get(page(view, theirs)).status_code == 404
    assert panel.post(page(view, theirs), {"text": "x"}).status_code == 404


# --- What waits for me --------------------------------------------------------------------------------------------------------


def test_my_initiatives_stand_by_whose_turn_it_is_longest_first(panel, animator, ugorek, azory):
    officer, former = an_officer(), a_former_animator(ugorek)
    late, soon = waiting(ugorek, 20, reviewer=animator), waiting(ugorek, 2, reviewer=animator)
    returned = waiting(ugorek, reviewer=animator, kind="mini_project", status="returned")
    running = waiting(ugorek, reviewer=animator, status="running")
    nobodys, orphaned = waiting(ugorek, 3), waiting(ugorek, 9, reviewer=former)
    for status in ("finished", "not_chosen", "withdrawn", "historical", "partly_finished"):
        an_initiative(ugorek, status=status, reviewer=animator)
    waiting(ugorek, reviewer=officer)
    waiting(azory, reviewer=animator)
    waiting(azory)
    answer = panel.get(reverse("admin:projects_initiative_mine"))
    assert {name: rows for name, _title, rows in answer.context["parts"]} == {
        "answer": [late, soon], "returned": [returned], "others": [running], "free": [orphaned, nobodys],
    }  # fmt: skip
    assert [each.overdue for each in answer.context["parts"][0][2]] == [True, False]


def test_the_list_is_filtered_by_who_sees_to_it_longest_first(panel, animator, ugorek):
    soon, late = waiting(ugorek, 2, reviewer=animator), waiting(ugorek, 20, reviewer=animator)
    an_initiative(ugorek, status="finished", reviewer=animator)
    free = waiting(ugorek)
    address = reverse("admin:projects_initiative_changelist")
    assert list(panel.get(address, {"review": "mine"}).context["cl"].result_list) == [late, soon]
    assert list(panel.get(address, {"review": "nobody"}).context["cl"].result_list) == [free]
    assert len(panel.get(address).context["cl"].result_list) == 4


def test_nothing_waits_is_said(panel):
    assert 'class="panel-empty"' in panel.get(reverse("admin:projects_initiative_mine")).content.decode()


def test_the_first_screen_begins_with_ones_own_and_marks_what_is_overdue(animator, ugorek):
    for number in range(SHOWN + 1):
        waiting(ugorek, 5 + number)
    mine = waiting(ugorek, 1, reviewer=animator)
    overdue = waiting(ugorek, 30)
    rows = work_of(animator).ideas.rows
    assert [(row.pk, row.is_mine, row.overdue) for row in rows[:2]] == [(mine.pk, True, False), (overdue.pk, False, True)]
    assert len(rows) == SHOWN
    officer = an_officer()
    submitted = [waiting(ugorek, days, status="submitted", reviewer=who) for days, who in ((9, None), (1, officer))]
    assert [row.pk for row in work_of(officer).decisions.rows] == [each.pk for each in submitted[::-1]]


@pytest.mark.parametrize("which", ["mine", "changelist", "change"])
def test_pages_ask_the_same_for_one_initiative_and_for_thirty(panel, animator, ugorek, which):
    initiative = waiting(ugorek, reviewer=animator)
    address = page("change", initiative) if which == "change" else reverse(f"admin:projects_initiative_{which}")

    def queries():
        panel.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert panel.get(address).status_code == 200
        return len(caught)

    waiting(ugorek)
    reviews.note(initiative, "Zadzwonić.", actor=animator)
    few = queries()
    for _each in range(30):
        waiting(ugorek, reviewer=an_animator(ugorek))
        waiting(ugorek, reviewer=animator)
        waiting(ugorek)
        reviews.note(initiative, "Zadzwonić.", actor=an_officer())
    assert queries() == few


# --- Notes of the team ------------------------------------------------------------------------------------------------------------


def test_notes_are_the_teams_and_stay(panel, animator, ugorek, client):
    initiative = an_initiative(ugorek)
    panel.post(page("note", initiative), {"text": " Zapytać spółdzielnię. "})
    kept = ReviewNote.objects.get()
    assert (kept.text, kept.author, kept.initiative) == ("Zapytać spółdzielnię.", animator, initiative)
    html = panel.get(page("change", initiative)).content.decode()
    assert "Zapytać spółdzielnię." in html
    assert animator.name in html
    for address in (initiative.get_absolute_url(), reverse("own_initiative", args=[initiative.own_key])):
        assert "Zapytać" not in client.get(address).content.decode()


def test_an_empty_note_is_none(panel, ugorek):
    initiative = an_initiative(ugorek)
    assert panel.post(page("note", initiative), {"text": "   "}).context["form"].errors
    with pytest.raises(RuleBroken) as refused:
        reviews.note(initiative, "  ", actor=an_officer())
    assert refused.value.code == "empty"
    assert not ReviewNote.objects.exists()


# --- Moving -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def submitted(ugorek):
    return ready(an_initiative(ugorek, kind="mini_project", status="submitted"))


def test_what_is_returned_gets_its_last_day(submitted):
    office = signed_in(an_officer())
    asked = office.get(page("move", submitted), {"to": "returned"}).context["form"]
    assert asked["complete_by"].value() == timezone.localdate() + 14 * DAY
    last = timezone.localdate() + 5 * DAY
    for typed in ("", "30 lutego", str(timezone.localdate() - DAY)):
        answer = office.post(page("move", submitted), {"to": "returned", "reason": "Kto podlewa?", "complete_by": typed})
        assert list(answer.context["form"].errors) == ["complete_by"]
        assert answer.context["form"]["reason"].value() == "Kto podlewa?"
    office.post(page("move", submitted), {"to": "returned", "reason": "Kto podlewa?", "complete_by": str(last)})
    moved = Initiative.objects.get()
    assert (moved.status, moved.complete_by) == ("returned", last)


def test_only_what_can_be_returned_asks_for_a_day(panel, ugorek):
    form = panel.get(page("move", an_initiative(ugorek, status="idea"))).context["form"]
    assert "complete_by" not in form.fields


def test_a_prepared_answer_fills_the_reason_by_a_link(submitted):
    office = signed_in(an_officer())
    fits = AnswerTemplate.objects.create(title="Brakuje opieki", status="returned", text="Kto podlewa w wakacje?")
    everywhere = AnswerTemplate.objects.create(title="Dziękujemy", text="Dziękujemy za pomysł.")
    AnswerTemplate.objects.create(title="Wycofane", status="partly_finished", text="Nie tu.")
    other = AnswerTemplate.objects.create(title="Nie tym razem", status="not_chosen", text="Nie tym razem.")
    answer = office.get(page("move", submitted), {"to": "returned"})
    assert answer.context["templates"] == [fits, everywhere]
    assert f"?to=returned&amp;template={fits.pk}" in answer.content.decode()
    assert set(office.get(page("move", submitted)).context["templates"]) == {fits, everywhere, other}
    begun = office.get(page("move", submitted), {"to": "returned", "template": fits.pk})
    assert (begun.context["form"]["reason"].value(), begun.context["form"]["to"].value()) == (fits.text, "returned")
    for nonsense in ("x", "999999", str(other.pk)):
        assert office.get(page("move", submitted), {"to": "returned", "template": nonsense}).context["form"]["reason"].value() == ""
    office.post(f"{page('move', submitted)}?template={fits.pk}", {
        "to": "returned", "reason": "A kto podlewa?", "complete_by": str(timezone.localdate() + DAY),
    })  # fmt: skip
    assert submitted.changes.last().reason == "A kto podlewa?"


def test_the_office_writes_prepared_answers_and_animators_begin_from_them(panel):
    office, address = signed_in(an_officer()), reverse("admin:projects_answertemplate_add")
    assert office.post(address, {"title": "Dziękujemy", "status": "", "text": "Dziękujemy."}).status_code == 302
    assert office.post(address, {"title": "Inny", "status": "historical", "text": "x"}).context["adminform"].form.errors
    kept = AnswerTemplate.objects.get()
    change = reverse("admin:projects_answertemplate_change", args=[kept.pk])
    assert panel.get(change).status_code == 403
    assert office.post(reverse("admin:projects_answertemplate_delete", args=[kept.pk]), {"post": "yes"}).status_code == 302
    assert not AnswerTemplate.objects.exists()


def test_what_is_missing_is_said_before_the_move(panel, ugorek):
    initiative = an_initiative(ugorek, kind="mini_project", status="agreement")
    for view in ("change", "move"):
        html = panel.get(page(view, initiative)).content.decode()
        assert len(panel.get(page(view, initiative)).context["lacking"]) == 1
        assert "panel-note" in html
    assert not panel.get(page("move", ready(an_initiative(ugorek, kind="mini_project", status="agreement")))).context["lacking"]


# --- Which call a plan is for -------------------------------------------------------------------------------------------------------


def test_an_idea_that_becomes_a_plan_is_for_the_open_call(panel, ugorek):
    call, idea = a_grant_call(), an_initiative(ugorek, kind="mini_project", status="idea")
    answer = panel.post(page("move", idea), {"to": "plan"}, follow=True)
    assert Initiative.objects.get().grant_call == call
    assert call.title in answer.content.decode()


def test_the_team_says_which_call_a_plan_is_for(panel, ugorek):
    closed, first, second = a_grant_call(closes_at=timezone.now() - DAY), a_grant_call(), a_grant_call(opens_at=timezone.now() + DAY)
    plan = an_initiative(ugorek, kind="mini_project", status="plan")
    form = panel.get(page("call", plan)).context["form"]
    assert set(form.fields["grant_call"].queryset) == {first, second}
    assert panel.post(page("call", plan), {"grant_call": closed.pk}).context["form"].errors
    panel.post(page("call", plan), {"grant_call": second.pk})
    assert Initiative.objects.get().grant_call == second
    handed_in = an_initiative(ugorek, kind="mini_project", status="submitted", grant_call=first)
    assert page("call", handed_in) not in panel.get(page("change", handed_in)).content.decode()
    assert panel.post(page("call", handed_in), {"grant_call": ""}).context["form"].errors
    assert Initiative.objects.get(pk=handed_in.pk).grant_call == first
