"""Who somebody might be whom we know already: typing errors forgiven, parts of a number, and only whom one may see."""

import pytest
from django.db import connection

from events.visibility import visible_people
from participants.domain.duplicates import likely
from participants.models import Person
from tests.makers import a_neighbourhood, a_person, an_animator, an_event, signed_up

pytestmark = pytest.mark.django_db


def names(among=None, **typed):
    return [one.person.name for one in likely(Person.objects.unmerged() if among is None else among, **typed)]


@pytest.fixture
def known():
    """Four people of the neighbourhood."""
    return [
        a_person(name="Maria Żółć", phone="+48600100200", email="maria.z@example.org"),
        a_person(name="Anna Kowalska", phone="", email="anna@example.org"),
        a_person(name="Łucja Ćwik-Źdźbło", phone="+48126165555", email=""),
        a_person(name="Олена Йовенко", phone="+380671234567", email=""),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Zolc", "Maria Żółć"), ("żółć", "Maria Żółć"), ("ZOLC MARIA", "Maria Żółć"), ("maria zolc", "Maria Żółć"),
        ("Kowalsak", "Anna Kowalska"), ("Kowalska Anna", "Anna Kowalska"), ("Ana Kowalska", "Anna Kowalska"), ("kowalsk", "Anna Kowalska"),
        ("cwik", "Łucja Ćwik-Źdźbło"), ("Lucja Zdzblo", "Łucja Ćwik-Źdźbło"), ("Олена Йовенко", "Олена Йовенко"),
        ("Olena Jowenko", "Олена Йовенко"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_one_hears_it(known, typed, found):
    assert names(name=typed)[:1] == [found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"phone": "600 100 200"}, "Maria Żółć"), ({"phone": "+48 600-100-200"}, "Maria Żółć"), ({"phone": "0200"}, "Maria Żółć"),
        ({"phone": "6165 555"}, "Łucja Ćwik-Źdźbło"), ({"phone": "067 123"[1:]}, "Олена Йовенко"),
        ({"email": "ANNA@example.org"}, "Anna Kowalska"), ({"email": "maria."}, "Maria Żółć"),
    ],
)  # fmt: skip
def test_a_part_of_a_number_or_an_e_mail_is_enough(known, typed, found):
    assert names(**typed) == [found]


@pytest.mark.parametrize("typed", [
    {}, {"name": "Zo"}, {"phone": "200"}, {"email": "ann"}, {"name": "Zbigniew Próbny"},
    # Without three letters or digits on end no index helps, and everybody would be read.
    {"email": "____"}, {"email": "%%%%"}, {"name": "...."}, {"name": "a. b. c."},
])  # fmt: skip
def test_what_says_too_little_finds_nobody(known, typed):
    assert names(**typed) == []


def test_the_same_number_comes_before_a_like_name_and_both_before_either(known):
    a_person(name="Maria Żółta", phone="+48600100200", email="")
    found = likely(Person.objects.all(), name="Maria Żółć", phone="600100200")

    assert [(one.person.name, one.why, one.is_exact) for one in found] == [
        ("Maria Żółć", ("phone", "name"), True),
        ("Maria Żółta", ("phone", "name") if "name" in found[1].why else ("phone",), True),
    ]


def test_one_sees_only_whom_one_may_see(known, django_assert_num_queries):
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    signed_up(an_event(ugorek), known[1])
    people = visible_people(an_animator(azory))
    assert names(people, name="Kowalska") == []
    assert names(visible_people(an_animator(ugorek)), name="Kowalska") == ["Anna Kowalska"]
    with django_assert_num_queries(1):
        likely(Person.objects.unmerged(), name="Kowalska", phone="600100", email="anna")


def test_the_indexes_find_somebody_among_many():
    first = ("Anna", "Jan", "Maria", "Piotr", "Ewa", "Adam", "Zofia", "Karol", "Irena", "Leon")
    ends = ("ska", "ski", "czyk", "ak", "ek", "icz", "ała", "ut", "oń", "yna")
    Person.objects.bulk_create(
        Person(
            name=f"{first[number % 10]} {chr(65 + number % 26)}{'aeiouy'[number % 6]}{'bdgklmnprstw'[number % 12]}"
                 f"{['owe', 'ino', 'aba', 'ucz'][number % 4]}{ends[number // 10 % 10]}",
            phone=f"+4860{number * 7919 % 10_000_000:07}", email=f"os{number * 104729 % 1_000_003:x}@example.org",
        )
        for number in range(20_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE participants_person")
    captured = []

    def note(execute, sql, params, many, context):
        captured.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        likely(Person.objects.unmerged(), name="Zolcinska", phone="600777123", email="zolc@")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured[0][0]}", captured[0][1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert {name for name in ("name", "phone", "email") if f"person_{name}_trigrams" in plan} == {"name", "phone", "email"}, plan
    assert "Seq Scan" not in plan
