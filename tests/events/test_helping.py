"""A helper at the door: one event, one day, nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain.helping import end_help, let_help
from events.models import Event, EventHelper
from events.rules import helped_events, manageable_events, may_note_attendance
from participants import letters
from participants.models import AccessLog, Message, User
from projects import rules
from tests.makers import a_coordinator, a_former_animator, a_helper, a_neighbourhood, a_user, an_animator, an_event, an_officer, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def event() -> Event:
    return an_event(a_neighbourhood("Ugorek"), starts_at=timezone.localtime().replace(hour=12))


@pytest.fixture
def animator() -> User:
    return an_animator(a_neighbourhood("Ugorek"))


def code(act: Any) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def test_a_helper_notes_attendance_of_one_event_on_its_day(event: Event, animator: User) -> None:
    other = an_event(a_neighbourhood("Ugorek"), starts_at=event.starts_at)
    helper = let_help(event, "pomoc@example.org", "Pomocna Osoba", "UM/9", actor=animator)
    user = helper.assignment.user
    days = [may_note_attendance(user, event, today() + number * DAY) for number in (-1, 0, 1)]
    assert (days, may_note_attendance(user, other), rules.is_staff(user)) == ([False, True, False], False, False)
    assert (user.name, helper.assignment.neighbourhood.name, helper.assignment.authorisation) == ("Pomocna Osoba", "Ugorek", "UM/9")
    assert AccessLog.objects.get(action="rights").subject_ids == [helper.assignment_id]


def test_the_list_and_the_rule_agree(event: Event, animator: User) -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    an_event(azory, starts_at=event.starts_at), an_event(ugorek, azory), an_event(azory, status="draft", starts_at=event.starts_at)
    moved = an_event(azory, starts_at=event.starts_at)
    people = [
        a_user(),
        a_helper(event),
        a_helper(moved),
        animator,
        an_animator(azory),
        a_former_animator(ugorek),
        an_officer(),
        a_coordinator(),
    ]
    Event.objects.filter(pk=moved.pk).update(starts_at=event.starts_at + DAY, ends_at=event.ends_at + DAY)
    for user in people:
        for on in (today(), today() + DAY):
            listed = {*manageable_events(user, on), *helped_events(user, on)}
            assert {found for found in Event.objects.all() if may_note_attendance(user, found, on)} == listed


def test_an_event_that_moves_takes_no_helper_along(event: Event) -> None:
    user = a_helper(event)
    Event.objects.filter(pk=event.pk).update(starts_at=event.starts_at + DAY, ends_at=event.ends_at + DAY)
    event.refresh_from_db()
    assert [may_note_attendance(user, event, today() + number * DAY) for number in (0, 1)] == [False, False]


def test_the_mail_leads_by_a_code_to_the_door(event: Event, animator: User) -> None:
    let_help(event, "pomoc@example.org", "", "UM/9", actor=animator)
    message = Message.objects.get()
    letter = letters.build(message)
    assert message.recipient == "pomoc@example.org"
    assert letter.context["door_url"].endswith(f"?next=%2Fpanel%2Fdoor%2F{event.pk}%2F")


def test_help_ends_at_once_and_may_begin_again(event: Event, animator: User) -> None:
    helper = let_help(event, "pomoc@example.org", "", "UM/9", actor=animator)
    assert code(lambda: let_help(event, "POMOC@example.org", "", "UM/10", actor=animator)) == "already_helps"
    end_help(helper, actor=animator)
    end_help(helper, actor=animator)
    assert not may_note_attendance(helper.assignment.user, event)
    with pytest.raises(letters.NoLongerNeeded):
        letters.build(Message.objects.get())
    assert AccessLog.objects.filter(action="rights").count() == 2
    let_help(event, "pomoc@example.org", "", "UM/10", actor=animator)
    assert may_note_attendance(helper.assignment.user, event)


def test_somebody_may_help_at_two_events_of_a_day(event: Event, animator: User) -> None:
    later = an_event(a_neighbourhood("Ugorek"), starts_at=event.starts_at + timedelta(hours=3))
    helpers = [let_help(one, "pomoc@example.org", "", "UM/9", actor=animator) for one in (event, later)]
    assert set(helped_events(helpers[0].assignment.user)) == {event, later}


def test_only_whoever_runs_the_event_lets_somebody_help(event: Event, animator: User) -> None:
    helper = let_help(event, "pomoc@example.org", "", "UM/9", actor=animator)
    for user in (a_user(), an_animator(a_neighbourhood("Azory")), helper.assignment.user):
        assert code(lambda user=user: let_help(event, "inna@example.org", "", "UM/9", actor=user)) == "not_allowed"
        assert code(lambda user=user: end_help(helper, actor=user)) == "not_allowed"


def test_nobody_helps_at_what_is_over_or_does_not_take_place(event: Event, animator: User) -> None:
    ugorek = a_neighbourhood("Ugorek")
    draft, past = an_event(ugorek, status="draft"), an_event(ugorek, in_days=-1.5)
    gone = an_event(ugorek, status="cancelled", cancelled_at=timezone.now(), cancel_reason="Burza.")
    codes = [code(lambda one=one: let_help(one, "x@example.org", "", "UM/9", actor=animator)) for one in (draft, past, gone)]
    assert (codes, EventHelper.objects.count()) == (["not_published", "over", "cancelled"], 0)
