"""An animator is ill: somebody stands in, from day to day, and stops by themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from active_citizens.core.refusal import RuleBroken
from participants import letters
from participants.models import AccessLog, Message, User
from projects import rules
from projects.domain.assignments import SUBSTITUTION_DAYS, end, end_substitution, substitute
from projects.models import Assignment
from tests.makers import a_coordinator, a_neighbourhood, a_user, an_animator, an_officer, staff, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def absent() -> Assignment:
    return an_animator(a_neighbourhood("Ugorek"), name="Chora Animatorka").assignments.get()


@pytest.fixture
def officer() -> User:
    return an_officer()


def stand_in(
    absent: Assignment, by: User, email: str = "zastepstwo@example.org", in_days: int = 0, days: int = 7, **how: Any
) -> Assignment:
    first = today() + in_days * DAY
    return substitute(absent, email, starts_on=first, ends_on=first + (days - 1) * DAY, authorisation="UM/7", granted_by=by, **how)


def code(act: Any) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def test_the_substitute_works_for_the_neighbourhood_from_day_to_day(absent: Assignment, officer: User) -> None:
    made = stand_in(absent, officer, name="Jan Zastępca", in_days=1)
    days = [rules.runs(made.user, absent.neighbourhood, today() + number * DAY) for number in (0, 1, 7, 8)]
    assert days == [False, True, True, False]
    assert rules.runs(absent.user, absent.neighbourhood, today() + DAY)
    assert (made.stands_in_for, made.granted_by, made.authorisation, made.user.name) == (absent, officer, "UM/7", "Jan Zastępca")
    assert AccessLog.objects.get(action="rights").subject_ids == [made.pk]


def test_both_are_told(absent: Assignment, officer: User) -> None:
    stand_in(absent, officer)
    mails = {message.recipient: letters.build(message) for message in Message.objects.all()}
    assert {address: letter.context.keys() & {"made", "assignment"} for address, letter in mails.items()} == {
        absent.user.email: {"made"}, "zastepstwo@example.org": {"assignment"},
    }  # fmt: skip


@pytest.mark.parametrize("who", ["animator", "resident"])
def test_only_the_office_grants_and_ends_it(absent: Assignment, officer: User, who: str) -> None:
    user = a_user() if who == "resident" else an_animator(a_neighbourhood("Azory"))
    made = stand_in(absent, a_coordinator())
    assert code(lambda: stand_in(absent, user, "inna@example.org")) == "not_allowed"
    assert code(lambda: end_substitution(made, ended_by=user)) == "not_allowed"


@pytest.mark.parametrize(
    ("how", "refused"),
    [
        ({"in_days": -1}, "in_the_past"),
        ({"days": SUBSTITUTION_DAYS}, ""),
        ({"days": SUBSTITUTION_DAYS + 1}, "too_long"),
        ({"days": 0}, "ends_before_start"),
        ({"email": "CHORA@example.org"}, "own_role"),
    ],
)
def test_days_and_people_it_is_refused_for(officer: User, how: dict[str, Any], refused: str) -> None:
    absent = an_animator(a_neighbourhood("Ugorek"), email="chora@example.org").assignments.get()
    if refused:
        assert code(lambda: stand_in(absent, officer, **how)) == refused
    else:
        stand_in(absent, officer, **how)
    assert absent.substitutions.count() == (0 if refused else 1)


def test_only_an_animators_own_role_in_force_has_one(absent: Assignment, officer: User) -> None:
    made = stand_in(absent, officer)
    ended = an_animator(a_neighbourhood("Ugorek"), ends_on=today() - DAY).assignments.get()
    soon = an_animator(a_neighbourhood("Ugorek"), ends_on=today() + DAY).assignments.get()
    codes = [
        code(lambda role=role: stand_in(role, officer, "x@example.org")) for role in (made, staff("officer").assignments.get(), ended, soon)
    ]
    assert codes == ["not_an_animator", "not_an_animator", "not_in_force", "outlasts"]
    assert code(lambda: stand_in(absent, officer)) == "already_granted"


def test_one_that_runs_ends_today_and_one_to_come_is_taken_back(absent: Assignment, officer: User) -> None:
    runs, to_come = stand_in(absent, officer, "a@example.org"), stand_in(absent, officer, "b@example.org", in_days=1)
    for made in (runs, to_come):
        end_substitution(made, ended_by=officer)
    assert list(absent.substitutions.values_list("user__email", "ends_on")) == [("a@example.org", today())]
    assert code(lambda: end_substitution(runs, ended_by=officer)) == "ended_already"
    assert code(lambda: end_substitution(absent, ended_by=officer)) == "not_a_substitution"
    ended = Message.objects.filter(template="substitution_ended")
    assert sorted(ended.values_list("recipient", flat=True)) == sorted(["a@example.org", "b@example.org", *[absent.user.email] * 2])
    assert all(letters.build(message).context["absent"] == absent for message in ended)


def test_whoever_stands_in_stops_with_the_role(absent: Assignment, officer: User) -> None:
    runs = stand_in(absent, officer, "a@example.org")
    stand_in(absent, officer, "b@example.org", in_days=5)
    end(absent, ended_by=a_coordinator(), on=today() + DAY)
    assert list(absent.substitutions.values_list("pk", "ends_on")) == [(runs.pk, today() + DAY)]


@pytest.mark.parametrize("wrong", [{"ends_on": None}, {"role": "officer", "neighbourhood": None}])
def test_the_database_knows_no_substitution_without_an_end(absent: Assignment, officer: User, wrong: dict[str, Any]) -> None:
    made = stand_in(absent, officer)
    with pytest.raises(IntegrityError, match="assignment_substitution_ends"), transaction.atomic():
        Assignment.objects.filter(pk=made.pk).update(**wrong)
