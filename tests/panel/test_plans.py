"""Calling off and moving from the panel: one page, a sheet for the door, and the calls that are left."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.domain import plans
from events.models import Event, EventChange
from events.templatetags.events import day, hours
from participants.models import Message
from projects.models import CallMatter, CallTask
from tests.makers import a_call, a_neighbourhood, a_person, a_user, a_venue, an_animator, an_event, an_officer, signed_up
from tests.panel.conftest import fields_of, signed_in

DAY = timedelta(days=1)
MOVE = {"what": "move", "reason": "Ulewa.", "starts_at": "2090-05-10T17:00"}
PAGES = ("plans", "cancel", "door_sheet")


def page(view: str, event: Event) -> str:
    return reverse(f"admin:events_event_{view}", args=[event.pk])


def a_broken_event(*places, **fields) -> Event:
    event = an_event(*places, **fields)
    return plans.reschedule_event(event, starts_at=event.starts_at + 3 * DAY, reason="Ulewa.")


def test_moving_from_the_panel_tells_people_and_leads_to_the_sheet(panel, ugorek):
    event = an_event(ugorek)
    signed_up(event)
    signed_up(event, a_person(email="", phone="+48600100200"))
    asked = panel.get(page("plans", event))
    assert asked.context["told"] == {"by_mail": 1, "by_phone": 1, "by_nobody": 0}

    answer = panel.post(page("plans", event), MOVE, follow=True)
    after = Event.objects.get()
    assert (timezone.localtime(after.starts_at).isoformat()[:16], after.ends_at - after.starts_at) == ("2090-05-10T17:00", 2 * DAY / 24)
    assert (Message.objects.filter(template="event_moved").count(), CallMatter.objects.get().reason) == (1, "event_moved")
    assert page("door_sheet", event) in answer.content.decode()
    assert reverse("admin:projects_calltask_changelist") in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"what": ""}, "what"),
        ({"reason": " "}, "reason"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "2020-05-10T17:00"}, "starts_at"),
        ({"starts_at": "30 lutego"}, "starts_at"),
        ({"ends_at": "2090-05-10T16:00"}, "ends_at"),
        ({"venue": "0"}, "venue"),
    ],
)
def test_what_is_refused_stands_at_its_field_and_nothing_happens(panel, ugorek, typed, field):
    event = an_event(ugorek)
    answer = panel.post(page("plans", event), MOVE | typed)

    assert list(answer.context["form"].errors) == [field]
    assert not EventChange.objects.exists()


def test_only_the_venue_needs_no_date(panel, ugorek):
    event, hall = an_event(ugorek), a_venue(neighbourhood=ugorek)
    panel.post(page("plans", event), MOVE | {"starts_at": "", "venue": hall.pk})

    assert (Event.objects.get().venue, Event.objects.get().starts_at) == (hall, event.starts_at)


def test_the_other_date_set_in_advance_is_one_click_away(panel, ugorek):
    event = an_event(ugorek, starts_at=timezone.now().replace(second=0, microsecond=0) + 7 * DAY)
    Event.objects.filter(pk=event.pk).update(fallback_starts_at=event.starts_at + 2 * DAY)
    sent = fields_of(panel.get(page("plans", event)).content.decode())
    panel.post(page("plans", event), sent | {"reason": "Ulewa."})

    assert Event.objects.get().starts_at == event.starts_at + 2 * DAY


def test_the_old_address_calls_off_at_once(panel, ugorek):
    event = an_event(ugorek)
    assert panel.get(page("cancel", event)).context["form"].initial["what"] == "cancel"

    panel.post(page("cancel", event), {"reason": "Ulewa."})
    assert (Event.objects.get().status, EventChange.objects.get().kind) == ("cancelled", "cancelled")


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"in_days": -3}])
def test_where_nothing_can_break_the_page_says_so(panel, ugorek, fields):
    event = an_event(ugorek, **fields)

    assert not panel.get(page("plans", event)).context["may_change"]
    assert "Ulewa." in panel.post(page("plans", event), MOVE).content.decode()
    assert not EventChange.objects.exists()


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_the_sheet_for_the_door_says_both_dates_why_and_whom_to_ring(panel, ugorek, act):
    event = an_event(ugorek)
    old = day(event.starts_at)
    if act == "move":
        event = plans.reschedule_event(event, starts_at=event.starts_at + 3 * DAY, venue=a_venue(name="Hala"), reason="Ulewa.")
    else:
        event = plans.cancel_event(event, "Ulewa.")
    sheet = panel.get(page("door_sheet", event)).content.decode()

    assert f"<del>{old}" in sheet
    assert ("Ulewa." in sheet, event.project.phone_line in sheet, "Hala" in sheet) == (True, True, act == "move")
    assert (f"{day(event.starts_at)}<br>{hours(event)}</strong>" in sheet) is (act == "move")


def test_there_is_no_sheet_while_plans_hold(panel, ugorek):
    event = an_event(ugorek)

    assert panel.get(page("door_sheet", event)).status_code == 404
    assert page("door_sheet", event) not in panel.get(page("change", event)).content.decode()


def test_the_event_form_leads_to_the_page_where_dates_are_fixed(panel, ugorek):
    event = an_event(ugorek)
    signed_up(event)

    assert panel.get(page("change", event)).content.decode().count(page("plans", event)) == 2


@pytest.mark.parametrize("view", PAGES)
def test_looking_changes_nothing(panel, ugorek, view):
    event = a_broken_event(ugorek)
    signed_up(event)
    messages = Message.objects.count()

    assert panel.get(page(view, event)).status_code == 200
    assert (EventChange.objects.count(), Message.objects.count(), Event.objects.get().sequence) == (1, messages, 1)


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (lambda place: an_animator(a_neighbourhood("Azory")), 404),
        (lambda place: a_user(), 404),
        (lambda place: None, 302),
        (lambda place: an_officer(), 200),
        (an_animator, 200),
    ],
    ids=["another animator", "resident", "visitor", "officer", "own animator"],
)
@pytest.mark.parametrize("view", PAGES)
def test_plans_belong_to_the_team_of_the_event(ugorek, who, answer, view):
    event, user = a_broken_event(ugorek), who(ugorek)
    client = signed_in(user) if user else Client()

    assert client.get(page(view, event)).status_code == answer
    if answer != 200:
        client.post(page(view, event), MOVE)
        assert EventChange.objects.count() == 1


@pytest.mark.parametrize("view", PAGES)
def test_pages_ask_the_same_number_of_queries_with_one_sign_up_and_with_thirty(panel, ugorek, view):
    event = a_broken_event(ugorek)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert panel.get(page(view, event)).status_code == 200
        return len(captured)

    signed_up(event)
    queries()
    one = queries()
    for _number in range(29):
        signed_up(event)
    assert queries() == one <= 15


def test_who_is_due_today_comes_first_and_is_marked(panel, ugorek):
    now = timezone.now()
    event = an_event(ugorek)
    for number, due_at in enumerate([now + 5 * DAY, now, now - DAY], start=1):
        person = a_person(email="", phone=f"+4860010020{number}")
        a_call(signed_up(event, person, channel="phone"), "event_moved", due_at=due_at)
    calls = panel.get(reverse("admin:index")).context["work"].calls.rows
    listed = panel.get(reverse("admin:projects_calltask_changelist"))

    assert [call.is_for_today for call in calls] == [True, True, False]
    assert [call.pk for call in listed.context["cl"].result_list] == [call.pk for call in calls]
    assert listed.content.decode().count("badge-warning") == 2


def test_the_call_says_what_it_was_and_what_it_will_be(panel, ugorek):
    event = an_event(ugorek)
    signed_up(event, a_person(email="", phone="+48600100200"))
    old = event.starts_at
    plans.reschedule_event(event, starts_at=old + 3 * DAY, reason="Ulewa.")
    read = panel.get(reverse("admin:projects_calltask_change", args=[CallTask.objects.get().pk])).content.decode()

    for moment in (old, old + 3 * DAY):
        assert f"{timezone.localtime(moment):%H:%M}" in read
    assert "Ulewa." in read
