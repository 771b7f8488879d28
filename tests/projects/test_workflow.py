"""Every state × every move × every role of the three kinds against one table; what each move asks for; who is told, and how often.

The table is ``initiative_moves.txt``: one line for each move that exists, with the roles that may make it. Print it anew with
``python -m pytest tests/projects/test_workflow.py --print-table`` and read what changed.
"""

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import messages
from participants.models import Message, Person, User
from projects import rules
from projects.domain import requirements, workflow
from projects.domain.workflow import MOVES, NEEDS_REASON, move, next_steps
from projects.models import CallMatter, Filing, Initiative, InitiativeAgreement, InitiativeMember, Plan
from tests.makers import (
    a_coordinator,
    a_former_animator,
    a_grant_call,
    a_neighbourhood,
    a_person,
    a_user,
    an_animator,
    an_initiative,
    an_officer,
    ready,
)

pytestmark = pytest.mark.django_db
ALL = list(Initiative.Status)
TABLE = Path(__file__).with_name("initiative_moves.txt")
Status = Initiative.Status


def expected() -> dict[tuple[str, str, str], set[str]]:
    """Kind, from, to → the roles that may."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, before, _arrow, after, *roles = line.split()
            found[kind, before, after] = set(roles)
    return found


@pytest.fixture
def roles() -> dict[str, User]:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    return {
        "stranger": AnonymousUser(),
        "resident": a_user(),
        "author": a_user(),
        "animator": an_animator(ugorek),
        "elsewhere": an_animator(azory),
        "former": a_former_animator(ugorek),
        "officer": an_officer(),
        "coordinator": a_coordinator(),
    }


@pytest.mark.parametrize("kind", list(Initiative.Kind))
def test_every_state_move_and_role_is_as_the_table_says(kind: str, roles: dict[str, User], request: pytest.FixtureRequest) -> None:
    author = a_person(user=roles["author"])
    found: dict[tuple[str, str, str], set[str]] = {}
    for before in ALL:
        initiative = an_initiative(a_neighbourhood("Ugorek"), kind=kind, status=before)
        InitiativeMember.objects.create(initiative=initiative, person=author, role="leader")
        for name, user in roles.items():
            for after in workflow.steps_for(user, initiative):
                found.setdefault((kind, before, after), set()).add(name)
    if request.config.getoption("--print-table"):
        for (one, before, after), who in found.items():
            print(f"{one:12} {before:15} -> {after:15}", *(name for name in roles if name in who))
    assert found == {move: who for move, who in expected().items() if move[0] == kind}


@pytest.mark.parametrize("kind", list(Initiative.Kind))
def test_every_pair_of_states_is_moved_or_refused(kind: str) -> None:
    """All 169 pairs through the verb itself: those of the table leave who, when and why, the others leave nothing."""
    actor, open_ones = a_user(), {(before, after) for one, before, after in expected() if one == kind}
    later = timezone.now() + timedelta(minutes=5)
    for before, after in itertools.product(ALL, ALL):
        initiative = ready(an_initiative(kind=kind, status=before))
        if (before, after) in open_ones:
            moved = move(initiative, after, actor=actor, reason="bo tak", complete_by=timezone.localdate() + timedelta(days=7), at=later)
            change = initiative.changes.last()
            assert (change.before, change.after, change.actor, change.reason, change.at) == (before, after, actor, "bo tak", later)
            assert (moved.status, moved.status_since) == (after, later)
        else:
            with pytest.raises(RuleBroken) as refused:
                move(initiative, after, actor=actor, reason="bo tak", at=later)
            assert refused.value.code == "no_such_move"
            assert initiative.changes.count() == 1


def test_the_table_and_the_verbs_know_the_same_moves() -> None:
    in_code = {(kind, before, after) for kind, table in MOVES.items() for before, afters in table.items() for after in afters}
    assert in_code == set(expected())


def test_moves_that_disappoint_need_a_reason() -> None:
    initiative = ready(an_initiative(kind="mini_project", status="submitted"))
    for after in NEEDS_REASON & next_steps(initiative):
        with pytest.raises(RuleBroken) as refused:
            move(initiative, after, reason="  ")
        assert (refused.value.code, refused.value.field) == ("needs_reason", "reason")


@pytest.mark.parametrize("days", [None, -1])
def test_what_is_returned_says_by_when_it_is_to_be_completed(days: int | None) -> None:
    initiative = ready(an_initiative(kind="mini_project", status="submitted"))
    last = None if days is None else timezone.localdate() + timedelta(days=days)
    with pytest.raises(RuleBroken) as refused:
        move(initiative, "returned", reason="Kto podlewa?", complete_by=last)
    assert (refused.value.code, refused.value.field) == ("needs_day", "complete_by")


def test_lists_and_predicate_of_authors_agree(roles: dict[str, User]) -> None:
    author = a_person(user=roles["author"])
    led, proposed, neither = an_initiative(), an_initiative(proposed_by=author), an_initiative()
    InitiativeMember.objects.create(initiative=led, person=author, role="leader")
    InitiativeMember.objects.create(initiative=neither, person=author, role="volunteer")
    for user in roles.values():
        listed = set(rules.authored_initiatives(user))
        assert listed == {each for each in (led, proposed, neither) if rules.is_author(user, each)}
    assert set(rules.authored_initiatives(roles["author"])) == {led, proposed}


# --- What each move asks for ----------------------------------------------------------------------------------------------

Spoil = Callable[[Initiative], Any]


def _plan_without(name: str) -> Spoil:
    return lambda initiative: Plan.objects.filter(initiative=initiative).update(**{name: "  "})


def _of(manager: str, **values: Any) -> Spoil:
    return lambda initiative: getattr(initiative, manager).update(**values)


def _filing(**values: Any) -> Spoil:
    return lambda initiative: Filing.objects.filter(initiative=initiative).update(**values)


def _agreement(**values: Any) -> Spoil:
    return lambda initiative: InitiativeAgreement.objects.filter(initiative=initiative).update(**values)


def _in_call(**fields: Any) -> Spoil:
    return lambda initiative: Initiative.objects.filter(pk=initiative.pk).update(grant_call=a_grant_call(**fields))


NOW = timezone.now()
ASKED: list[tuple[str, str, str, Spoil, str]] = [
    *(("mini_project", "plan", "submitted", _plan_without(name), "plan_incomplete") for name in Plan.NEEDED),
    ("mini_project", "plan", "submitted", lambda one: one.plan.delete(), "plan_incomplete"),
    ("mini_project", "plan", "submitted", lambda one: one.budget.all().delete(), "no_budget"),
    ("mini_project", "plan", "submitted", lambda one: a_grant_call(), "no_call"),
    ("mini_project", "plan", "submitted", _in_call(closes_at=NOW - timedelta(minutes=1)), "call_closed"),
    ("mini_project", "plan", "submitted", _in_call(opens_at=NOW + timedelta(days=1)), "call_closed"),
    ("mini_project", "plan", "submitted", _in_call(is_published=False), "call_closed"),
    ("mini_project", "returned", "submitted",
     lambda one: Initiative.objects.filter(pk=one.pk).update(complete_by=date(2020, 1, 1)), "too_late"),
    ("mini_project", "submitted", "accepted", _in_call(), "by_results"),
    ("mini_project", "submitted", "not_chosen", _in_call(), "by_results"),
    ("mini_project", "agreement", "running", lambda one: InitiativeAgreement.objects.filter(initiative=one).delete(), "no_signer"),
    *(("mini_project", "agreement", "running", _agreement(**{name: empty}), "no_agreement")
      for name, empty in (("number", ""), ("signed_on", None), ("grosze", None), ("starts_on", None), ("ends_on", None))),
    ("mini_project", "agreement", "running", lambda one: one.grounds.all().delete(), "no_ground"),
    ("mini_project", "agreement", "running", _of("grounds", consented_on=None), "no_consent"),
    ("mini_project", "reporting", "finished", lambda one: one.report.delete(), "no_report"),
    ("mini_project", "reporting", "partly_finished",
     lambda one: type(one.report).objects.filter(pk=one.report.pk).update(handed_in_at=None), "no_report"),
    ("statutory", "plan", "submitted", lambda one: one.contributions.all().delete(), "no_contribution"),
    ("statutory", "plan", "submitted", lambda one: one.filing.delete(), "not_filed"),
    ("statutory", "submitted", "accepted", _filing(decided_on=None, outcome="", settled_on=None), "no_outcome"),
    ("statutory", "submitted", "not_chosen", _filing(decided_on=None, outcome="", settled_on=None), "no_outcome"),
    ("statutory", "agreement", "running", lambda one: one.grounds.all().delete(), "no_ground"),
    ("statutory", "reporting", "finished", _filing(settled_on=None), "not_settled"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "after", "spoil", "code"), ASKED)
def test_a_move_asks_for_what_it_needs(kind: str, before: str, after: str, spoil: Spoil, code: str) -> None:
    initiative = ready(an_initiative(kind=kind, status=before))
    spoil(initiative)
    with pytest.raises(RuleBroken) as refused:
        move(initiative, after, reason="bo tak")
    assert refused.value.code == code
    assert code in [each.code for each in requirements.missing(Initiative.objects.get(pk=initiative.pk), after)]


def test_a_plan_in_an_open_call_is_handed_in() -> None:
    initiative = ready(an_initiative(kind="mini_project", status="plan", grant_call=a_grant_call()))
    assert move(initiative, "submitted").status == "submitted"


def test_what_was_returned_may_come_after_the_call_has_closed() -> None:
    call = a_grant_call(closes_at=timezone.now() + timedelta(hours=1))
    initiative = ready(an_initiative(kind="mini_project", status="submitted", grant_call=call))
    tomorrow = timezone.localdate() + timedelta(days=1)
    move(initiative, "returned", reason="Kto podlewa?", complete_by=tomorrow)
    again = move(initiative, "submitted", at=timezone.now() + timedelta(hours=2))
    assert (again.status, again.complete_by) == ("submitted", None)


def test_an_idea_that_is_not_chosen_needs_no_results_of_a_call() -> None:
    initiative = an_initiative(kind="mini_project", status="idea", grant_call=a_grant_call())
    assert move(initiative, "not_chosen", reason="To robi już szkoła.").status == "not_chosen"


# --- Who is told ------------------------------------------------------------------------------------------------------------


def test_everybody_behind_an_initiative_is_told_once_for_each_move() -> None:
    author, leader = a_person(), a_person()
    initiative = ready(an_initiative(kind="mini_project", status="submitted", proposed_by=author))
    for person, role in ((author, "leader"), (leader, "leader"), (a_person(), "volunteer")):
        InitiativeMember.objects.create(initiative=initiative, person=person, role=role)

    move(initiative, "returned", reason="Kto podlewa?", complete_by=timezone.localdate() + timedelta(days=7))

    told = Message.objects.filter(template="initiative_moved")
    assert sorted(told.values_list("recipient", flat=True)) == sorted([author.email, leader.email])
    while messages.deliver_due():
        pass
    text = mail.outbox[0].body
    assert "Kto podlewa?" in text
    assert "decyzją administracyjną" in text
    assert initiative.own_key in text
    html = str(mail.outbox[0].alternatives[0][0])
    assert "Kto podlewa?" in html


def test_two_records_of_one_human_are_told_once() -> None:
    author, twin = a_person(email="ta.sama@example.org"), a_person(email="ta.sama@example.org")
    initiative = an_initiative(status="running", proposed_by=author)
    InitiativeMember.objects.create(initiative=initiative, person=twin, role="leader")
    move(initiative, "finished")
    assert Message.objects.filter(template="initiative_moved").count() == 1


def test_whoever_has_no_email_is_rung() -> None:
    author: Person = a_person(email="", phone="+48600100200")
    initiative = an_initiative(a_neighbourhood("Ugorek"), status="running", proposed_by=author)
    move(initiative, "finished")
    matter = CallMatter.objects.get(reason="initiative_moved")
    assert (matter.person, matter.task.neighbourhood.name) == (author, "Ugorek")
    assert not Message.objects.exists()


def test_a_refused_move_tells_nobody() -> None:
    initiative = an_initiative(kind="mini_project", status="plan", proposed_by=a_person())
    with pytest.raises(RuleBroken):
        move(initiative, "submitted")
    assert not Message.objects.exists()


def test_history_known_from_sources_never_moves() -> None:
    assert next_steps(an_initiative(status="historical")) == frozenset()


def test_a_letter_that_waited_gives_no_key_to_whoever_led_before() -> None:
    before, after = a_person(), a_person()
    initiative = an_initiative(status="running", proposed_by=before)
    InitiativeMember.objects.create(initiative=initiative, person=before, role="leader")
    move(initiative, "finished")
    InitiativeMember.objects.update(person=after)
    Initiative.objects.update(proposed_by=after)
    while messages.deliver_due():
        pass
    (letter,) = mail.outbox
    assert letter.to == [before.email]
    assert initiative.own_key not in letter.body
