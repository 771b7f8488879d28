"""Rights begin and end with a date; lists and predicates agree."""

from datetime import timedelta

import pytest
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.models import Event
from events.rules import manageable_events, may_manage_event
from participants.models import AccessLog, Message
from projects import rules
from projects.domain.assignments import end, grant
from projects.models import Assignment, Initiative, Neighbourhood
from tests.makers import (
    a_coordinator,
    a_former_animator,
    a_neighbourhood,
    a_user,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    staff,
)

pytestmark = pytest.mark.django_db


def everybody() -> dict[str, object]:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    return {
        "resident": a_user(),
        "animator": an_animator(ugorek),
        "other animator": an_animator(azory),
        "former animator": a_former_animator(ugorek),
        "future animator": an_animator(ugorek, starts_on=timezone.localdate() + timedelta(days=1)),
        "helper": staff("helper", of=ugorek),
        "scorer": staff("scorer"),
        "officer": an_officer(),
        "coordinator": a_coordinator(),
    }


def test_lists_and_predicates_agree_for_everybody() -> None:
    people = everybody()
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    for places in ([ugorek], [azory], [ugorek, azory]):
        an_event(*places)
        an_initiative(*places)
    for who, user in people.items():
        events = {event for event in Event.objects.all() if may_manage_event(user, event)}
        assert events == set(manageable_events(user)), who
        initiatives = {initiative for initiative in Initiative.objects.all() if rules.may_manage_initiative(user, initiative)}
        assert initiatives == set(rules.manageable_initiatives(user)), who
        places = {place for place in Neighbourhood.objects.all() if rules.runs(user, place)}
        assert places == set(rules.own_neighbourhoods(user)), who


@pytest.mark.parametrize(
    ("who", "is_staff", "events", "grants"),
    [
        ("resident", False, 0, False),
        ("animator", True, 2, False),
        ("other animator", True, 2, False),
        ("former animator", False, 0, False),
        ("future animator", False, 0, False),
        ("helper", False, 0, False),
        ("scorer", False, 0, False),
        ("officer", True, 3, False),
        ("coordinator", True, 3, True),
    ],
)
def test_who_may_what(who: str, is_staff: bool, events: int, grants: bool) -> None:
    user = everybody()[who]
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    for places in ([ugorek], [azory], [ugorek, azory]):
        an_event(*places)
    assert (rules.is_staff(user), manageable_events(user).count(), rules.may_grant_roles(user)) == (is_staff, events, grants)


def test_a_coordinator_grants_and_ends_a_role_and_both_are_logged() -> None:
    coordinator, ugorek = a_coordinator(), a_neighbourhood("Ugorek")
    role = grant("nowa@example.org", "animator", authorisation="UM/1/2026", granted_by=coordinator, neighbourhood=ugorek, name="Nowa Osoba")
    assert rules.runs(role.user, ugorek)
    assert Message.objects.get().recipient == "nowa@example.org"
    end(role, ended_by=coordinator, on=timezone.localdate())
    assert not Assignment.objects.live(timezone.localdate() + timedelta(days=1)).filter(user=role.user).exists()
    assert AccessLog.objects.filter(action="rights").count() == 2


@pytest.mark.parametrize(
    ("role", "placed", "code"),
    [("animator", False, "needs_neighbourhood"), ("officer", True, "no_neighbourhood"), ("coordinator", True, "no_neighbourhood")],
)
def test_a_role_fits_its_neighbourhood(role: str, placed: bool, code: str) -> None:
    place = a_neighbourhood("Ugorek") if placed else None
    with pytest.raises(RuleBroken) as refused:
        grant("nowa@example.org", role, authorisation="UM/1", granted_by=a_coordinator(), neighbourhood=place)
    assert refused.value.code == code


def test_only_a_coordinator_grants_and_nobody_twice() -> None:
    with pytest.raises(RuleBroken) as refused:
        grant("nowa@example.org", "officer", authorisation="UM/1", granted_by=an_officer())
    assert refused.value.code == "not_allowed"
    grant("nowa@example.org", "officer", authorisation="UM/1", granted_by=a_coordinator())
    with pytest.raises(RuleBroken) as refused:
        grant("NOWA@example.org", "officer", authorisation="UM/1", granted_by=a_coordinator())
    assert refused.value.code == "already_granted"


def test_an_end_is_never_put_off_nor_before_the_beginning() -> None:
    coordinator = a_coordinator()
    role = grant("nowa@example.org", "officer", authorisation="UM/1", granted_by=coordinator)
    today = timezone.localdate()
    with pytest.raises(RuleBroken) as refused:
        end(role, ended_by=coordinator, on=today - timedelta(days=1))
    assert refused.value.code == "ends_before_start"
    end(role, ended_by=coordinator, on=today + timedelta(days=1))
    with pytest.raises(RuleBroken) as refused:
        end(role, ended_by=coordinator, on=today + timedelta(days=300))
    assert refused.value.code == "ended_already"
    end(role, ended_by=coordinator)
    assert Assignment.objects.get(pk=role.pk).ends_on == today
