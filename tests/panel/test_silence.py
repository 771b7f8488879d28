"""The silence list: who waits too long for a person, seen by the team of the place, in totals by the office, and once a week by mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.panel import silence, silence_page
from active_citizens.panel.work import work_of
from events.domain import access
from events.models import AccessRequest, Event
from participants.models import User
from projects.domain import promises
from projects.models import Answer, CallMatter, CallTask, Initiative, Milestone, Neighbourhood, Question
from tests.makers import (
    a_call,
    a_coordinator,
    a_grant_call,
    a_person,
    a_promise,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    signed_up,
    the_project,
)
from tests.panel.conftest import signed_in

Status = Initiative.Status
PAGE = reverse("admin:silence")


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def idea(place: Neighbourhood, days: float, status: str = Status.IDEA, **fields: Any) -> Initiative:
    made = an_initiative(place, status=status, **fields)
    Initiative.objects.filter(pk=made.pk).update(status_since=ago(days))
    return made


def asked(place: Neighbourhood, days: float, status: str = "shown", of: str = Status.RUNNING) -> Question:
    question = Question.objects.create(initiative=an_initiative(place, status=of), text="Kiedy?", status=status)
    Question.objects.filter(pk=question.pk).update(created_at=ago(days))
    return question


def answered(place: Neighbourhood, by: str, status: str = "shown") -> Question:
    question = asked(place, 30)
    why = "Nie." if status == "hidden" else ""
    Answer.objects.create(question=question, text="Jutro.", by=by, status=status, hidden_reason=why)
    return question


def needing(place: Neighbourhood, due: int, over: bool = False, answer: bool = False, **fields: Any) -> AccessRequest:
    """A request whose answer was due so many days from today."""
    event = an_event(place, in_days=20)
    request = access.ask(signed_up(event), ["loop"], "", "", False)
    if over:
        Event.objects.filter(pk=event.pk).update(starts_at=ago(3), ends_at=ago(2.9))
    values = {"due_on": timezone.localdate() + timedelta(days=due), "created_at": ago(9), **fields}
    if answer:
        values |= {"status": "arranged", "answered_at": ago(1), "answer": "Będzie."}
    AccessRequest.objects.filter(pk=request.pk).update(**values)
    return request


def calling(place: Neighbourhood, due: float) -> CallTask:
    call = a_call(signed_up(an_event(place), a_person(email="", phone="+48600100200")), of=place)
    CallMatter.objects.filter(task=call).update(created_at=ago(5))
    CallTask.objects.filter(pk=call.pk).update(due_at=timezone.now() + timedelta(days=due))
    return call


# What is done → the kinds on the list and the days waited; the project's days of silence are seven.
def in_a_call(place: Neighbourhood, closed_days_ago: float) -> None:
    call = a_grant_call(opens_at=ago(90), closes_at=ago(closed_days_ago))
    Initiative.objects.filter(pk=idea(place, 40, Status.SUBMITTED).pk).update(kind="mini_project", grant_call=call)


CASES: list[tuple[str, Callable[[Neighbourhood], Any], list[tuple[str, int]]]] = [
    ("an idea of eight days", lambda place: idea(place, 8), [("idea", 8)]),
    ("an idea of six days", lambda place: idea(place, 6), []),
    ("a plan handed in", lambda place: idea(place, 9, Status.SUBMITTED), [("plan", 9)]),
    ("a plan being written is the authors’ turn", lambda place: idea(place, 90, Status.PLAN), []),
    ("a returned plan too", lambda place: idea(place, 90, Status.RETURNED), []),
    ("a question nobody looked at", lambda place: asked(place, 8, "waiting"), [("question", 8)]),
    ("a question without an answer", lambda place: asked(place, 10), [("question", 10)]),
    ("a fresh question", lambda place: asked(place, 3), []),
    ("a hidden question", lambda place: Question.objects.filter(pk=asked(place, 30).pk).update(status="hidden", hidden_reason="Nie."), []),
    ("a question to a withdrawn initiative", lambda place: asked(place, 30, of=Status.WITHDRAWN), []),
    ("answered by the team", lambda place: answered(place, "team"), []),
    ("answered by the office", lambda place: answered(place, "office"), []),
    ("answered by the group", lambda place: answered(place, "group"), []),
    ("only the asker spoke again", lambda place: answered(place, "asker"), [("question", 30)]),
    ("the answer still waits", lambda place: answered(place, "group", "waiting"), [("question", 30)]),
    ("the answer was hidden", lambda place: answered(place, "team", "hidden"), [("question", 30)]),
    ("a promise of yesterday", lambda place: a_promise(an_initiative(place), in_days=-1), [("promise", 1)]),
    ("a plan whose call is open", lambda place: in_a_call(place, closed_days_ago=-3), []),
    ("a plan whose call closed long ago", lambda place: in_a_call(place, closed_days_ago=12), [("plan", 12)]),
    (
        "an application at the office",
        lambda place: Initiative.objects.filter(pk=idea(place, 40, Status.SUBMITTED).pk).update(kind="statutory"),
        [],
    ),
    ("a promise of today", lambda place: a_promise(an_initiative(place), in_days=0), []),
    ("kept late", lambda place: promises.keep(a_promise(an_initiative(place), in_days=-9)), []),
    (
        "put off",
        lambda place: promises.put_off(a_promise(an_initiative(place), in_days=-9), timezone.localdate() + timedelta(days=1), "Deszcz"),
        [],
    ),
    ("a promise to a withdrawn initiative", lambda place: a_promise(an_initiative(place, status=Status.WITHDRAWN), in_days=-9), []),
    ("a promise to a finished one", lambda place: a_promise(an_initiative(place, status=Status.FINISHED), in_days=-9), [("promise", 9)]),
    ("access: the day has passed", lambda place: needing(place, -1), [("access", 9)]),
    ("access: the day is today", lambda place: needing(place, 0), []),
    ("access: answered", lambda place: needing(place, -1, answer=True), []),
    ("access: withdrawn", lambda place: needing(place, -1, status="withdrawn"), []),
    ("access: the event is over", lambda place: needing(place, -9, over=True), []),
    ("a call not made", lambda place: calling(place, -0.1), [("call", 5)]),
    ("a call in time", lambda place: calling(place, 1), []),
]


@pytest.mark.parametrize(("make", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_stands_on_the_list_and_since_when(
    animator: User, ugorek: Neighbourhood, azory: Neighbourhood, make: Callable[[Neighbourhood], Any], wanted: list[tuple[str, int]]
) -> None:
    make(ugorek)
    now = timezone.now()
    for user in (animator, an_officer(), a_coordinator()):
        assert [(row.kind, row.days(now)) for row in silence.silences(user)] == wanted
    assert silence.silences(an_animator(azory)) == []


# --- The page ----------------------------------------------------------------------------------------------------------------


def text_of(user: User, **asked_for: Any) -> str:
    page = signed_in(user).get(PAGE, asked_for)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_the_longest_wait_comes_first_whatever_its_kind(animator: User, ugorek: Neighbourhood) -> None:
    idea(ugorek, 12)
    needing(ugorek, -1, created_at=ago(30))
    a_promise(an_initiative(ugorek), in_days=-20)
    asked(ugorek, 15)
    calling(ugorek, -1)
    idea(ugorek, 40, Status.SUBMITTED)
    assert [row.kind for row in silence.silences(animator)] == ["plan", "access", "promise", "question", "idea", "call"]


@pytest.mark.parametrize(("days", "count"), [(11, 1), (12, 1), (13, 0)])
def test_the_days_of_silence_are_the_projects(animator: User, ugorek: Neighbourhood, days: int, count: int) -> None:
    idea(ugorek, 12.1)
    project = the_project()
    project.silence_days = days
    project.save()
    assert len(silence.silences(animator)) == count


def test_the_team_reads_rows_of_its_own_neighbourhoods(animator: User, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    mine, theirs = idea(ugorek, 9, title="Ławka na Ugorku"), idea(azory, 9, title="Ławka na Azorach")
    page = text_of(animator)
    assert mine.title in page
    assert reverse("admin:projects_initiative_change", args=[mine.pk]) in page
    assert theirs.title not in page
    assert "Azory" not in page.partition("<main")[2]


def test_the_office_reads_totals_and_opens_rows(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    officer = an_officer()
    idea(ugorek, 9, title="Ławka na Ugorku")
    idea(ugorek, 31, title="Huśtawka")
    both = idea(azory, 12, title="Wspólna ścieżka")
    both.neighbourhoods.add(ugorek)
    page = text_of(officer)
    assert "Ławka" not in page
    found = silence.totals(silence.silences(officer))
    assert [(place.name, place.count, place.longest) for place in found] == [("Ugorek", 3, 31), ("Azory", 1, 12)]
    opened = text_of(officer, place=azory.pk, kind="idea")
    assert "Wspólna ścieżka" in opened
    assert "Huśtawka" not in opened
    assert all(title in text_of(officer, all=1) for title in ("Ławka na Ugorku", "Huśtawka", "Wspólna ścieżka"))


@pytest.mark.parametrize("asked_for", [{"place": "x"}, {"kind": "nie-ma"}, {"page": "999", "all": "1"}, {"place": "0"}])
def test_nonsense_in_the_address_finds_nothing_and_breaks_nothing(ugorek: Neighbourhood, asked_for: dict[str, str]) -> None:
    idea(ugorek, 9)
    text_of(an_officer(), **asked_for)


def test_who_sees_to_it_is_named(animator: User, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    officer = an_officer()
    idea(ugorek, 40, reviewer=officer)
    idea(ugorek, 30)
    idea(azory, 20)
    a_promise(an_initiative(ugorek), in_days=-15, owner=Milestone.Owner.CO_OPERATIVE)
    needing(ugorek, -1, created_at=ago(12))
    rows = silence.lines(silence.silences(officer), officer)
    nobody, office = "nikt: nie ma tu osoby animującej", "urząd: nikt nie jest jeszcze wskazany"
    assert [line.owner for line in rows] == [str(officer), str(animator), nobody, "spółdzielnia mieszkaniowa", office]


def test_an_access_request_opens_for_those_who_may_read_it(animator: User, ugorek: Neighbourhood) -> None:
    owner = an_officer()
    request = needing(ugorek, -1, owner=owner)
    own = reverse("admin:events_accessrequest_change", args=[request.pk])
    sign_up = reverse("admin:events_registration_change", args=[request.registration_id])
    for user, address in ((owner, own), (a_coordinator(), own), (an_officer(), sign_up), (animator, sign_up)):
        (line,) = silence.lines(silence.silences(user), user)
        assert line.url == address
        assert signed_in(user).get(address).status_code == 200


def test_every_row_opens_where_it_is_seen_to(animator: User, ugorek: Neighbourhood) -> None:
    question, promised = asked(ugorek, 9), a_promise(an_initiative(ugorek), in_days=-1)
    found, client = silence.silences(animator), signed_in(animator)
    assert [row.url(animator).partition("#")[0] for row in found] == [
        reverse("admin:projects_question_change", args=[question.pk]),
        reverse("admin:projects_initiative_change", args=[promised.initiative_id]),
    ]
    assert [client.get(row.url(animator)).status_code for row in found] == [200, 200]


def test_nobody_of_those_who_are_to_be_rung_is_named(animator: User, ugorek: Neighbourhood) -> None:
    call = calling(ugorek, -1)
    page = text_of(animator)
    assert reverse("admin:projects_calltask_change", args=[call.pk]) in page
    assert call.person.name not in page


@pytest.mark.parametrize("role", ["animator", "officer"])
def test_the_page_asks_the_same_number_of_questions(animator: User, ugorek: Neighbourhood, role: str) -> None:
    client = signed_in(animator if role == "animator" else an_officer())

    def queries(number: int) -> int:
        for _each in range(number):
            idea(ugorek, 9)
            idea(ugorek, 9, Status.SUBMITTED)
            asked(ugorek, 9)
            a_promise(an_initiative(ugorek), in_days=-1)
            needing(ugorek, -1)
            calling(ugorek, -1)
        client.get(PAGE, {"all": 1})
        with CaptureQueriesContext(connection) as caught:
            assert client.get(PAGE, {"all": 1}).status_code == 200
        return len([query for query in caught if "SAVEPOINT" not in query["sql"]])

    few = queries(1)
    assert queries(4) == few
    assert few <= 12


def test_the_list_and_the_number_on_the_first_screen_agree(animator: User, ugorek: Neighbourhood) -> None:
    for _name, make, _wanted in CASES:
        make(ugorek)
    for user in (animator, an_officer()):
        assert work_of(user).silent == len(silence.silences(user)) > 0


def test_a_long_list_is_turned_over(animator: User, ugorek: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence_page, "PER_PAGE", 2)
    for days in (10, 11, 12):
        idea(ugorek, days, title=f"Pomysł {days}")
    first, second = text_of(animator), text_of(animator, page=2)
    assert ["Pomysł 12" in first, "Pomysł 11" in first, "Pomysł 10" in first, "page=2" in first] == [True, True, False, True]
    assert "Pomysł 10" in second
