"""Who is behind an initiative: somebody always leads it, whatever the page showed when the button was pressed."""

import pytest

from active_citizens.core.refusal import RuleBroken
from projects.domain import leaders, teams
from projects.models import InitiativeMember
from tests.makers import a_person, an_initiative

pytestmark = pytest.mark.django_db


def test_whoever_leads_since_the_page_was_opened_is_not_let_go() -> None:
    initiative = an_initiative(status="running", proposed_by=a_person())
    seen = teams.take_in(initiative, "Jan Pokazowy", email="jan@example.org")
    leaders.hand_over(initiative, seen.person, "Przeprowadzka.")
    with pytest.raises(RuleBroken) as refused:
        teams.let_go(seen)
    assert refused.value.code == "last_leader"
    assert InitiativeMember.objects.get(role="leader").person == seen.person


def test_whoever_is_gone_already_is_let_go_once() -> None:
    initiative = an_initiative(status="running", proposed_by=a_person())
    seen = teams.take_in(initiative, "Jan Pokazowy", email="jan@example.org")
    again = InitiativeMember.objects.get(pk=seen.pk)
    teams.let_go(seen)
    teams.let_go(again)
    assert not initiative.members.filter(person=again.person_id).exists()
