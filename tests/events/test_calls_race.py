"""The call list while several of the team work at once: real connections, real locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from active_citizens.core.refusal import RuleBroken
from events.domain import desk, plans
from projects.models import CallMatter, CallTask, CallTry
from tests.makers import a_call, a_person, an_event, an_officer, said_to_all, signed_up

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """All acts at the same time, each with a connection of its own; the codes of those that were refused."""

    def one(act: Callable[[], object]) -> str:
        try:
            act()
        except RuleBroken as broken:
            return broken.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as team:
        return sorted(team.map(one, acts))


def test_eight_events_called_off_at_once_are_one_call_for_each_person() -> None:
    events = [an_event() for _number in range(8)]
    for event in events:
        # Each sign-up without an account is a record of its own, and in another order each time.
        for number in sorted(range(3), key=lambda number: (number + event.pk) % 3):
            signed_up(event, a_person(name=f"Osoba {number}", email="", phone=f"+4860010020{number}"))
    refused = at_once([lambda event=event: plans.cancel_event(event, "Zalało salę.") for event in events])

    assert refused == [""] * 8
    assert sorted(call.matters.count() for call in CallTask.objects.open()) == [8, 8, 8]


@pytest.mark.parametrize("outcome", ["reached", "no_answer"])
def test_of_four_who_note_the_same_call_one_is_heard(outcome) -> None:
    registration = signed_up(an_event(), a_person(email="", phone="+48600100200"))
    call, officer = a_call(registration, "event_moved"), an_officer()
    said = said_to_all(call, "yes" if outcome == "reached" else "")
    refused = at_once([lambda: desk.answer_call(call, outcome, answers=said, actor=officer)] * 4)

    assert refused == ["", *["done" if outcome == "reached" else "too_soon"] * 3]
    assert (CallTry.objects.count(), CallMatter.objects.get().attempts) == (1, 0 if outcome == "reached" else 1)
