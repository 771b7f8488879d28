"""Random sequences of verbs against what must always hold: capacity, order, one live sign-up, held ⇔ held until."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from active_citizens.core.refusal import RuleBroken
from events.domain import guardians, lottery, members, offers, parties, places, plans
from events.domain.queue import PASS_OVER_BEFORE_START, in_order, settle_due
from events.models import Event, Registration, Seat, SeatMove
from participants.models import AgeBand, Person
from tests.makers import an_event, an_officer, warsaw

pytestmark = pytest.mark.django_db
NOON = warsaw("2026-11-23 12:00")
START = NOON + timedelta(days=5)
PEOPLE = 6

verbs = st.sampled_from([
    "up", "up", "up", "up", "confirm", "accept", "decline", "cancel", "cancel one", "add", "agree", "refuse", "together", "capacity",
    "take on", "by hand", "beyond", "wait", "draw", "move",
])  # fmt: skip
steps = st.tuples(verbs, st.integers(0, PEOPLE - 1), st.integers(1, 4), st.integers(0, 30))


class Undone(Exception):
    """Raised to give each example a clean database."""


class Play:
    """Plays one example and looks after every step whether the world is still in order."""

    def __init__(self, promotion: str, capacity: int) -> None:
        draw_at = NOON + timedelta(days=2) if promotion == Event.Promotion.LOTTERY else None
        offers = {"offer_hours": 10, "offers_end_hours": 12}
        self.event = an_event(starts_at=START, capacity=capacity, promotion=promotion, draw_at=draw_at, open_to_minors=True, **offers)
        self.officer = an_officer()
        self.now: datetime = NOON

    def act(self, verb: str, who: int, number: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = self._taken()
        try:
            with transaction.atomic():
                self._call(verb, who, number)
        except RuleBroken:
            pass
        # What ran out while nobody did anything is the worker's.
        while settle_due(self.now):
            pass
        self.event.refresh_from_db()
        self._check(before)

    def _call(self, verb: str, who: int, number: int) -> None:
        own = Registration.objects.filter(event=self.event, contact=self._email(who)).order_by("-pk").first()
        if verb in ("up", "by hand", "beyond"):
            self._up(who, number, verb)
        elif verb == "capacity":
            places.change_capacity(self.event, number, at=self.now)
        elif verb == "wait":
            while settle_due(self.now):
                pass
        elif verb == "draw":
            lottery.draw(self.event, at=self.now)
        elif verb == "move":
            plans.reschedule_event(
                self.event, starts_at=START + timedelta(hours=number * 5), reason="Burza.", actor=self.officer, at=self.now
            )
        elif own is not None:
            self._call_own(verb, own, number)

    def _call_own(self, verb: str, own: Registration, number: int) -> None:
        if verb == "cancel one":
            places.cancel(own, seats=list(own.seats.live())[:1], at=self.now)
        elif verb == "add":
            members.add_heads(own, [parties.Head("Dodana")], at=self.now)
        elif verb == "together":
            members.stay_together(own, number % 2 == 0, at=self.now)
        elif verb == "take on":
            places.take_on(own, "powód", actor=self.officer, at=self.now)
        else:
            {
                "confirm": places.confirm, "accept": offers.accept, "decline": offers.decline, "cancel": places.cancel,
                "agree": guardians.agree, "refuse": guardians.refuse,
            }[verb](own, at=self.now)  # fmt: skip

    def _up(self, who: int, number: int, verb: str) -> None:
        """The first two are known, the third has a phone only, the last is sixteen, the others are new."""
        how: dict[str, Any] = {"all_or_none": number != 3}
        person = Person(name=f"Osoba {who}", email=self._email(who), verified_at=self.now if who < 2 else None)
        if who == 2:
            person.email, person.phone = "", "+48600000002"
        if who == PEOPLE - 1:
            person.age_band, number = AgeBand.FROM_16, 1
            how["guardian"] = Person(name="Opiekun", email="opiekun@example.org")
        if verb != "up":
            how |= {"actor": self.officer, "beyond": "powód" if verb == "beyond" else ""}
        heads = [parties.Head(f"Głowa {head}", person.age_band) for head in range(number)]
        places.register(self.event, person, heads, at=self.now, **how)

    def _email(self, who: int) -> str:
        return "+48600000002" if who == 2 else f"osoba{who}@example.org"

    def _taken(self) -> int:
        return self.event.seats.taking(self.now).count()

    # --- What must hold ---------------------------------------------------------------------------------------------

    def _check(self, before: int) -> None:
        event, taken = self.event, self._taken()
        assert event.capacity is not None
        assert taken <= max(event.capacity, before), "sold over"
        assert not Seat.objects.filter(event=event, extra=True).exclude(status__in=("confirmed", "cancelled")).exists()
        assert event.seats.filter(status="held", held_until__gt=event.starts_at).count() == 0, "held beyond the start"
        self._check_order(max(0, event.capacity - taken))
        self._check_envelopes()
        self._check_history()

    def _check_order(self, free: int) -> None:
        """Nobody who fits waits beside a free place, and nobody behind them has overtaken."""
        event = self.event
        offers_over = event.promotion == Event.Promotion.OFFER and self.now >= event.offers_end_at()
        if not free or event.waits_for_draw or offers_over or self.now >= event.starts_at:
            return
        last_day = event.starts_at - self.now <= PASS_OVER_BEFORE_START
        waiting = in_order(event)
        looked_at = waiting if last_day else waiting[:1]
        for party in looked_at:
            assert party[0].registration.all_or_none
            assert len(party) > free, "somebody who fits waits beside a free place"

    def _check_envelopes(self) -> None:
        """A sign-up is open exactly as long as one of its places lives, and each contact has one open sign-up."""
        contacts = []
        for registration in self.event.registrations.prefetch_related("seats"):
            lives = any(seat.is_live for seat in registration.seats.all())
            assert lives == (registration.closed_at is None)
            contacts += [registration.contact] if lives else []
        assert len(contacts) == len(set(contacts))

    def _check_history(self) -> None:
        """Every seat stands where its history leads, without a gap."""
        chains: dict[int, list[SeatMove]] = {}
        for move in SeatMove.objects.filter(seat__event=self.event).select_related("seat").order_by("pk"):
            chains.setdefault(move.seat_id, []).append(move)
        for chain in chains.values():
            assert chain[0].before == ""
            assert all(first.after == second.before for first, second in pairwise(chain))
            assert chain[-1].after == chain[-1].seat.status


@pytest.mark.parametrize("promotion", Event.Promotion.values)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(capacity=st.integers(1, 5), story=st.lists(steps, min_size=3, max_size=10))
def test_whatever_happens_the_places_are_in_order(promotion: str, capacity: int, story: list[Any]) -> None:
    try:
        with transaction.atomic():
            play = Play(promotion, capacity)
            for step in story:
                play.act(*step)
            raise Undone
    except Undone:
        pass
