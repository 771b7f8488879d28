"""The report: written in steps, handed in whole, given back once more; its authors reminded three times; a story anybody reads."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import messages
from participants.models import Message
from projects.domain import outcomes, reporting, workflow
from projects.models import CallMatter, ChangeStory, Initiative, InitiativeAgreement, InitiativeReport
from projects.models.outcomes import CHANNELS
from tests.makers import a_person, an_initiative, an_organisation, the_project, warsaw

pytestmark = pytest.mark.django_db
Status = Initiative.Status
WHOLE: dict[str, Any] = {"done": "Ławka.", "worked": "Sąsiedzi.", "failed": "Deszcz.", **dict.fromkeys(CHANNELS, 3)}


def code_of(verb: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **kwargs)
    return refused.value.code


def reporting_one(**fields: Any) -> Initiative:
    return an_initiative(**{"kind": "mini_project", "status": "reporting", "proposed_by": a_person(), **fields})


@pytest.mark.parametrize("kind", list(Initiative.Kind))
@pytest.mark.parametrize("status", list(Status))
def test_a_report_is_written_when_the_work_is_over(kind: str, status: str) -> None:
    """What a grassroots one came to is public as soon as the team ends it, so nothing comes in after that."""
    initiative = an_initiative(kind=kind, status=status)
    may = status == (Status.RUNNING if kind == "grassroots" else Status.REPORTING)
    for verb in (lambda: reporting.write(initiative, WHOLE), lambda: reporting.hand_in(initiative)):
        if may:
            verb()
        else:
            assert code_of(verb) == "not_reporting"
    assert InitiativeReport.objects.filter(handed_in_at__isnull=False).exists() is may


@pytest.mark.parametrize("name", [*reporting.NEEDED])
def test_every_question_is_answered_before_it_is_handed_in(name: str) -> None:
    initiative = reporting_one()
    reporting.write(initiative, {**WHOLE, name: None if name in CHANNELS else " "})
    assert code_of(reporting.hand_in, initiative) == "report_incomplete"
    reporting.write(initiative, {name: 0 if name in CHANNELS else "Nic."})
    assert reporting.hand_in(initiative).handed_in_at
    assert code_of(reporting.write, initiative, {"done": "Inaczej."}) == "handed_in"


def test_the_team_asks_for_changes_once_and_the_authors_write_again() -> None:
    initiative = reporting_one()
    assert code_of(reporting.ask_again, initiative, "Brakuje rachunku.") == "not_handed_in"
    reporting.write(initiative, {**WHOLE, "story": "Było miło."})
    reporting.hand_in(initiative)
    reporting.publish_story(initiative)
    assert code_of(reporting.ask_again, initiative, " ") == "needs_reason"
    given_back = reporting.ask_again(initiative, "Brakuje rachunku.")
    assert (given_back.handed_in_at, given_back.story_published_at, given_back.asked_again) == (None, None, "Brakuje rachunku.")
    assert Message.objects.filter(template="report_asked_again").count() == 1
    reporting.write(initiative, {"money_note": "Paragon 7."})
    assert reporting.hand_in(initiative).asked_again == ""


def test_an_accepted_report_is_not_given_back() -> None:
    initiative = reporting_one()
    reporting.write(initiative, WHOLE)
    assert code_of(workflow.move, initiative, "finished") == "no_report"
    reporting.hand_in(initiative)
    workflow.move(Initiative.objects.get(pk=initiative.pk), "finished")
    assert code_of(reporting.ask_again, initiative, "Jeszcze raz.") == "over"


def test_a_story_is_published_after_its_authors_handed_it_in() -> None:
    initiative = reporting_one()
    reporting.write(initiative, WHOLE)
    assert code_of(reporting.publish_story, initiative) == "not_handed_in"
    reporting.hand_in(initiative)
    assert code_of(reporting.publish_story, initiative) == "no_story"
    InitiativeReport.objects.update(story="Było miło.")
    first = reporting.publish_story(initiative).story_published_at
    assert reporting.publish_story(initiative).story_published_at == first
    assert outcomes.outcome_of(Initiative.objects.get(pk=initiative.pk)).story == "Było miło."


# --- Reminders --------------------------------------------------------------------------------------------------------------

ENDS = date(2026, 5, 1)
DUE = date(2026, 5, 31)


def reminded_on(first: date, days: int, at: str = "10:00") -> list[date]:
    """The days of the period on which somebody was reminded, the job having run twice on each."""
    found = []
    for day in (first + timedelta(days=number) for number in range(days)):
        moment = warsaw(f"{day} {at}")
        if reporting.remind_due(moment):
            found.append(day)
        assert reporting.remind_due(moment + timedelta(hours=1)) == 0
    return found


@pytest.mark.parametrize("person", [{}, {"email": "", "phone": "+48126165555"}])
def test_authors_are_reminded_a_week_before_on_the_day_and_a_week_after(person: dict[str, Any]) -> None:
    initiative = reporting_one(ends_on=ENDS, proposed_by=a_person(**person))
    assert reminded_on(DUE - timedelta(days=20), 60) == [DUE + shift for shift in reporting.REMINDED]
    mails = Message.objects.filter(template="report_due").count()
    called = CallMatter.objects.filter(reason="report_due", context={"initiative": initiative.pk}).count()
    assert (mails, called) == ((0, 1) if person else (3, 0))


def test_who_was_rung_is_not_rung_again_for_the_same_day() -> None:
    reporting_one(ends_on=ENDS, proposed_by=a_person(email="", phone="+48126165555"))
    assert reporting.remind_due(warsaw(f"{DUE} 10:00")) == 1
    CallMatter.objects.update(settled_at=timezone.now(), answer="told")
    assert reporting.remind_due(warsaw(f"{DUE} 12:00")) == 0
    assert CallMatter.objects.count() == 1


def test_the_end_of_the_agreement_counts_where_none_is_set() -> None:
    initiative = reporting_one()
    assert not reporting.owing().exists()
    signed = {"signer": "organisation", "organisation": an_organisation()}
    InitiativeAgreement.objects.create(initiative=initiative, ends_on=ENDS, **signed)
    assert reporting.owing().get().due_on == DUE == Initiative.objects.get(pk=initiative.pk).report_due_on


@pytest.mark.parametrize(
    ("fields", "owes"),
    [
        ({}, True), ({"status": "running"}, True), ({"status": "finished"}, False), ({"status": "withdrawn"}, False),
        ({"kind": "statutory"}, True), ({"kind": "grassroots", "status": "running"}, False), ({"ends_on": None}, False),
    ],
)  # fmt: skip
def test_who_owes_a_report(fields: dict[str, Any], owes: bool) -> None:
    initiative = reporting_one(**{"ends_on": ENDS, **fields})
    assert set(reporting.overdue(warsaw(f"{DUE} 10:00"))) == set()
    assert set(reporting.overdue(warsaw(f"{DUE + timedelta(days=1)} 10:00"))) == ({initiative} if owes else set())
    assert bool(reporting.remind_due(warsaw(f"{DUE} 10:00"))) is owes


def test_nobody_is_reminded_at_night_nor_of_what_lies_here_nor_of_what_is_long_past() -> None:
    initiative = reporting_one(ends_on=ENDS)
    assert reporting.remind_due(warsaw(f"{DUE} 23:30")) == 0
    assert reporting.remind_due(warsaw(f"{DUE + timedelta(days=14)} 10:00")) == 0
    InitiativeReport.objects.create(initiative=initiative, done="Ławka.", handed_in_at=timezone.now())
    assert reporting.remind_due(warsaw(f"{DUE} 10:00")) == 0


def test_the_letters_say_what_is_owed_and_what_is_to_be_changed() -> None:
    initiative = reporting_one(ends_on=ENDS)
    reporting.remind_due(warsaw(f"{DUE} 10:00"))
    reporting.write(initiative, WHOLE)
    reporting.hand_in(initiative)
    reporting.ask_again(initiative, "Brakuje rachunku za farbę.")
    while messages.deliver_due():
        pass
    first, second = sorted(mail.outbox, key=lambda each: "rachunku" in each.body)
    assert "31 maja 2026" in first.body
    assert "Brakuje rachunku za farbę." in second.body
    assert all(initiative.own_key in each.body for each in (first, second))


# --- What everybody sees ----------------------------------------------------------------------------------------------------


def test_results_are_shown_once_the_team_has_accepted_them() -> None:
    the_project()
    initiative = reporting_one()
    initiative.volunteer_work.create(done_on=ENDS, people=2, minutes=120, what="Malowanie")
    initiative.expenses.create(paid_on=ENDS, what="Farby", grosze=900, receipt_number="1")
    reporting.write(initiative, {**WHOLE, "in_print": 0})
    reporting.hand_in(initiative)
    assert not outcomes.outcome_of(Initiative.objects.get(pk=initiative.pk)).has_results
    workflow.move(Initiative.objects.get(pk=initiative.pk), "finished")
    found = outcomes.outcome_of(Initiative.objects.get(pk=initiative.pk))
    assert ([number for _label, number in found.channels], found.worked.minutes, found.spent) == ([3, 3, 3], 120, 900)
    assert not ChangeStory.objects.exists()
