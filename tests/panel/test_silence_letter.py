"""The Monday letter: to animators their rows, to the office totals alone, once a week however many workers, none in a quiet week."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from time_machine import travel

from active_citizens.core import work
from active_citizens.panel import silence_letter
from participants.domain import messages
from participants.models import Message, User
from projects.models import Assignment, Initiative, Neighbourhood
from tests.makers import (
    a_coordinator,
    a_former_animator,
    a_neighbourhood,
    a_user,
    an_animator,
    an_initiative,
    an_officer,
    warsaw,
)

MONDAY = warsaw("2027-02-01 09:00")


@pytest.fixture
def monday() -> Iterator[Any]:
    with travel(MONDAY, tick=False) as clock:
        yield clock


def idea(place: Neighbourhood, days: int, title: str) -> Initiative:
    made = an_initiative(place, status=Initiative.Status.IDEA, title=title)
    Initiative.objects.filter(pk=made.pk).update(status_since=MONDAY - timedelta(days=days))
    return made


def deliver_all() -> None:
    while messages.deliver_due():
        pass


def booked() -> set[str]:
    return set(Message.objects.filter(template="silence_weekly").values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        ("2027-01-31 23:59", 1),  # Sunday: the week that ends still has its letter
        ("2027-02-01 07:59", 0),  # Monday, too early
        ("2027-02-01 08:00", 1),
        ("2027-02-03 12:00", 1),  # the worker was away for two days
        ("2027-03-29 07:59", 0),  # the Monday after the clocks went forward
        ("2027-03-29 08:00", 1),
    ],
)
def test_it_goes_out_on_mondays_from_eight(ugorek: Neighbourhood, moment: str, count: int) -> None:
    with travel(warsaw(moment), tick=False):
        an_animator(ugorek)
        assert silence_letter.book_due() == count
        assert silence_letter.book_due() == 0


def test_once_a_week_for_each_of_the_team(monday: Any, animator: User, ugorek: Neighbourhood) -> None:
    idea(ugorek, 20, "Ławka")
    Assignment.objects.create(user=animator, role="animator", neighbourhood=a_neighbourhood("Azory"), authorisation="T/2",
                              starts_on=MONDAY.date())  # fmt: skip
    officer, coordinator = an_officer(), a_coordinator()
    a_former_animator(ugorek)
    a_user()
    assert [silence_letter.book_due() for _turn in range(3)] == [3, 0, 0]
    assert booked() == {animator.email, officer.email, coordinator.email}
    monday.shift(timedelta(days=6))
    assert silence_letter.book_due() == 0
    monday.shift(timedelta(days=1))
    assert silence_letter.book_due() == 3
    assert Message.objects.filter(template="silence_weekly").count() == 6


def test_animators_read_their_rows_and_the_office_totals(monday: Any, animator: User, ugorek: Neighbourhood, mailoutbox: list[Any]) -> None:
    azory = a_neighbourhood("Azory")
    idea(ugorek, 20, "Ławka przy bloku")
    idea(ugorek, 9, "Huśtawka")
    idea(azory, 30, "Czytelnia")
    officer, theirs = an_officer(), an_animator(azory)
    silence_letter.book_due()
    deliver_all()
    told = {mail.to[0]: mail.body for mail in mailoutbox}
    assert set(told) == {animator.email, officer.email, theirs.email}
    mine = told[animator.email]
    assert mine.index("Ławka przy bloku") < mine.index("Huśtawka")
    assert "Czytelnia" not in mine
    assert "Czytelnia" in told[theirs.email]
    office = told[officer.email]
    assert office.index("Azory: 1") < office.index("Ugorek: 2")
    assert not any(title in office for title in ("Ławka", "Huśtawka", "Czytelnia"))
    assert "/panel/silence/" in office


def test_a_long_list_is_cut_and_says_so(monday: Any, animator: User, ugorek: Neighbourhood, mailoutbox: list[Any]) -> None:
    for number in range(silence_letter.MOST + 3):
        idea(ugorek, 10 + number, f"Ławka-{number:02}")
    silence_letter.book_due()
    deliver_all()
    (mail,) = mailoutbox
    assert "Ławka-22" in mail.body
    assert "Ławka-02" not in mail.body
    assert "jeszcze 3" in mail.body


@pytest.mark.parametrize("why", ["nobody waits", "answered meanwhile", "role ended meanwhile"])
def test_nothing_is_sent_when_there_is_nothing_to_say(
    monday: Any, animator: User, ugorek: Neighbourhood, mailoutbox: list[Any], why: str
) -> None:
    if why != "nobody waits":
        idea(ugorek, 20, "Ławka")
    silence_letter.book_due()
    if why == "answered meanwhile":
        Initiative.objects.update(status=Initiative.Status.PLAN)
    if why == "role ended meanwhile":
        Assignment.objects.update(ends_on=MONDAY.date() - timedelta(days=1))
    deliver_all()
    assert mailoutbox == []
    assert Message.objects.get(template="silence_weekly").status == Message.Status.DROPPED
    assert silence_letter.book_due() == 0


def test_the_worker_knows_the_job() -> None:
    assert work.jobs()["silence list"] is silence_letter.book_due


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_book_one_letter_each() -> None:
    ugorek = a_neighbourhood("Ugorek")
    for _each in range(5):
        an_animator(ugorek)

    def turn(_number: int) -> int:
        try:
            return silence_letter.book_due(MONDAY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(turn, range(4)))
    assert Message.objects.filter(template="silence_weekly").count() == 5
