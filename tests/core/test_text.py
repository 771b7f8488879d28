"""Words as people write them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from active_citizens.core.text import bind, first_free, normalise_phone, plain, polish_key, show_phone, slug_of, stems
from participants.models import Person
from tests.makers import a_person

IN_ORDER = [
    "abc",
    "Azz",
    "ąbc",
    "bal",
    "cap",
    "Ćma",
    "dzień",
    "eko",
    "ędward",
    "las",
    "Lubań",
    "łąka",
    "Łódź",
    "muł",
    "zebra",
    "źrebak",
    "żaba",
]


@pytest.mark.django_db
def test_the_database_and_python_agree_on_polish_order() -> None:
    for name in reversed(IN_ORDER):
        a_person(name=name)
    assert list(Person.objects.in_order().values_list("name", flat=True)) == IN_ORDER
    assert sorted(IN_ORDER, key=polish_key) == IN_ORDER


def test_search_folds_accents_and_inflection() -> None:
    assert plain("Zażółć GĘŚLĄ jaźń") == "zazolc gesla jazn"
    assert stems("warsztatów") == stems("WARSZTATY")


@pytest.mark.parametrize(
    ("typed", "number", "shown"),
    [
        ("12 616 55 55", "+48126165555", "+48 12 616 55 55"),
        ("600-100-200", "+48600100200", "+48 600 100 200"),
        ("0048 600 100 200", "+48600100200", "+48 600 100 200"),
        ("(+48) 600.100.200", "+48600100200", "+48 600 100 200"),
        ("+380 67 123 45 67", "+380671234567", "+380671234567"),
    ],
)
def test_phones_are_kept_in_e164_and_shown_grouped(typed: str, number: str, shown: str) -> None:
    assert normalise_phone(typed) == number
    assert show_phone(number).replace("\N{NO-BREAK SPACE}", " ") == shown


@pytest.mark.parametrize("typed", ["", "112", "12345", "+48 12 616 55 5", "telefon", "+0123456789", "600100200;", "６００１００２００"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        normalise_phone(typed)


def test_one_letter_words_and_units_do_not_part() -> None:
    assert bind("Spotkanie w klubie o 10 zł, ul. Długa, 2026 r. i J. Nowak") == (
        "Spotkanie w\xa0klubie o\xa010\xa0zł, ul.\xa0Długa, 2026\xa0r. i\xa0J.\xa0Nowak"
    )


@given(st.text())
def test_binding_twice_changes_nothing(text: str) -> None:
    assert bind(bind(text)) == bind(text)


@pytest.mark.parametrize(
    ("title", "address"), [("Żółć & miód", "zolc-miod"), ("Bardzo długi tytuł", "bardzo-dlugi"), ("🌳 !", "inne"), ("", "inne")]
)
def test_an_address_is_made_of_the_title(title: str, address: str) -> None:
    assert slug_of(title, 13, "inne") == address


@pytest.mark.parametrize(("taken", "free"), [((), "kino"), (("kino",), "kino-2"), (("kino", "kino-2", "kino-4"), "kino-3")])
def test_the_first_number_nobody_has_makes_an_address_free(taken: tuple[str, ...], free: str) -> None:
    assert first_free("kino", lambda slug: slug in taken) == free
