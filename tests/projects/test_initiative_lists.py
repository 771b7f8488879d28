"""Lists of initiatives: the newest first, one row read ahead instead of all counted, one estate's by their numbers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from active_citizens.core.pages import AheadPaginator
from projects.models import Initiative
from tests.makers import a_neighbourhood, an_initiative

pytestmark = pytest.mark.django_db


def titles(answer: Any) -> list[str]:
    return [initiative.title for initiative in answer.context["page"]]


def many(number: int, **fields: Any) -> list[Initiative]:
    place, now = a_neighbourhood("Ugorek"), timezone.now()
    made = [an_initiative(place, title=f"Pomysł {each:03}", **fields) for each in range(number)]
    for each, initiative in enumerate(made):
        Initiative.objects.filter(pk=initiative.pk).update(status_since=now - timedelta(hours=each))
    return made


def test_pages_are_turned_without_counting(client: Client) -> None:
    many(45)
    first, second, third = (client.get(f"/inicjatywy/?page={number}") for number in (1, 2, 3))
    assert titles(first) + titles(second) + titles(third) == [f"Pomysł {each:03}" for each in range(45)]
    assert "Strona 2" in second.content.decode()
    assert "?page=1" in second.content.decode()
    assert "?page=3" in second.content.decode()
    assert "?page=4" not in third.content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "x", "9", "99999999999999999999", ""])
def test_a_page_there_is_not_is_the_first_one(client: Client, number: str) -> None:
    many(21)
    assert titles(client.get("/inicjatywy/", {"page": number}))[0] == "Pomysł 000"


def test_filters_stay_while_pages_are_turned(client: Client) -> None:
    many(21, kind="statutory")
    page = client.get("/inicjatywy/?kind=statutory&neighbourhood=ugorek").content.decode()
    assert "?kind=statutory&amp;neighbourhood=ugorek&amp;page=2" in page


def test_how_many_there_are_is_said_where_it_is_known(client: Client) -> None:
    many(3)
    assert "3 inicjatywy" in client.get("/inicjatywy/").content.decode()


def test_what_is_known_from_sources_comes_last(client: Client) -> None:
    an_initiative(title="Historia", status="historical")
    many(2)
    assert titles(client.get("/inicjatywy/")) == ["Pomysł 000", "Pomysł 001", "Historia"]


def test_estates_are_kept_by_the_database(client: Client) -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    initiative = an_initiative(ugorek, azory)

    def ids() -> list[int]:
        return list(Initiative.objects.values_list("place_ids", flat=True).get(pk=initiative.pk))

    assert ids() == sorted([ugorek.pk, azory.pk])
    initiative.neighbourhoods.remove(ugorek)
    assert ids() == [azory.pk]
    assert titles(client.get("/inicjatywy/?neighbourhood=ugorek")) == []
    initiative.neighbourhoods.through.objects.filter(initiative=initiative).update(neighbourhood=ugorek)
    assert ids() == [ugorek.pk]
    assert titles(client.get("/inicjatywy/?neighbourhood=ugorek")) == [initiative.title]
    initiative.neighbourhoods.clear()
    assert ids() == []


@pytest.mark.parametrize(
    ("index", "found"),
    [
        ("initiative_newest", Initiative.objects.published().newest_first()),
        ("initiative_newest_of_kind", Initiative.objects.published().newest_first().filter(kind="statutory")),
        ("initiative_status", Initiative.objects.published().in_status("running")),
        ("initiative_status", Initiative.objects.waiting().filter(status="idea")),
    ],
)
def test_every_order_has_an_index_that_serves_it(index: str, found: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        if index != "initiative_newest":
            # In an empty table it costs as much to walk this one and leave out what is not asked for.
            cursor.execute("DROP INDEX initiative_newest")
        plan = found[:20].explain()
    assert f" {index} on" in plan
    assert "Sort" not in plan


def test_those_of_one_state_come_newest_first(client: Client) -> None:
    an_initiative(title="Gotowe", status="finished")
    many(2)
    assert titles(client.get("/inicjatywy/?status=running")) == ["Pomysł 000", "Pomysł 001"]


@pytest.mark.parametrize("path", ["/inicjatywy/", "/inicjatywy/?neighbourhood=ugorek", "/osiedla/ugorek/"])
def test_pages_take_eight_queries_however_many_there_are(
    client: Client, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(25)
    with django_assert_max_num_queries(8):
        assert client.get(path).status_code == 200


def test_a_paginator_reads_one_row_ahead() -> None:
    pages = AheadPaginator(list(range(20)), 10)
    assert (pages.get_page(1).has_next(), pages.get_page(2).has_next(), pages.get_page(2).total) == (True, False, 20)
