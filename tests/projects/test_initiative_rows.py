"""What must never be false about an initiative is refused by the database itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from projects.models import (
    Answer,
    BudgetLine,
    ChangeStory,
    Contribution,
    Expense,
    Filing,
    GrantCall,
    GrantResult,
    Ground,
    Initiative,
    InitiativeAgreement,
    InitiativeReport,
    Milestone,
    MilestoneDelay,
    Question,
    ReviewNote,
    Support,
    VolunteerWork,
)
from tests.makers import a_grant_call, a_person, a_user, an_initiative, an_organisation

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 4)


FALSE: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("costs nothing", BudgetLine, {"what": "Farby", "grosze": 0}),
    ("work without time", Contribution, {"kind": "work", "what": "Malowanie"}),
    ("work with a price", Contribution, {"kind": "work", "what": "Malowanie", "minutes": 60, "grosze": 100}),
    ("things without worth", Contribution, {"kind": "things", "what": "Pędzle"}),
    ("things with time", Contribution, {"kind": "things", "what": "Pędzle", "grosze": 100, "minutes": 60}),
    ("nobody signs", InitiativeAgreement, {"signer": "organisation"}),
    ("consent without reference", Ground, {"place": "Plac", "manager": "city", "manager_name": "ZZM", "consented_on": DAY}),
    ("filed without mark", Filing, {"filed_on": DAY}),
    ("mark without day", Filing, {"filed_mark": "PS.1"}),
    ("outcome without filing", Filing, {"decided_on": DAY, "outcome": "tak"}),
    ("decided before filed", Filing, {"filed_on": DAY, "filed_mark": "PS.1", "decided_on": DAY - timedelta(days=1), "outcome": "tak"}),
    ("decided without words", Filing, {"filed_on": DAY, "filed_mark": "PS.1", "decided_on": DAY}),
    (
        "settled next year",
        Filing,
        {"filed_on": DAY, "filed_mark": "PS.1", "decided_on": DAY, "outcome": "tak", "settled_on": date(2027, 1, 2)},
    ),
    ("free expense", Expense, {"paid_on": DAY, "what": "Farby", "grosze": 0, "receipt_number": "1"}),
    ("expense without receipt", Expense, {"paid_on": DAY, "what": "Farby", "grosze": 1, "receipt_number": ""}),
    ("nobody worked", VolunteerWork, {"done_on": DAY, "people": 0, "minutes": 60, "what": "x"}),
    ("no time worked", VolunteerWork, {"done_on": DAY, "people": 2, "minutes": 0, "what": "x"}),
    ("story of nothing", InitiativeReport, {"story_published_at": timezone.now()}),
    ("empty report", InitiativeReport, {"handed_in_at": timezone.now()}),
    ("story without consent", ChangeStory, {"before": "a", "change": "b", "why": "c"}),
    ("empty question", Question, {"text": ""}),
    ("hidden without reason", Question, {"text": "?", "status": "hidden"}),
    ("reason of what is shown", Question, {"text": "?", "status": "shown", "hidden_reason": "x"}),
]


@pytest.mark.parametrize(("model", "fields"), [row[1:] for row in FALSE], ids=[row[0] for row in FALSE])
def test_the_database_refuses(model: type[models.Model], fields: dict[str, Any]) -> None:
    initiative = an_initiative()
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.create(initiative=initiative, **fields)


def test_an_agreement_has_one_signer() -> None:
    both = {"organisation": an_organisation(), "person": a_person()}
    for fields in ({"signer": "adult", **both}, {"signer": "organisation", "person": both["person"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            InitiativeAgreement.objects.create(initiative=an_initiative(), **fields)


def test_a_statutory_initiative_settled_in_its_year_is_taken() -> None:
    filing = Filing.objects.create(
        initiative=an_initiative(kind="statutory"), filed_on=DAY, filed_mark="PS.1", decided_on=DAY, outcome="tak",
        settled_on=date(2026, 12, 31),
    )  # fmt: skip
    assert filing.settled_on


@pytest.mark.parametrize("fields", [{"closes_at": timezone.now() - timedelta(days=11)}, {"pool_grosze": 0}, {"places": 0}])
def test_a_call_opens_before_it_closes_and_gives_something(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_grant_call(**fields)


def test_results_are_published_after_the_close() -> None:
    call = a_grant_call()
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantCall.objects.filter(pk=call.pk).update(results_published_at=call.closes_at - timedelta(minutes=1))


@pytest.mark.parametrize("fields", [{"is_chosen": True}, {"is_chosen": False}, {"is_chosen": False, "reasons": "x", "grosze": 5}])
def test_a_result_has_money_or_reasons(fields: dict[str, Any]) -> None:
    call = a_grant_call()
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantResult.objects.create(call=call, initiative=an_initiative(), **fields)


def test_a_delay_is_later_and_says_why_and_stays() -> None:
    milestone = Milestone.objects.create(initiative=an_initiative(), what="Ławki", owner="office", due_on=DAY)
    row = {"milestone": milestone, "due_before": DAY, "at": timezone.now()}
    for wrong in ({"due_after": DAY, "reason": "x"}, {"due_after": DAY + timedelta(days=1), "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MilestoneDelay.objects.create(**row, **wrong)
    delay = MilestoneDelay.objects.create(**row, due_after=DAY + timedelta(days=1), reason="Deszcz")
    with pytest.raises(IntegrityError), transaction.atomic():
        MilestoneDelay.objects.filter(pk=delay.pk).update(reason="Nic")


def test_one_person_is_for_an_initiative_once() -> None:
    initiative, person = an_initiative(), a_person()
    Support.objects.create(initiative=initiative, person=person, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Support.objects.create(initiative=initiative, person=person, at=timezone.now())


def test_notes_and_answers_say_something() -> None:
    initiative = an_initiative()
    question = Question.objects.create(initiative=initiative, text="Kiedy?")
    for model, fields in ((ReviewNote, {"initiative": initiative, "author": a_user()}), (Answer, {"question": question, "by": "team"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.create(text="", **fields)


@pytest.mark.parametrize("fields", [{"joined_to": True}, {"complete_by": DAY}])
def test_what_belongs_to_one_state_is_there_in_no_other(fields: dict[str, Any]) -> None:
    initiative = an_initiative(status="idea")
    if "joined_to" in fields:
        fields = {"joined_to": an_initiative()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Initiative.objects.filter(pk=initiative.pk).update(**fields)


def test_numbers_and_keys_are_nobody_elses() -> None:
    first, second = an_initiative(), an_initiative()
    assert first.reference != second.reference
    assert first.own_key != second.own_key
    assert len(first.reference) == 9
    assert not set(first.reference) & set("01ILO")


def test_days_of_answers_and_reports_follow_the_project() -> None:
    initiative = an_initiative(kind="mini_project", status="idea", ends_on=DAY)
    assert initiative.answer_due_on == timezone.localdate() + timedelta(days=14)
    assert initiative.report_due_on == DAY + timedelta(days=30)
    assert an_initiative(status="running").answer_due_on is None


def test_whoever_waits_for_a_call_waits_till_it_has_closed() -> None:
    closes_at = timezone.now() + timedelta(days=20)
    call = a_grant_call(closes_at=closes_at)
    plan = an_initiative(kind="mini_project", status="submitted", grant_call=call)
    assert plan.answer_due_on == timezone.localdate(closes_at) + timedelta(days=14)
