"""The first screen of the panel: what waits for the one who looks, and nothing of what waits for others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.domain import photos
from active_citizens.content.models import DiaryEntry, Photo
from active_citizens.panel.work import SHOWN, work_of
from events.domain.closing import Account, Arrangement, close
from events.models import Event
from projects.models import ChangeStory, Initiative, Milestone, Project
from tests.makers import a_call, a_coordinator, a_person, a_photo, a_promise, an_event, an_initiative, an_officer, ready, signed_up, staff
from tests.panel.conftest import signed_in

Status = Initiative.Status


def screen_of(user):
    page = signed_in(user).get(reverse("admin:index"))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


@pytest.fixture
def closed_with(animator):
    """Closes an event that is over, with something agreed that is due in so many days."""

    def close_it(event: Event, in_days: int, agreed: str) -> None:
        due = timezone.localdate() + timedelta(days=in_days)
        close(event, Account(heads=5), arrangement=Arrangement({"agreed": agreed}, owner=animator, follow_up_on=due), actor=animator)

    return close_it


def test_events_that_are_over_wait_to_be_closed(animator, ugorek, azory):
    over, ahead = an_event(ugorek, in_days=-2), an_event(ugorek, in_days=2)
    elsewhere = an_event(azory, in_days=-2)
    assert list(work_of(animator).to_close.rows) == [over]
    assert list(work_of(an_officer()).to_close.rows) == [over, elsewhere]
    assert f"/event/{over.pk}/close/" in screen_of(animator)
    assert f"/event/{ahead.pk}/close/" not in screen_of(animator)


def test_what_was_agreed_comes_back_on_its_day(animator, ugorek, closed_with):
    closed_with(an_event(ugorek, in_days=-9), 0, "Ławka stanie przy bloku.")
    closed_with(an_event(ugorek, in_days=-8), 5, "Jeszcze nie dziś.")
    later = timezone.now() + timedelta(days=1)
    assert [(row.agreed, row.is_late) for row in work_of(animator).agreements.rows] == [("Ławka stanie przy bloku.", False)]
    assert [row.is_late for row in work_of(animator, later).agreements.rows] == [True]
    assert "Ławka stanie przy bloku." in screen_of(animator)
    assert "Jeszcze nie dziś." not in screen_of(animator)


def test_the_office_decides_and_the_animator_answers(animator, ugorek):
    idea = an_initiative(ugorek, status=Status.IDEA)
    submitted = an_initiative(ugorek, status=Status.SUBMITTED)
    officer, mine = work_of(an_officer()), work_of(animator)
    assert ([row.pk for row in officer.ideas.rows], [row.pk for row in officer.decisions.rows]) == ([idea.pk], [submitted.pk])
    assert ({row.pk for row in mine.ideas.rows}, mine.decisions.rows) == ({idea.pk, submitted.pk}, ())


def test_what_residents_wrote_waits_to_be_read(animator, ugorek, azory):
    for place in (ugorek, azory):
        initiative = ready(an_initiative(place, kind="mini_project", status=Status.REPORTING))
        DiaryEntry.objects.create(initiative=initiative, on=timezone.localdate(), text="Kopiemy.")
        ChangeStory.objects.create(initiative=initiative, person=a_person(), before="a", change="b", why="c")
    mine, officer = work_of(animator), work_of(an_officer())
    assert (mine.reports, mine.diary, mine.stories) == (1, 1, 1)
    assert (officer.reports, officer.diary, officer.stories) == (2, 2, 2)
    assert "1 wpis w dzienniku czeka na przejrzenie" in screen_of(animator)
    DiaryEntry.objects.update(shown_at=timezone.now())
    assert (work_of(animator).diary, work_of(animator).stories) == (0, 1)


def test_a_photo_that_had_to_come_down_is_listed_until_its_files_are_gone(animator, ugorek, azory):
    mine, elsewhere = a_photo(ugorek), a_photo(azory)
    Photo.objects.filter(pk__in=[mine.pk, elsewhere.pk]).update(hidden_at=timezone.now(), hidden_why=Photo.Hidden.CONSENT)
    assert (work_of(animator).withdrawn_photos, work_of(an_officer()).withdrawn_photos) == (1, 2)
    assert "?state=withdrawn" in screen_of(animator)
    photos.remove_files(Photo.objects.get(pk=mine.pk))
    assert work_of(animator).withdrawn_photos == 0


def test_only_the_coordinator_prepares_editions(animator, ugorek):
    coordinator = a_coordinator()
    next_one = Project.objects.create(slug="druga", title="Druga edycja", is_published=False)
    Project.objects.create(slug="dawna", title="Dawna", is_published=False, ends_on=timezone.localdate() - timedelta(days=1))
    edition = work_of(coordinator).edition
    assert edition is not None
    assert (edition.project, edition.missing) == (next_one, sum(not line.is_done for line in edition.checklist))
    assert edition.missing > 0
    add = reverse("admin:projects_project_add")
    assert add in screen_of(coordinator)
    assert "Druga edycja" in screen_of(coordinator)
    for other in (animator, an_officer()):
        assert work_of(other).edition is None
        assert add not in screen_of(other)
        assert "Druga edycja" not in screen_of(other)


# Of the page whole, session and account included: 12 is the bar of composed pages; the coordinator's checklist asks beside it.
@pytest.mark.parametrize(("role", "most"), [("animator", 12), ("officer", 12), ("coordinator", 18)])
def test_the_number_of_queries_does_not_grow(ugorek, animator, closed_with, role, most):
    user = {"animator": lambda: animator, "officer": an_officer, "coordinator": a_coordinator}[role]()
    client = signed_in(user)
    Project.objects.create(slug="druga", title="Druga edycja", is_published=False)

    def fill(number: int) -> int:
        for day in range(number):
            event = an_event(ugorek, in_days=0.5 + day % 6, capacity=1)
            signed_up(event)
            signed_up(event)
            a_call(signed_up(event), "event_cancelled")
            an_event(ugorek, in_days=-3)
            closed_with(an_event(ugorek, in_days=-9), 0, "Ustalone.")
            an_initiative(ugorek, status=Status.IDEA)
            an_initiative(ugorek, status=Status.SUBMITTED)
            a_promise(an_initiative(ugorek), in_days=-day - 1, owner=Milestone.Owner.GROUP)
            Photo.objects.filter(pk=a_photo(ugorek).pk).update(hidden_at=timezone.now(), hidden_why=Photo.Hidden.CONSENT)
        client.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("admin:index"))
        return len([query for query in caught if "SAVEPOINT" not in query["sql"]])

    few = fill(1)
    assert few == fill(SHOWN + 1)
    assert few <= most


def test_the_longest_waiting_come_first_whatever_their_state(animator, ugorek):
    now = timezone.now()
    for days in range(SHOWN + 3):
        status = Status.IDEA if days % 2 else Status.SUBMITTED
        Initiative.objects.filter(pk=an_initiative(ugorek, status=status).pk).update(status_since=now - timedelta(days=days))
    ideas = work_of(animator).ideas
    assert ([row.days for row in ideas.rows], ideas.total) == (list(range(SHOWN + 2, 2, -1)), SHOWN + 3)


def test_more_than_fits_says_how_many_more(ugorek):
    for _each in range(SHOWN + 2):
        an_event(ugorek, in_days=-2)
    work = work_of(staff("officer"))
    assert (len(work.to_close.rows), work.to_close.total, work.to_close.more) == (SHOWN, SHOWN + 2, 2)


def test_late_promises_wait_for_those_who_may_give_the_reason(animator, ugorek, azory):
    mine = a_promise(an_initiative(ugorek), in_days=-2, owner=Milestone.Owner.GROUP)
    offices = a_promise(an_initiative(ugorek), in_days=-3)
    theirs = a_promise(an_initiative(azory), in_days=-1, owner=Milestone.Owner.CO_OPERATIVE)
    a_promise(an_initiative(ugorek), owner=Milestone.Owner.GROUP)
    assert [row["pk"] for row in work_of(animator).late_promises.rows] == [mine.pk]
    assert [row["pk"] for row in work_of(an_officer()).late_promises.rows] == [offices.pk, mine.pk, theirs.pk]
    assert reverse("admin:projects_milestone_put_off", args=[mine.pk]) in screen_of(animator)
    assert reverse("admin:projects_milestone_put_off", args=[offices.pk]) not in screen_of(animator)


def test_the_number_of_those_who_wait_too_long_leads_to_the_list(animator, ugorek, azory):
    assert reverse("admin:silence") not in screen_of(animator).partition("panel-board")[2]
    for place in (ugorek, azory):
        a_promise(an_initiative(place), in_days=-2)
        Initiative.objects.filter(pk=an_initiative(place, status=Status.IDEA).pk).update(status_since=timezone.now() - timedelta(days=8))
    assert (work_of(animator).silent, work_of(an_officer()).silent) == (2, 4)
    assert reverse("admin:silence") in screen_of(animator).partition("panel-board")[2]
