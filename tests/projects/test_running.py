"""While an initiative runs: spending with receipts, hours given for nothing, and who leads."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from active_citizens.core.pictures import take_in
from active_citizens.core.refusal import RuleBroken
from events.reasons import sayings
from participants.models import Message
from projects.domain import leaders, running
from projects.domain.running import Spent
from projects.models import CallMatter, CallTask, Expense, Initiative, InitiativeMember, InitiativeReport, VolunteerWork
from tests.makers import a_person, a_picture, an_initiative, an_officer, ready, the_project

pytestmark = pytest.mark.django_db
Status = Initiative.Status
RUNS = {Status.RUNNING, Status.REPORTING}


def code_of(verb: Any, *args: Any, **kwargs: Any) -> tuple[str, str | None]:
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **kwargs)
    return refused.value.code, refused.value.field


def paid(in_days: int = 0, **fields: Any) -> Spent:
    values = {"what": "Farby", "grosze": 4_550, "receipt_number": "FV 1/2026", **fields}
    return Spent(paid_on=timezone.localdate() + timedelta(days=in_days), **values)


def put_right(initiative: Initiative, row: VolunteerWork, in_days: int = 0) -> VolunteerWork:
    day = timezone.localdate() + timedelta(days=in_days)
    return running.correct_work(initiative, row.pk, done_on=day, people=4, minutes=60, what="Sprzątanie")


def work(initiative: Initiative, in_days: int = 0, **fields: Any) -> VolunteerWork:
    values = {"people": 3, "minutes": 450, "what": "Malowanie", **fields}
    return running.note_work(initiative, done_on=timezone.localdate() + timedelta(days=in_days), **values)


@pytest.mark.parametrize("status", list(Status))
def test_money_and_hours_are_written_down_only_while_it_runs(status: str) -> None:
    initiative = an_initiative(status=status)
    for verb in (lambda: running.spend(initiative, paid()), lambda: work(initiative)):
        if status in RUNS:
            assert verb().pk
        else:
            assert code_of(verb) == ("not_running", None)


def test_what_the_report_says_stays_while_the_team_reads_it() -> None:
    initiative = an_initiative(kind="mini_project", status="reporting")
    expense, hours = running.spend(initiative, paid()), work(initiative)
    InitiativeReport.objects.create(initiative=initiative, done="Zrobione.", handed_in_at=timezone.now())
    for verb in (
        lambda: running.spend(initiative, paid()), lambda: work(initiative),
        lambda: running.take_off_expense(initiative, expense.pk), lambda: running.take_off_work(initiative, hours.pk),
        lambda: running.correct_expense(initiative, expense.pk, paid()), lambda: put_right(initiative, hours),
    ):  # fmt: skip
        assert code_of(verb) == ("not_running", None)


def test_days_to_come_are_refused() -> None:
    initiative = an_initiative()
    assert code_of(running.spend, initiative, paid(in_days=1)) == ("future_day", "paid_on")
    assert code_of(work, initiative, in_days=1) == ("future_day", "done_on")


def test_a_line_of_somebody_elses_budget_is_refused() -> None:
    line = an_initiative().budget.create(what="Deski", grosze=100)
    assert code_of(running.spend, an_initiative(), paid(budget_line=line)) == ("other_budget", "budget_line")


def test_a_receipt_goes_with_its_expense(django_capture_on_commit_callbacks: Any) -> None:
    initiative = an_initiative()
    expense = running.spend(initiative, paid(), picture=take_in(a_picture()))
    assert default_storage.exists(expense.receipt.name)
    with django_capture_on_commit_callbacks(execute=True):
        running.take_off_expense(an_initiative(), expense.pk)
    assert default_storage.exists(expense.receipt.name)
    with django_capture_on_commit_callbacks(execute=True):
        running.take_off_expense(initiative, expense.pk)
    assert not default_storage.exists(expense.receipt.name)
    assert not Expense.objects.exists()


def test_a_mistyped_receipt_is_put_right_and_keeps_its_picture_without_a_new_one(django_capture_on_commit_callbacks: Any) -> None:
    initiative = an_initiative()
    expense = running.spend(initiative, paid(), picture=take_in(a_picture()))
    with django_capture_on_commit_callbacks(execute=True):
        same = running.correct_expense(initiative, expense.pk, paid(in_days=-1, what="Pędzle", grosze=99))
    assert (same.pk, same.what, same.grosze, same.receipt.name) == (expense.pk, "Pędzle", 99, expense.receipt.name)
    assert default_storage.exists(expense.receipt.name)
    with django_capture_on_commit_callbacks(execute=True):
        again = running.correct_expense(initiative, expense.pk, paid(), picture=take_in(a_picture()))
    assert again.receipt.name != expense.receipt.name
    assert default_storage.exists(again.receipt.name)
    assert not default_storage.exists(expense.receipt.name)
    assert Expense.objects.get() == again


def test_what_refuses_a_receipt_refuses_its_correction() -> None:
    initiative, line = an_initiative(), an_initiative().budget.create(what="Deski", grosze=100)
    expense, hours = running.spend(initiative, paid()), work(initiative)
    assert code_of(running.correct_expense, initiative, expense.pk, paid(in_days=1)) == ("future_day", "paid_on")
    assert code_of(running.correct_expense, initiative, expense.pk, paid(budget_line=line)) == ("other_budget", "budget_line")
    assert code_of(running.correct_expense, an_initiative(), expense.pk, paid()) == ("taken_off", None)
    assert code_of(put_right, initiative, hours, in_days=1) == ("future_day", "done_on")
    assert code_of(put_right, an_initiative(), hours) == ("taken_off", None)
    assert put_right(initiative, hours).minutes == 60
    assert initiative.volunteer_work.get().what == "Sprzątanie"


def test_a_file_whose_row_fails_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    monkeypatch.setattr(Expense, "save", lambda self, **_how: names.append(self.receipt.name) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        running.spend(an_initiative(), paid(), picture=take_in(a_picture()))
    assert names
    assert not default_storage.exists(names[0])


def test_a_form_sent_twice_is_one_expense_and_the_key_is_nobody_elses() -> None:
    initiative, key = an_initiative(), uuid.uuid4()
    assert running.spend(initiative, paid(), key=key) == running.spend(initiative, paid(), key=key)
    assert running.spend(an_initiative(), paid(), key=key).initiative != initiative
    assert work(initiative) == work(initiative)
    assert work(initiative, people=4) != work(initiative)


def test_the_account_holds_budget_spending_and_agreement_against_each_other() -> None:
    initiative = ready(an_initiative())
    paints = initiative.budget.get()
    boards = initiative.budget.create(what="Deski", grosze=5_000)
    running.spend(initiative, paid(grosze=12_000, budget_line=paints))
    running.spend(initiative, paid(grosze=1_000, budget_line=boards))
    running.spend(initiative, paid(grosze=700))
    found = running.account(initiative)
    assert [(line.what, line.planned, line.spent, line.left, line.over) for line in found.lines] == [
        ("Farby", 10_000, 12_000, -2_000, 2_000), ("Deski", 5_000, 1_000, 4_000, 0), ("", 0, 700, -700, 700),
    ]  # fmt: skip
    assert (found.planned, found.spent, found.granted, found.left, found.over) == (15_000, 13_700, 10_000, -3_700, 3_700)
    initiative.agreement.delete()
    assert running.account(Initiative.objects.get(pk=initiative.pk)).left == 1_300


@pytest.mark.parametrize(("rate", "worth"), [(None, None), (3_000, 22_500), (0, 0)])
def test_hours_are_worth_what_the_project_says(rate: int | None, worth: int | None) -> None:
    project = the_project()
    project.volunteer_hour_grosze = rate
    project.save()
    initiative = an_initiative()
    work(initiative, minutes=400)
    work(initiative, minutes=50)
    assert running.worked(initiative) == running.Worked(450, worth)


# --- Who leads --------------------------------------------------------------------------------------------------------------


def led(**fields: Any) -> Initiative:
    leader = a_person()
    initiative = an_initiative(proposed_by=leader, **fields)
    InitiativeMember.objects.create(initiative=initiative, person=leader, role="leader")
    return initiative


def test_somebody_else_leads_and_the_old_link_dies() -> None:
    initiative, heir = led(), a_person()
    before, key = initiative.proposed_by, initiative.own_key
    change = leaders.hand_over(initiative, heir, "Przeprowadzka.")
    now = Initiative.objects.get(pk=initiative.pk)
    assert now.own_key != key
    assert (change.before, change.after, change.reason) == (before, heir, "Przeprowadzka.")
    assert dict(now.members.values_list("person", "role")) == {before.pk: "member", heir.pk: "leader"}
    assert leaders.leader_of(now) == heir == now.proposed_by
    told = Message.objects.filter(template="leader_changed")
    assert sorted(told.values_list("person", flat=True)) == sorted([before.pk, heir.pk])


def test_who_has_no_mail_is_rung() -> None:
    initiative, heir = led(), a_person(email="", phone="+48126165555")
    leaders.hand_over(initiative, heir, "Przeprowadzka.")
    assert CallMatter.objects.get(reason="leader_changed").person == heir


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"turns": 17}, True), ({"turns": 18}, False), ({"age_band": "16_17"}, True),
        ({"age_band": "under_13"}, True), ({"age_band": "adult"}, False), ({"birth_year": 1990, "age_band": "16_17"}, False), ({}, False),
    ],
)  # fmt: skip
def test_adults_lead(fields: dict[str, Any], refused: bool) -> None:
    if "turns" in fields:
        fields = {"birth_year": timezone.localdate().year - fields["turns"]}
    initiative, heir = led(), a_person(**fields)
    if refused:
        assert code_of(leaders.hand_over, initiative, heir, "Tak.") == ("under_age", "to")
    else:
        assert leaders.hand_over(initiative, heir, "Tak.").after == heir


def test_handing_over_needs_somebody_else_a_reason_and_something_to_lead() -> None:
    initiative = led()
    same = a_person(email=initiative.proposed_by.email)
    assert code_of(leaders.hand_over, initiative, initiative.proposed_by, "Tak.") == ("same", "to")
    assert code_of(leaders.hand_over, initiative, same, "Tak.") == ("same", "to")
    assert code_of(leaders.hand_over, initiative, a_person(), "  ") == ("needs_reason", "reason")
    assert code_of(leaders.hand_over, led(status="finished"), a_person(), "Tak.") == ("over", None)
    assert not initiative.leader_changes.exists()


def test_whoever_rings_can_say_who_leads_now_and_why() -> None:
    initiative = an_initiative(kind="mini_project", status="running", proposed_by=a_person(email="", phone="+48500100200"))
    heir = a_person(name="Bożydar Nowy")
    leaders.hand_over(initiative, heir, "Wyjazd do córki.")
    (saying,) = sayings(CallTask.objects.get(), an_officer())
    assert [initiative.title, "Wyjazd do córki."] == [saying.lines[0], saying.lines[-1]]
    assert "Bożydar Nowy" in saying.lines[1]
