"""All pairs of states of all kinds: the table decides, and every move leaves who, when and why."""

import itertools

import pytest

from active_citizens.core.refusal import RuleBroken
from projects.domain.workflow import MOVES, NEEDS_REASON, move, next_steps
from projects.models import Initiative
from tests.makers import a_user, an_initiative

pytestmark = pytest.mark.django_db
ALL = list(Initiative.Status)


@pytest.mark.parametrize("kind", list(Initiative.Kind))
def test_the_table_decides_every_pair(kind: str) -> None:
    actor = a_user()
    for before, after in itertools.product(ALL, ALL):
        initiative = an_initiative(kind=kind, status=before)
        if after in MOVES[kind].get(before, frozenset()):
            move(initiative, after, actor=actor, reason="bo tak")
            change = initiative.changes.last()
            assert (change.before, change.after, change.actor, change.reason) == (before, after, actor, "bo tak")
        else:
            with pytest.raises(RuleBroken) as refused:
                move(initiative, after, reason="bo tak")
            assert refused.value.code == "no_such_move"


def test_moves_that_disappoint_need_a_reason() -> None:
    initiative = an_initiative(kind="mini_project", status="submitted")
    for after in NEEDS_REASON & next_steps(initiative):
        with pytest.raises(RuleBroken) as refused:
            move(initiative, after, reason="  ")
        assert (refused.value.code, refused.value.field) == ("needs_reason", "reason")


def test_history_known_from_sources_never_moves() -> None:
    assert next_steps(an_initiative(status="historical")) == frozenset()
