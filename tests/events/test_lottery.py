"""The lottery: an order nobody chose, and anybody can recompute."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import lottery, publication, queue
from events.models import Draw, Event, Registration
from events.templatetags import events as words
from participants.models import Message
from tests.makers import a_person, an_event, signed_up, statuses

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def a_lottery(capacity: int = 3, **fields: Any) -> Event:
    now = timezone.now()
    event = an_event(status="draft", capacity=capacity, promotion="lottery", draw_at=now + 2 * DAY, starts_at=now + 7 * DAY, **fields)
    return publication.publish(event)


def test_the_seal_is_shown_before_and_the_seed_after(client: Client) -> None:
    event = a_lottery()
    draw = Draw.objects.get(event=event)
    address = f"/wydarzenia/{event.slug}/losowanie/"
    before = client.get(address).content.decode()
    assert hashlib.sha256(draw.seed.encode()).hexdigest() in before
    assert draw.seed not in before

    person = a_person(name="Żaneta Ćwikła")
    registration = signed_up(event, person)
    lottery.draw(event, at=event.draw_at)
    after = client.get(address).content.decode()
    assert draw.seed in after
    assert str(registration.pk) in after
    assert person.name not in after


def test_anybody_can_recompute_the_order() -> None:
    event = a_lottery()
    for number in range(8):
        signed_up(event, heads=1 + number % 2)
    made = lottery.draw(event, at=event.draw_at)

    tickets = [line["ticket"] for line in made.protocol]
    assert tickets == sorted(tickets, key=lambda ticket: hashlib.sha256(f"{made.seed}:{ticket}".encode()).hexdigest())
    assert sorted(tickets) == sorted(event.registrations.values_list("pk", flat=True))
    assert [line["rank"] for line in made.protocol] == list(range(1, 9))
    assert sum(line["places"] for line in made.protocol) <= 3
    waiting = Registration.objects.filter(seats__status="waiting").distinct().order_by("draw_rank")
    assert [queue.position(registration) for registration in waiting] == list(range(1, len(waiting) + 1))


def test_before_the_draw_nobody_stands_before_anybody() -> None:
    event = a_lottery()
    first, second = signed_up(event), signed_up(event)
    assert statuses(event) == ["waiting", "waiting"]
    assert queue.positions([first, second]) == {}


def test_each_is_told_once_how_it_went() -> None:
    event = a_lottery(capacity=1)
    for _number in range(3):
        signed_up(event)
    lottery.draw(event, at=event.draw_at)
    lottery.draw(event, at=event.draw_at)

    told = list(Message.objects.order_by("template").values_list("template", flat=True))
    assert told == ["registration_in_draw"] * 3 + ["registration_not_drawn"] * 2 + ["registration_promoted"]


def test_drawing_waits_for_its_hour_and_happens_once() -> None:
    event = a_lottery()
    signed_up(event)
    with pytest.raises(RuleBroken) as broken:
        lottery.draw(event, at=event.draw_at - DAY)
    assert broken.value.code == "too_early"
    assert [lottery.draw_due(event.draw_at + shift) for shift in (-DAY, timedelta(), DAY)] == [0, 1, 0]
    assert Draw.objects.get(event=event).drawn_at == event.draw_at


def test_a_lottery_without_anybody_is_drawn_all_the_same() -> None:
    event = a_lottery()
    assert lottery.draw(event, at=event.draw_at).protocol == []
    assert signed_up(event, at=event.draw_at + DAY).given[0].status == "confirmed"


def test_other_events_have_no_draw(client: Client) -> None:
    event = an_event()
    with pytest.raises(RuleBroken) as broken:
        lottery.draw(event)
    assert broken.value.code == "no_lottery"
    assert client.get(f"/wydarzenia/{event.slug}/losowanie/").status_code == 404


def test_before_the_draw_nobody_is_sent_to_a_waiting_list(client: Client) -> None:
    event = a_lottery(capacity=1)
    for _number in range(3):
        signed_up(event)
    shown = Event.objects.with_places().get(pk=event.pk)
    assert (words.free(shown), words.sign_up_state(shown, timezone.now())) == (1, "open")
    assert client.get(f"/wydarzenia/{event.slug}/zapisy/").status_code == 200
    assert "3" in words.places(shown)

    lottery.draw(event, at=event.draw_at)
    drawn = Event.objects.with_places().get(pk=event.pk)
    assert words.sign_up_state(drawn, event.draw_at) == "full"
