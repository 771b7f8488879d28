"""Every move of a seat, as a table: what happened hour by hour, where everybody stands, and why.

Names say who somebody is: ``anna`` has confirmed her e-mail before, ``?anna`` types it for the first time, ``#anna`` has a
phone only, ``!anna`` is entered by the team, ``16anna`` is sixteen and names a guardian. Hours count from noon of a Monday.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from active_citizens.core.refusal import RuleBroken
from events.domain import attendance, desk, guardians, lottery, members, offers, parties, places, plans, queue
from events.domain.queue import settle_due
from events.models import Event, Registration, SeatMove
from participants.domain import merging
from participants.models import AgeBand, Person, User
from projects.models import CallTask
from tests.makers import a_person, an_event, an_officer, said_to_all, warsaw

pytestmark = pytest.mark.django_db
NOON = warsaw("2026-11-23 12:00")
HOUR = timedelta(hours=1)
DAYS = 24
OFFER = {"promotion": Event.Promotion.OFFER, "offer_hours": 24, "offers_end_hours": 24}


@dataclass
class World:
    """One event, the people met so far, and the hour it is."""

    event: Event
    officer: User
    known: dict[str, Registration] = field(default_factory=dict)
    now: datetime = NOON

    def up(self, who: str, heads: int = 1, **how: Any) -> None:
        """Signs up: ``heads`` people with one contact."""
        name = who.lstrip("?#!0123456789")
        person, guardian = self._person(who, name)
        actor = self.officer if who.startswith("!") else None
        party = [parties.Head(f"{name} {number}", person.age_band if not number else "") for number in range(heads)]
        self.known[name] = places.register(self.event, person, party, guardian=guardian, actor=actor, at=self.now, **how)

    def _person(self, who: str, name: str) -> tuple[Person, Person | None]:
        if who.startswith("#"):
            return Person(name=name, phone=f"+48600{sum(map(ord, name)):06d}"), None
        if who.startswith("16"):
            young = a_person(name=name, age_band=AgeBand.FROM_16)
            return young, Person(name="Opiekunka", email=f"opieka-{name}@example.org")
        if who.startswith(("?", "!")):
            return Person(name=name, email=f"{name}@example.org"), None
        return a_person(name=name, email=f"{name}@example.org"), None

    def confirm(self, name: str) -> None:
        places.confirm(self.known[name], at=self.now)

    def accept(self, name: str) -> None:
        offers.accept(self.known[name], at=self.now)

    def decline(self, name: str) -> None:
        offers.decline(self.known[name], at=self.now)

    def cancel(self, name: str, number: int | None = None) -> None:
        chosen = None if number is None else [self.known[name].seats.get(number=number)]
        places.cancel(self.known[name], seats=chosen, at=self.now)

    def strike(self, name: str) -> None:
        places.cancel(self.known[name], actor=self.officer, at=self.now)

    def agree(self, name: str) -> None:
        guardians.agree(self.known[name], at=self.now)

    def refuse(self, name: str) -> None:
        guardians.refuse(self.known[name], at=self.now)

    def add(self, name: str) -> None:
        members.add_heads(self.known[name], [parties.Head(f"{name} +")], at=self.now)

    def take_on(self, name: str) -> None:
        places.take_on(self.known[name], "wózek inwalidzki nie zajmuje krzesła", actor=self.officer, at=self.now)

    def capacity(self, number: int | None) -> None:
        places.change_capacity(self.event, number, at=self.now)

    def call(self, name: str, outcome: str) -> None:
        task = CallTask.objects.open().get(matters__context={"registration": self.known[name].pk}, matters__settled_at=None)
        desk.answer_call(task, outcome, answers=said_to_all(task, "yes"), actor=self.officer, at=self.now)

    def walk_in(self, name: str) -> None:
        self.known[name] = attendance.walk_in(self.event, name, key=uuid.uuid4(), actor=self.officer, at=self.now).registration

    def draw(self) -> None:
        lottery.draw(self.event, at=self.now)

    def call_off(self) -> None:
        plans.cancel_event(self.event, "Zalało salę.", at=self.now)

    def move_to(self, hours: int) -> None:
        plans.reschedule_event(self.event, starts_at=NOON + hours * HOUR, reason="Burza.", actor=self.officer, at=self.now)

    def up_twice(self, name: str) -> None:
        """Signs up once more, by phone: a second record of the same person, here called by the name with an apostrophe."""
        twin = Person(name=name, phone=f"+48700{sum(map(ord, name)):06d}")
        self.known[f"{name}'"] = places.register(self.event, twin, [parties.Head(f"{name} 0"), parties.Head(f"{name} 9")], at=self.now)

    def join(self, name: str) -> None:
        merging.merge(self.known[name].person, self.known[f"{name}'"].person, actor=self.officer, at=self.now)

    def wait(self) -> None:
        """The worker looks."""
        while settle_due(self.now):
            pass

    def states(self) -> dict[str, str]:
        return {
            name: " ".join(
                seat.status + ("*" if seat.extra else "") + (f"({seat.held_for})" if seat.held_for else "")
                for seat in registration.seats.order_by("number")
            )
            for name, registration in self.known.items()
        }

    def moves(self) -> list[str]:
        found = SeatMove.objects.filter(seat__event=self.event).select_related("seat").order_by("pk")
        return [f"{move.seat.name.split()[0]}: {move.before or 'new'} → {move.after}, {move.why}" for move in found]


def step(hours: float, verb: str, *arguments: Any, **how: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.now = NOON + hours * HOUR
        getattr(world, verb)(*arguments, **how)

    return act


# (what it shows, the event, what happens, where everybody stands, moves that must have happened)
TABLE: list[tuple[str, dict[str, Any], list[Callable[[World], None]], dict[str, str], list[str]]] = [
    (
        "a known contact has the place at once",
        {"capacity": 1},
        [step(0, "up", "anna")],
        {"anna": "confirmed"},
        ["anna: new → confirmed, signed_up"],
    ),
    (
        "a new e-mail has it once the link is clicked",
        {"capacity": 1},
        [step(0, "up", "?anna"), step(47, "confirm", "anna")],
        {"anna": "confirmed"},
        ["anna: new → held, signed_up", "anna: held → confirmed, verified"],
    ),
    (
        "without a click the next gets it",
        {"capacity": 1},
        [step(0, "up", "?anna"), step(1, "up", "bela"), step(48, "wait")],
        {"anna": "lapsed", "bela": "confirmed"},
        ["bela: new → waiting, full", "anna: held → lapsed, hold_ended", "bela: waiting → confirmed, next_in_order"],
    ),
    (
        "a late click has the old position",
        {"capacity": 1},
        [step(0, "up", "?anna"), step(1, "up", "bela"), step(2, "up", "cela"), step(48, "wait"), step(50, "confirm", "anna"),
         step(51, "cancel", "bela")],
        {"anna": "confirmed", "bela": "cancelled", "cela": "waiting"},
        ["anna: lapsed → waiting, late_click", "bela: confirmed → cancelled, own_wish", "anna: waiting → confirmed, next_in_order"],
    ),
    (
        "a phone is believed while there is room, and called when the event is nearly full",
        {"capacity": 2},
        [step(0, "up", "#anna"), step(0, "up", "bela"), step(1, "cancel", "bela"), step(2, "up", "bella"), step(2, "cancel", "bella"),
         step(3, "capacity", 1), step(3, "cancel", "anna"), step(4, "up", "!cela"), step(5, "up", "#dela"), step(6, "cancel", "cela"),
         step(7, "call", "dela", "reached")],
        {"anna": "cancelled", "bela": "cancelled", "bella": "cancelled", "cela": "cancelled", "dela": "confirmed"},
        ["anna: new → confirmed, signed_up", "dela: new → waiting, full", "dela: waiting → confirmed, next_in_order"],
    ),
    (
        "a party waits until all fit",
        {"capacity": 2},
        [step(0, "up", "anna"), step(1, "up", "bela", 2), step(2, "up", "cela"), step(3, "cancel", "anna")],
        {"anna": "cancelled", "bela": "confirmed confirmed", "cela": "waiting"},
        ["bela: waiting → confirmed, next_in_order"],
    ),
    (
        "on the last day a party that does not fit lets a smaller one go first",
        {"capacity": 2},
        [step(0, "up", "anna"), step(1, "up", "bela", 2), step(2, "up", "cela"), step(7 * DAYS - 24, "wait")],
        {"anna": "confirmed", "bela": "waiting waiting", "cela": "confirmed"},
        ["bela: waiting → waiting, passed_over", "cela: waiting → confirmed, next_in_order"],
    ),
    (
        "as many as possible: the rest waits",
        {"capacity": 2},
        [step(0, "up", "anna", 3, all_or_none=False), step(1, "up", "bela"), step(2, "cancel", "anna", 1)],
        {"anna": "cancelled confirmed confirmed", "bela": "waiting"},
        ["anna: waiting → confirmed, next_in_order"],
    ),
    (
        "somebody added to a party waits behind those who came before",
        {"capacity": 2},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "up", "cela"), step(3, "add", "anna"), step(4, "cancel", "bela")],
        {"anna": "confirmed waiting", "bela": "cancelled", "cela": "confirmed"},
        ["anna: new → waiting, full"],
    ),
    (
        "somebody added while there is room has the place",
        {"capacity": 3},
        [step(0, "up", "anna"), step(3, "add", "anna")],
        {"anna": "confirmed confirmed"},
        ["anna: new → confirmed, added"],
    ),
    (
        "the team takes one out and somebody on beyond the number",
        {"capacity": 1},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "take_on", "bela"), step(3, "up", "!cela", beyond="prowadzi zapis"),
         step(4, "strike", "cela"), step(5, "up", "dela")],
        {"anna": "confirmed", "bela": "confirmed*", "cela": "cancelled*", "dela": "waiting"},
        ["bela: waiting → confirmed, over_capacity", "cela: new → confirmed, over_capacity", "cela: confirmed → cancelled, by_staff"],
    ),
    (
        "an offer is accepted",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "cancel", "anna"), step(3, "accept", "bela"), step(4, "accept", "bela")],
        {"anna": "cancelled", "bela": "confirmed"},
        ["bela: waiting → held, offered", "bela: held → confirmed, accepted"],
    ),
    (
        "an offer is declined, the next lets it lapse, the third has it",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(1, "up", "cela"), step(1, "up", "dela"), step(2, "cancel", "anna"),
         step(3, "decline", "bela"), step(27, "wait"), step(28, "accept", "dela")],
        {"anna": "cancelled", "bela": "cancelled", "cela": "lapsed", "dela": "confirmed"},
        ["bela: held → cancelled, declined", "cela: held → lapsed, offer_ended", "dela: held → confirmed, accepted"],
    ),
    (
        "whoever lets an offer lapse and comes back has the old position",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(1, "up", "cela"), step(2, "cancel", "anna"), step(27, "wait"),
         step(28, "accept", "bela"), step(29, "decline", "cela")],
        {"anna": "cancelled", "bela": "held(offer)", "cela": "cancelled"},
        ["bela: lapsed → waiting, late_click", "bela: waiting → held, offered"],
    ),
    (
        "a late yes takes a place that is free",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "cancel", "anna"), step(27, "wait"), step(28, "accept", "bela")],
        {"anna": "cancelled", "bela": "confirmed"},
        ["bela: held → confirmed, accepted"],
    ),
    (
        "the first call starts the clock of an offer by phone, in hours of duty",
        {"capacity": 1, **OFFER, "offer_hours": 6},
        [step(0, "up", "anna"), step(1, "up", "#bela"), step(1, "up", "cela"), step(2, "cancel", "anna"), step(50, "wait"),
         step(68, "call", "bela", "no_answer"), step(92.9, "wait"), step(93, "wait")],
        {"anna": "cancelled", "bela": "lapsed", "cela": "held(offer)"},
        ["bela: held → held, called", "bela: held → lapsed, offer_ended"],
    ),
    (
        "after two calls that nobody answered an offered place goes to the next",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "#bela"), step(1, "up", "#cela"), step(2, "cancel", "anna"),
         step(20, "call", "bela", "no_answer"), step(22, "call", "bela", "household"), step(23, "call", "cela", "reached")],
        {"anna": "cancelled", "bela": "lapsed", "cela": "confirmed"},
        ["bela: held → held, called", "bela: held → lapsed, not_reached", "cela: waiting → held, offered"],
    ),
    (
        "so does a place held for somebody who typed a phone when the event was nearly full",
        {"capacity": 10},
        [step(0, "up", "anna", 5), step(0, "up", "bela", 4), step(1, "up", "#cela"), step(2, "up", "dela"),
         step(3, "call", "cela", "no_answer"), step(24, "call", "cela", "no_answer")],
        {"anna": "confirmed confirmed confirmed confirmed confirmed", "bela": "confirmed confirmed confirmed confirmed",
         "cela": "lapsed", "dela": "confirmed"},
        ["cela: held → lapsed, not_reached", "dela: waiting → confirmed, next_in_order"],
    ),
    (
        "an offer by phone is answered in the call",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "#bela"), step(1, "up", "#cela"), step(2, "cancel", "anna"),
         step(20, "call", "bela", "declined"), step(21, "call", "cela", "reached")],
        {"anna": "cancelled", "bela": "cancelled", "cela": "confirmed"},
        ["bela: held → cancelled, declined", "cela: held → confirmed, accepted"],
    ),
    (
        "after the last offers a place goes to whoever answers first",
        {"capacity": 1, **OFFER},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "up", "cela"), step(7 * DAYS - 20, "cancel", "anna"),
         step(7 * DAYS - 19, "accept", "cela")],
        {"anna": "cancelled", "bela": "waiting", "cela": "confirmed"},
        ["bela: waiting → waiting, any_of_queue", "cela: waiting → confirmed, first_answer"],
    ),
    (
        "a lottery lets everybody wait alike and then draws",
        {"capacity": 1, "promotion": Event.Promotion.LOTTERY, "draw_at": NOON + 48 * HOUR},
        [step(0, "up", "anna"), step(1, "cancel", "anna"), step(48, "draw")],
        {"anna": "cancelled"},
        ["anna: new → waiting, in_draw", "anna: waiting → cancelled, own_wish"],
    ),
    (
        "who is drawn has the place, or has yet to confirm it",
        {"capacity": 2, "promotion": Event.Promotion.LOTTERY, "draw_at": NOON + 48 * HOUR},
        [step(0, "up", "anna"), step(1, "up", "?bela"), step(48, "draw")],
        {"anna": "confirmed", "bela": "held(verification)"},
        ["anna: waiting → confirmed, drawn", "bela: waiting → held, drawn"],
    ),
    (
        "a newcomer after the draw stands behind the drawn",
        {"capacity": 1, "promotion": Event.Promotion.LOTTERY, "draw_at": NOON + 48 * HOUR},
        [step(0, "up", "anna"), step(48, "draw"), step(49, "up", "bela"), step(50, "cancel", "anna")],
        {"anna": "cancelled", "bela": "confirmed"},
        ["bela: new → waiting, full", "bela: waiting → confirmed, next_in_order"],
    ),
    (
        "a guardian agrees",
        {"capacity": 1, "open_to_minors": True},
        [step(0, "up", "16anna"), step(1, "confirm", "anna"), step(2, "agree", "anna")],
        {"anna": "confirmed"},
        ["anna: new → held, signed_up", "anna: held → confirmed, guardian_agreed"],
    ),
    (
        "a guardian does not agree",
        {"capacity": 1, "open_to_minors": True},
        [step(0, "up", "16anna"), step(1, "up", "bela"), step(2, "refuse", "anna")],
        {"anna": "cancelled", "bela": "confirmed"},
        ["anna: held → cancelled, no_agreement"],
    ),
    (
        "a guardian does not answer, and then does",
        {"capacity": 1, "open_to_minors": True},
        [step(0, "up", "16anna"), step(48, "wait"), step(49, "agree", "anna")],
        {"anna": "confirmed"},
        ["anna: held → lapsed, no_guardian", "anna: lapsed → waiting, late_click", "anna: waiting → confirmed, next_in_order"],
    ),
    (
        "a guardian may agree while the young person still waits",
        {"capacity": 1, "open_to_minors": True},
        [step(0, "up", "bela"), step(1, "up", "16anna"), step(2, "agree", "anna"), step(3, "cancel", "bela")],
        {"anna": "confirmed", "bela": "cancelled"},
        ["anna: new → waiting, full", "anna: waiting → confirmed, next_in_order"],
    ),
    (
        "more places go to those who wait, fewer take none away",
        {"capacity": 1},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(2, "up", "cela"), step(3, "capacity", 2), step(4, "capacity", 1)],
        {"anna": "confirmed", "bela": "confirmed", "cela": "waiting"},
        ["bela: waiting → confirmed, next_in_order"],
    ),
    (
        "two records of one person are joined: a name keeps one place, the others come along, the next moves up",
        {"capacity": 3},
        [step(0, "up", "anna"), step(1, "up_twice", "anna"), step(2, "up", "bela"), step(3, "join", "anna")],
        {"anna": "confirmed confirmed", "anna'": "cancelled", "bela": "confirmed"},
        ["anna: confirmed → cancelled, joined", "anna: confirmed → confirmed, joined", "bela: waiting → confirmed, next_in_order"],
    ),
    (
        "the event is called off",
        {"capacity": 1},
        [step(0, "up", "anna"), step(1, "up", "?bela"), step(2, "call_off")],
        {"anna": "cancelled", "bela": "cancelled"},
        ["anna: confirmed → cancelled, event_cancelled", "bela: waiting → cancelled, event_cancelled"],
    ),
    (
        "the event moves to an earlier day: nobody may answer after its start",
        {"capacity": 2},
        [step(0, "up", "anna"), step(1, "up", "?bela"), step(2, "move_to", 24)],
        {"anna": "confirmed", "bela": "held(verification)"},
        ["bela: held → held, event_moved"],
    ),
    (
        "whoever just comes is written down beyond the number, and takes nobody's place",
        {"capacity": 1},
        [step(0, "up", "anna"), step(1, "up", "bela"), step(7 * DAYS - 3, "walk_in", "cela"), step(7 * DAYS - 2, "cancel", "anna")],
        {"anna": "cancelled", "bela": "confirmed", "cela": "confirmed*"},
        ["cela: new → confirmed, walked_in", "bela: waiting → confirmed, next_in_order"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "steps", "states", "moves"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_move(event: dict[str, Any], steps: list[Any], states: dict[str, str], moves: list[str]) -> None:
    world = World(an_event(starts_at=NOON + 7 * DAYS * HOUR, **event), an_officer())
    for act in steps:
        act(world)

    assert world.states() == states
    told = world.moves()
    assert [line for line in moves if line not in told] == [], told


def test_the_table_knows_every_reason() -> None:
    shown = {line.rpartition(", ")[2] for row in TABLE for line in row[4]}
    assert set(SeatMove.Why.values) - shown == set()


def test_a_place_answered_for_too_late_is_gone() -> None:
    world = World(an_event(starts_at=NOON + 7 * DAYS * HOUR, capacity=1, **OFFER), an_officer())
    for act in (
        step(0, "up", "anna"), step(1, "up", "bela"), step(2, "up", "cela"), step(7 * DAYS - 20, "cancel", "anna"),
        step(7 * DAYS - 19, "accept", "cela"),
    ):  # fmt: skip
        act(world)
    with pytest.raises(RuleBroken) as broken:
        offers.accept(world.known["bela"], at=NOON + (7 * DAYS - 18) * HOUR)
    assert broken.value.code == "gone"
    assert queue.position(world.known["bela"]) == 1


@pytest.mark.parametrize("way", ["beyond", "take on", "first to answer"])
def test_no_place_is_certain_before_the_guardian_agrees(way: str) -> None:
    offer = OFFER if way == "first to answer" else {}
    world = World(an_event(starts_at=NOON + 7 * DAYS * HOUR, capacity=1, open_to_minors=True, **offer), an_officer())
    step(0, "up", "bela")(world)
    if way != "beyond":
        step(1, "up", "16anna")(world)
    late = step(7 * DAYS - 20, "cancel", "bela") if way == "first to answer" else step(2, "wait")
    late(world)
    acts = {
        "beyond": step(3, "up", "16anna", beyond="powód"), "take on": step(3, "take_on", "anna"),
        "first to answer": step(7 * DAYS - 19, "accept", "anna"),
    }  # fmt: skip
    with pytest.raises(RuleBroken) as broken:
        acts[way](world)
    assert broken.value.code == "guardian_first"

    if way != "beyond":
        step(7 * DAYS - 18.5, "agree", "anna")(world)
        acts[way](world)
        assert world.states()["anna"].startswith("confirmed")
