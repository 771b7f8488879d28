"""A list from its coming to its end: taken whole or not at all, once, and then wiped."""

import os
import signal
import subprocess
import sys
import uuid
from datetime import timedelta
from time import perf_counter
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.models import AccessLog, Consent, Message, Person, User
from projects.domain import lists
from projects.domain.list_columns import Layout
from projects.models import ListImport, Membership, Neighbourhood
from tests.makers import a_list, a_neighbourhood, a_person, an_animator

pytestmark = pytest.mark.django_db
EVERYBODY = Person.objects.all


@pytest.fixture
def ugorek() -> Neighbourhood:
    return a_neighbourhood("Ugorek")


@pytest.fixture
def animator(ugorek: Neighbourhood) -> User:
    return an_animator(ugorek)


def take(brought: ListImport, actor: User, **how: Any) -> ListImport:
    return lists.take(brought, Person.objects.unmerged(), actor=actor, **how)


def test_people_of_the_list_are_known_belong_to_the_neighbourhood_and_nobody_is_written_to(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan Przykładny;601 002 003;jan@example.org;1950", "Ola Przykładna;;;"], actor=animator)

    taken = take(brought, animator)

    found = list(Person.objects.order_by("pk").values_list("name", "phone", "email", "birth_year", "preferred_channel", "verified_at"))
    assert found == [
        ("Jan Przykładny", "+48601002003", "jan@example.org", 1950, "email", None), ("Ola Przykładna", "", "", None, "none", None),
    ]  # fmt: skip
    assert list(Membership.objects.values_list("neighbourhood", "list_import", "kind")) == [(ugorek.pk, brought.pk, "resident")] * 2
    assert (taken.status, taken.rows_taken, taken.rows_left, taken.sealed) == ("taken", 2, 0, None)
    assert (Message.objects.count(), Consent.objects.count()) == (0, 0)


def test_rows_are_sealed_until_they_are_taken(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan Przykładny;601002003;;"], actor=animator)
    brought.refresh_from_db()
    assert b"Jan" not in bytes(brought.sealed or b"")
    assert "Jan" not in str(brought.columns)


def test_the_same_form_again_shows_the_first_list(ugorek: Neighbourhood, animator: User) -> None:
    key = uuid.uuid4()
    assert a_list(ugorek, ["Jan P;;;"], actor=animator, key=key) == a_list(ugorek, ["Jan P;;;"], actor=animator, key=key)


def test_taking_twice_shows_the_first_result(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan P;;;"], actor=animator)
    assert take(brought, animator) == take(brought, animator)
    assert Person.objects.count() == 1


def test_the_same_file_twice_has_only_doubles(ugorek: Neighbourhood, animator: User) -> None:
    rows = ["Jan P;601002003;;", "Ola P;;ola@example.org;", "Ula P;;;"]
    take(a_list(ugorek, rows, actor=animator), animator)
    again = lists.judged(a_list(ugorek, rows, actor=animator), Person.objects.unmerged())
    assert [(verdict.kind, verdict.code) for verdict in again.verdicts] == [
        ("double", "same_phone"), ("double", "same_email"), ("double", "same_name"),
    ]  # fmt: skip


def test_a_double_is_left_out_unless_somebody_says_it_is_somebody_else(ugorek: Neighbourhood, animator: User) -> None:
    a_person(name="Jan P", phone="+48601002003")
    brought = a_list(ugorek, ["Ola P;601002003;;", "Ula P;601002003;;"], actor=animator)
    with pytest.raises(RuleBroken) as broken:
        take(brought, animator)
    assert broken.value.code == "nobody"

    lists.choose(brought, {2, 3}, {2, 99})
    taken = take(brought, animator)

    assert (taken.rows_taken, taken.rows_left) == (1, 1)
    assert Person.objects.filter(name="Ola P").exists()
    assert [(row.number, row.why, row.cells[0]) for row in lists.left_out(taken)] == [(3, "Ten sam telefon: Jan P", "Ula P")]


def test_choices_of_one_page_leave_those_of_another_alone(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan P;;;"], actor=animator)
    lists.choose(brought, {2, 3}, {2, 3})
    assert lists.choose(brought, {3, 4}, {4}).chosen == [2, 4]


def test_somebody_outside_the_own_sight_is_no_double(ugorek: Neighbourhood, animator: User) -> None:
    a_person(name="Jan P", phone="+48601002003")
    brought = a_list(ugorek, ["Jan P;601002003;;"], actor=animator)
    assert [verdict.kind for verdict in lists.judged(brought, Person.objects.none()).verdicts] == ["good"]


def test_columns_can_be_said_anew(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan P;601002003;;"], actor=animator, heading="co;to;jest;to")
    assert [verdict.code for verdict in lists.judged(brought, Person.objects.none()).verdicts] != []
    brought = lists.set_layout(brought, Layout(1, ("name", "phone", "", "")))
    assert take(brought, animator).rows_taken == 1


@pytest.mark.parametrize(("fields", "code"), [(("phone", "", "", ""), "needs_name"), (("name", "name", "", ""), "field_twice")])
def test_columns_that_make_no_sense_are_refused(ugorek: Neighbourhood, animator: User, fields: tuple[str, ...], code: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        lists.set_layout(a_list(ugorek, ["Jan P;;;"], actor=animator), Layout(1, fields))
    assert broken.value.code == code


def test_a_list_given_up_is_wiped_at_once_and_cannot_be_taken(ugorek: Neighbourhood, animator: User) -> None:
    brought = lists.drop(a_list(ugorek, ["Jan P;;;"], actor=animator), actor=animator)
    assert (brought.status, brought.sealed) == ("dropped", None)
    with pytest.raises(RuleBroken) as broken:
        take(brought, animator)
    assert broken.value.code == "settled"


def test_the_worker_wipes_what_nobody_settled_and_what_was_left_after_a_week(ugorek: Neighbourhood, animator: User) -> None:
    now = timezone.now()
    forgotten = a_list(ugorek, ["Jan P;;;"], actor=animator)
    taken = take(a_list(ugorek, ["Ola P;;;", "Ula P;12;;"], actor=animator), animator, at=now)
    ListImport.objects.filter(pk=forgotten.pk).update(created_at=now - timedelta(days=8))

    assert lists.wipe_due(now) == 1
    assert lists.wipe_due(now) == 0
    assert lists.wipe_due(now + timedelta(days=8)) == 1
    forgotten.refresh_from_db()
    taken.refresh_from_db()
    assert (forgotten.status, taken.sealed_rest) == ("dropped", None)
    assert lists.left_out(taken) == []


def test_who_came_by_a_list_is_logged_by_numbers(ugorek: Neighbourhood, animator: User) -> None:
    take(a_list(ugorek, ["Jan P;;;", "Ola P;;;"], actor=animator), animator)
    entry = AccessLog.objects.get(subject="participants.person")
    assert (entry.subject_ids, entry.row_count) == (list(Person.objects.order_by("pk").values_list("pk", flat=True)), 2)


# --- All or nobody ------------------------------------------------------------------------------------------------------------


def test_trouble_with_the_last_statement_leaves_nothing_half_done(ugorek: Neighbourhood, animator: User) -> None:
    brought = a_list(ugorek, ["Jan P;;;", "Ola P;;;"], actor=animator)
    with mock.patch("participants.domain.access_log.record", side_effect=DatabaseError), pytest.raises(DatabaseError):
        take(brought, animator)
    brought.refresh_from_db()
    assert (Person.objects.count(), brought.status) == (0, "uploaded")
    assert take(brought, animator).rows_taken == 2


KILLED = """
import django, sys, time
django.setup()
from participants.models import Person, User
from projects.domain import lists
from projects.models import ListImport, Membership

def stuck(*args, **kwargs):
    print(Person.objects.count(), flush=True)
    time.sleep(60)

Membership.objects.bulk_create = stuck
lists.take(ListImport.objects.get(), Person.objects.unmerged(), actor=User.objects.get())
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_in_the_middle_leaves_nothing_half_done() -> None:
    ugorek = a_neighbourhood("Ugorek")
    animator = an_animator(ugorek)
    brought = a_list(ugorek, [f"Osoba Nr{number}a;;;" for number in range(200)], actor=animator)
    environment = {**os.environ, "TEST_SERVER_DATABASE": connection.settings_dict["NAME"], "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen([sys.executable, "-c", KILLED], env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        written = other.stdout.readline().strip()
        other.send_signal(signal.SIGKILL)
    # Two hundred were written there, by a transaction that never ended.
    assert written == b"200"
    brought.refresh_from_db()
    assert (Person.objects.count(), Membership.objects.count(), brought.status) == (0, 0, "uploaded")
    assert take(brought, animator).rows_taken == 200


# --- Five thousand rows with every kind of dirt ------------------------------------------------------------------------------

DIRT = [
    ";601002003;;", "{n};12;;", "{n};sześćset;;", "{n};6.01E+08;;", "{n};#N/D!;;", "{n};;jan@;", "{n};;=1+1;", "12345;;;", "=1+1;;;",
    "@x;;;", "Razem;5;;", ";;;", "#REF!;;;", "jan@example.org;;;", "{n};;;", "{u};;;", "😀 {n};;;", "{n}\u00a0;;;",
    "{n}\u200b;;;", "{n};tel. 601{d};;", "{n};601{d}, 602{d};;", "{n};0048603{d};;", "{n};'604{d};;", "{n};12 6{d};;", "{n};brak;-;",
    "{n};;JAN{d}@EXAMPLE.ORG;", "{n};;mailto:b{d}@example.org;", "{n};;c{d}@example.org.;", "{n};;;1850", "{n};;;2090", "{n};;;ok. 1950",
    "Олена {c};;;", "Anna-Maria O'{c};;;", "imię i nazwisko;telefon;e-mail;rok urodzenia",
]  # fmt: skip


def letters_of(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in f"{number:06d}")


def dirty_rows(count: int) -> list[str]:
    rows = []
    for number in range(count):
        word = letters_of(number).capitalize()
        filled = {"n": f"Osoba {word}", "u": f"OSOBA {word}".upper(), "d": f"{number:06d}", "c": word}
        rows.append(DIRT[number % len(DIRT)].format(**filled))
    return rows


def test_thirty_kinds_of_dirt_in_five_thousand_rows_take_a_constant_number_of_statements(ugorek: Neighbourhood, animator: User) -> None:
    assert len(DIRT) >= 30
    seen: dict[int, tuple[int, int]] = {}
    for count in (50, 5000):
        Person.objects.all().delete()
        began = perf_counter()
        brought = a_list(ugorek, dirty_rows(count), actor=animator)
        with CaptureQueriesContext(connection) as looking:
            judged = lists.judged(brought, Person.objects.unmerged())
        looked = perf_counter() - began
        with CaptureQueriesContext(connection) as taking:
            taken = take(brought, animator)
        print(f"{count} rows: read and looked through in {looked:.2f} s, taken in {perf_counter() - began - looked:.2f} s")
        assert (taken.rows_taken, taken.rows_left) == (len(judged.taken), len(judged.left))
        assert Person.objects.count() == taken.rows_taken > count / 3
        seen[count] = len(looking), len(taking)
        # Ten seconds would be a page nobody waits for; it takes about one.
        assert perf_counter() - began < 20
    assert seen[5000][0] == seen[50][0]
    # A thousand people a statement, twice: people and their homes.
    assert seen[5000][1] - seen[50][1] <= 8
