"""The door in the panel: who gets in, what a page costs and leaves behind, and what a phone is answered."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events import own_data
from events.domain import own
from events.models import Event, HeadCount, Registration, Seat
from participants.domain.messages import deliver_due
from participants.models import AccessLog, User
from tests.makers import a_helper, a_person, an_event, signed_up
from tests.panel.conftest import fields_of, signed_in
from tests.test_who_may_what import World, addresses

HERE, NOW = "2026-11-28T17:00:00Z", "2026-11-28T17:00:05Z"


@pytest.fixture
def event(ugorek: Any) -> Event:
    """Later today; people signed up long ago."""
    return an_event(ugorek, in_days=1)


def today(event: Event) -> Event:
    starts_at = timezone.localtime().replace(hour=23, minute=0)
    Event.objects.filter(pk=event.pk).update(starts_at=starts_at, ends_at=starts_at + (event.ends_at - event.starts_at))
    return Event.objects.get(pk=event.pk)


def door(event: Event, page: str = "door") -> str:
    return reverse(f"admin:{page}", args=[event.pk])


def send(client: Client, event: Event, *ticks: tuple[int, str], **how: Any) -> Any:
    told = [{"id": f"t{number}", "seat": str(seat), "what": what, "at": HERE} for number, (seat, what) in enumerate(ticks)]
    return client.post(door(event, "door_ticks"), json.dumps({"now": NOW, "ticks": told, **how}), content_type="application/json")


# --- Who gets in ----------------------------------------------------------------------------------------------------------


def test_a_helper_opens_the_door_pages_of_one_event_and_nothing_else_of_the_panel() -> None:
    world = World()
    event = today(world.rows["events_event"])
    helper = a_helper(event)
    client = signed_in(helper)
    opened = set()
    for name in sorted(set(addresses())):
        # What everybody may do with an account is no matter of roles.
        if name.startswith("admin:") and client.get(world.address(name)).status_code not in (404, 403):
            opened.add(name)
    login_pages = {"admin:login", "admin:logout", "admin:password_change", "admin:password_change_done"}
    assert opened - login_pages == {"admin:door", "admin:door_heads", "admin:door_ticks", "admin:door_walk_in"}
    other = today(an_event(event.neighbourhoods.get()))
    assert [client.get(door(other, page)).status_code for page in ("door", "door_heads", "door_ticks")] == [404] * 3


def test_a_helper_needs_no_second_factor_and_the_team_does(event: Event, animator: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    event = today(event)
    assert signed_in(a_helper(event)).get(door(event)).status_code == 200
    answer = signed_in(animator).get(door(event))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("mfa_index"))


def test_a_helper_sees_neither_those_who_wait_nor_the_menu(event: Event, animator: User) -> None:
    Event.objects.filter(pk=event.pk).update(capacity=1)
    signed_up(event, a_person(name="Anna Pewna")), signed_up(event, a_person(name="Bela Czekająca"))
    event = today(event)
    pages = [signed_in(user).get(door(event)).content.decode() for user in (a_helper(event), animator)]
    assert ["Anna Pewna" in page for page in pages] == [True, True]
    assert ["Bela Czekająca" in page for page in pages] == [False, True]
    assert ["panel-menu" in page for page in pages] == [False, True]


def test_before_the_day_the_page_says_so_and_names_nobody(event: Event, panel: Client) -> None:
    signed_up(event, a_person(name="Anna Pewna"))
    html = panel.get(door(event)).content.decode()
    assert "Obecność można zaznaczać od dnia wydarzenia" in html
    assert "Anna Pewna" not in html


# --- What a page costs and leaves behind ------------------------------------------------------------------------------------


def test_sixty_people_cost_as_many_queries_as_one(event: Event, panel: Client) -> None:
    counts = []
    for more in (1, 59):
        for _number in range(more):
            signed_up(event)
        shown = today(event)
        panel.get(door(shown))
        for page in ("door", "door_ticks", "door_heads"):
            with CaptureQueriesContext(connection) as asked:
                assert panel.get(door(shown, page)).status_code == 200
            counts.append(len(asked))
        Event.objects.filter(pk=event.pk).update(starts_at=event.starts_at, ends_at=event.ends_at)
    assert counts[:3] == counts[3:]
    assert max(counts) <= 15


def test_an_opened_page_and_a_batch_are_a_line_each(event: Event, panel: Client, animator: User) -> None:
    made = [signed_up(event), signed_up(event)]
    event = today(event)
    panel.get(door(event))
    send(panel, event, *((one.seats.get().pk, "came") for one in made))
    panel.get(door(event, "door_ticks"))
    lines = AccessLog.objects.exclude(action="login").order_by("pk")
    assert [(line.actor, line.action, line.subject, line.row_count) for line in lines] == [
        (animator, "read", "participants.person", 2), (animator, "change", "events.seat", 2),
    ]  # fmt: skip


# --- What a phone is answered -----------------------------------------------------------------------------------------------


def test_one_bad_tick_keeps_no_good_one_back(event: Event, panel: Client) -> None:
    fine, gone = (signed_up(event).seats.get() for _number in range(2))
    Seat.objects.filter(pk=gone.pk).update(status="cancelled")
    event = today(event)
    answer = send(panel, event, (fine.pk, "came"), (gone.pk, "came"), (999_999, "came")).json()
    assert (answer["done"], sorted(one["id"] for one in answer["refused"])) == (["t0"], ["t1", "t2"])
    assert answer["seats"] == {str(fine.pk): "came"}
    assert gone.name in next(one["why"] for one in answer["refused"] if one["id"] == "t1")


def test_a_phone_with_a_wrong_clock_says_only_how_long_ago(event: Event, panel: Client) -> None:
    seat = signed_up(event).seats.get()
    event = today(event)
    told = [{"id": "a", "seat": seat.pk, "what": "came", "at": "2031-01-01T00:00:00Z"}]
    body = json.dumps({"now": "2031-01-01T00:01:00Z", "ticks": told})
    panel.post(door(event, "door_ticks"), body, content_type="application/json")
    seat.refresh_from_db()
    assert 60 <= (timezone.now() - seat.attendance_at).total_seconds() < 70


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"now": 1, "ticks": []}', '{"now": "x", "ticks": []}', f'{{"now": "{NOW}", "ticks": [1]}}',
     f'{{"now": "{NOW}", "ticks": [{{"id": 1, "seat": "x", "what": "came", "at": "{HERE}"}}]}}',
     f'{{"now": "{NOW}", "ticks": [{{"id": 1, "seat": 1, "what": "came", "at": "2026-11-28T17:00:00"}}]}}',
     '{"now": "9999-12-31T00:00:00Z", "ticks": [{"id": 1, "seat": 1, "what": "came", "at": "0001-01-01T00:00:00Z"}]}'],
)  # fmt: skip
def test_what_our_page_cannot_have_made_is_refused(event: Event, panel: Client, body: str) -> None:
    answer = panel.post(door(today(event), "door_ticks"), body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["why"])


def test_a_cancelled_event_refuses_the_batch_with_a_sentence(event: Event, panel: Client) -> None:
    seat = signed_up(event).seats.get()
    event = today(event)
    Event.objects.filter(pk=event.pk).update(status="cancelled", cancelled_at=timezone.now(), cancel_reason="Burza.")
    answer = send(panel, event, (seat.pk, "came"))
    assert (answer.status_code, answer.json()) == (409, {"why": "To wydarzenie zostało odwołane."})


def test_ticks_need_the_forms_token(event: Event, animator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(animator)
    assert send(client, today(event), (1, "came")).status_code == 403


def test_an_old_page_undoes_nobodys_work(event: Event, panel: Client) -> None:
    mine, theirs = (signed_up(event).seats.get() for _number in range(2))
    event = today(event)
    Seat.objects.filter(pk=theirs.pk).update(attendance="came", attendance_at=timezone.now())
    form = {
        "shown": f"{mine.pk}= {theirs.pk}= x= 7 {10**30}=came",
        f"seat-{mine.pk}": "excused",
        f"seat-{theirs.pk}": "",
        f"seat-{10**30}": "",
    }
    panel.post(door(event), form)
    assert [Seat.objects.get(pk=seat.pk).attendance for seat in (mine, theirs)] == ["excused", "came"]


def test_a_name_is_sought_without_scripts_and_the_others_stay_in_the_form(event: Event, panel: Client) -> None:
    signed_up(event, a_person(name="Łucja Żółć")), signed_up(event, a_person(name="Jan Kot"))
    html = panel.get(door(today(event)), {"q": "zolc"}).content.decode()
    assert (html.count('class="door-row"'), html.count("data-find="), html.count(" hidden>\n  <fieldset>")) == (2, 2, 1)


def test_walk_ins_and_heads_by_the_plain_forms(event: Event, panel: Client, animator: User) -> None:
    event = today(event)
    key = str(uuid.uuid4())
    for _time in range(2):
        answer = panel.post(door(event, "door_walk_in"), {"name": "Jan Kot", "age_band": "senior", "key": key})
        assert (answer.status_code, answer.headers["Location"]) == (302, door(event))
    made = Registration.objects.get()
    assert (made.channel, made.entered_by, made.seats.get().age_band) == ("walk_in", animator, "senior")
    assert panel.post(door(event, "door_walk_in"), {"name": "Staś", "age_band": "under_13", "key": str(uuid.uuid4())}, follow=True)
    assert Registration.objects.count() == 1

    answer = panel.post(door(event, "door_heads"), {"channel-festival": "30", "age-senior": "31"})
    assert list(answer.context["form"].errors) == ["age-under_13"]
    assert HeadCount.objects.count() == 0
    panel.post(door(event, "door_heads"), {"channel-festival": "30", "age-senior": "3"})
    assert dict(HeadCount.objects.values_list("value", "heads")) == {"festival": 30, "senior": 3, "no_answer": 27}


# --- Never shown to the person ----------------------------------------------------------------------------------------------


def test_no_page_mail_or_file_of_the_person_says_who_did_not_come(event: Event) -> None:
    registration = signed_up(event, a_person(email="anna@example.org"))
    registration.seats.update(attendance="absent", attendance_at=timezone.now())
    found = own.holders("anna@example.org")
    taken_away = json.dumps(own_data.as_json("anna@example.org", found, {}), default=str) + str(list(own_data.as_table(found, {}).rows))
    assert ["attendance" in taken_away, "absent" in taken_away, "nieobecność" in taken_away] == [False] * 3
    templates = Path(portal.BASE_DIR, "templates")
    telling = [path for path in templates.rglob("*.*") if path.suffix in {".html", ".txt"} and "attendance" in path.read_text().lower()]
    assert {path.relative_to(templates).parts[0] for path in telling} <= {"admin"}


# --- Helpers --------------------------------------------------------------------------------


def test_helpers_are_let_in_and_out_from_the_event(event: Event, panel: Client) -> None:
    address = reverse("admin:events_event_helpers", args=[event.pk])
    typed = {"email": "pomoc@example.org", "name": "Pomocna Osoba", "authorisation": "UM/9"}
    assert panel.post(address, typed).headers["Location"] == address
    assert list(panel.post(address, typed).context["form"].errors) == ["email"]
    helper = event.helpers.get()
    end = reverse("admin:events_event_end_help", args=[event.pk, helper.pk])
    assert panel.get(end).status_code == 200
    assert event.helpers.get().ended_at is None
    assert panel.post(end).headers["Location"] == address
    assert "Pomocna Osoba" not in panel.get(address).content.decode().partition("messagelist")[0]
    assert event.helpers.get().ended_at is not None


def test_a_helper_comes_by_a_mailed_code_to_the_door(event: Event, panel: Client, mailoutbox: Any) -> None:
    event = today(event)
    panel.post(reverse("admin:events_event_helpers", args=[event.pk]), {"email": "pomoc@example.org", "authorisation": "UM/9"})
    deliver_due()
    link = next(line for line in mailoutbox[-1].body.splitlines() if "?next=" in line)
    phone = Client()
    address = link.removeprefix(portal.SITE_URL)
    # What a browser sends from each page: the way back travels along.
    asked = phone.get(address)
    typed = phone.post(address, fields_of(asked.content.decode()) | {"email": "pomoc@example.org"}, follow=True)
    deliver_due()
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mailoutbox[-1].body, re.MULTILINE)[0]
    answer = phone.post(reverse("account_confirm_login_code"), fields_of(typed.content.decode()) | {"code": code, "action": "verify"})
    assert answer.headers["Location"] == door(event)
    assert phone.get(door(event)).status_code == 200
