"""The words of a query: stems, sounds, typing errors, and where they stand in a text."""

import pytest
from django.db import connection

from active_citizens.core.search import SILENT, heard, heard_sql
from active_citizens.core.search_words import LONGEST_QUERY, MOST_WORDS, Word, excerpt, hits, marked, tidy, unmarked, words_of


def word(typed):
    (found,) = words_of(typed)
    return found


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("warsztatów", "warsztaty"),
        ("warsztatow", "warsztatach"),
        ("zolc", "żółć"),
        ("ŻÓŁĆ", "żółci"),
        ("ogrodzie", "ogród"),
        ("bibliotece", "biblioteka"),
        ("ławek", "ławka"),
        ("lawki", "ławek"),
        ("seniorzy", "seniorów"),
        ("seniorow", "seniorzy"),
        ("biblioteka", "biblioteczka"),
        ("biblioteki", "biblioteczek"),
        ("biblioteczce", "biblioteka"),
        ("ławka", "ławeczki"),
        ("lawki", "ławeczek"),
        ("ławeczka", "ławka"),
        ("laweczek", "ławek"),
        ("książka", "książeczki"),
        ("gry", "gra"),
        ("gier", "gier"),
        ("Olszy", "Olsza"),
        ("olsza", "Olszę"),
        ("Ugorku", "Ugorek"),
        ("ugorek", "Ugorka"),
        ("workshops", "workshop"),
        ("вареники", "вареників"),
        ("сім'я", "сім’я"),
        ("кіно", "kino"),
        ("64", "64"),
    ],
)
def test_form_is_found_by_another(typed, text):
    assert word(typed).is_in(heard(text))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("gra", "grupa"),
        ("las", "laska"),
        ("kot", "kotlet"),
        ("64", "641"),
        ("warsztaty", "warta"),
        ("dom", "domino"),
        ("rzeka", "rzecz"),
        ("rzeczy", "rzeka"),
        ("polityka", "polityczny"),
        ("teczka", "teka"),
        ("rączka", "raki"),
    ],
)
def test_other_word_is_not_found(typed, text):
    assert not word(typed).is_in(heard(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("warzstaty", "warsztaty"), ("warsztaty", "warszaty"), ("pikink", "piknik"), ("smarfon", "smartfona"), ("ogrud", "ogrodzie"),
        ("seniroow", "seniorow"), ("bibloteka", "biblioteki"), ("szydlekowanie", "szydelkowanie"),
    ],
)  # fmt: skip
def test_typing_error_is_forgiven(typed, meant):
    assert not word(typed).is_in(meant)
    assert word(typed).with_near(["kosz", "parasol", meant]).is_in(meant)


@pytest.mark.parametrize(
    ("typed", "other"), [("kosmos", "kosz"), ("prawo", "sprawa"), ("zoo", "zoom"), ("wygoda", "nagroda"), ("2014", "2013")]
)
def test_another_word_is_no_typing_error(typed, other):
    assert word(typed).with_near([other]) == word(typed)


def test_words_that_say_nothing_are_left_out_unless_alone():
    assert [each.heard for each in words_of("warsztaty dla seniorów w Azorach")] == ["warsztaty", "seniorow", "azorach"]
    assert [each.heard for each in words_of("co i jak")] == ["co", "i", "jak"]


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "'\"\\", "\x00", "<script>", "& | ! ( ) :*", "–", "😀", "ъ", "_", "a" * 5000, "żółć " * 300]
)
def test_whatever_is_typed_gives_a_question(typed):
    words = words_of(typed)
    assert len(tidy(typed)) <= LONGEST_QUERY
    assert len(words) <= MOST_WORDS
    assert all(set(each.question()) <= set("abcdefghijklmnopqrstuvwxyz0123456789':* |") for each in words)


def test_what_no_keyboard_types_is_not_shown_again():
    assert tidy("\x00 a\u0301 \n\u200b\u202e b\x00c ") == "á b c"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["Żółć, gęślą JAŹŃ! (2.)", "Сім’я і дім’я – ь", "o\u0301semka", "straße İI", "a_b-c/d%e'f\\g", "ﬁ ½ Ⅳ", "", "Олена Ґудз їжак"]
)
def test_database_hears_texts_as_queries_are_heard(text):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {heard_sql(['said'])} FROM (VALUES (%s)) AS t (said)", [text])
        (kept,) = cursor.fetchone()
    assert kept == heard(text)
    assert not set(kept) & set(SILENT)


def test_hit_is_marked_and_everything_else_escaped():
    text = "<b>Żółte</b> ławki & ławy"
    assert marked(text, hits(text, words_of("lawka"))) == "&lt;b&gt;Żółte&lt;/b&gt; <mark>ławki</mark> &amp; ławy"


def test_excerpt_shows_the_hit_of_a_long_text():
    shown, found = excerpt("słowo " * 200 + "koniec z ławką. " + "dalej " * 200, words_of("lawka"))
    assert found
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "<mark>ławką</mark>" in shown
    assert len(shown) < 350


def test_excerpt_of_a_text_without_the_words_is_its_beginning():
    assert excerpt("Początek. " + "x" * 20, words_of("lawka")) == ("Początek. " + "x" * 20, False)


def test_excerpt_of_one_endless_word():
    shown, _found = excerpt("x" * 5000, [Word.typed("xx")])
    assert len(shown) < 400


def test_markdown_becomes_running_text():
    text = "# Nagłówek\n\n- punkt **gruby** i [odnośnik](https://example.org/a_b)\n\n1. raz\n\n| a | b |\n| --- | --- |"
    assert unmarked(text) == "Nagłówek punkt gruby i odnośnik raz a b"
