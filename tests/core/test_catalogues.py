"""Catalogues are read from the sources and checked without GNU gettext."""

import gettext
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command

from active_citizens.core import catalogues

SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext, npgettext_lazy, pgettext

TITLE = _("Events " "and trips")
PLACES = ngettext("%(n)d place", "%(n)d places", n) % {"n": n}
MONTH = pgettext("month", "May")
MEN = npgettext_lazy("people", "a person", "%d people", n)
NOTHING = _(TITLE)
"""
TEMPLATE = """
{% load i18n %}
  {% translate "Sign up" %} {% translate "May" context "permission" as may %}
{% if x %}<a title="{{ _("Home") }}">ł' (</a>{% endif %}
    {% blocktranslate count n=seats trimmed %}
      One seat left at {{ estate }}
    {% plural %}
      {{ n }} seats left at {{ estate }}
    {% endblocktranslate %}
{% include "x.html" with label=_("Close") %}
"""


@pytest.fixture
def project(tmp_path, settings):
    """A small project with one module and one template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "events.py").write_text(SOURCE)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text('_("not for people")')
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path


def fill(language, **texts):
    """Translate by plain replacement of the empty strings that follow a msgid."""
    path = catalogues.catalogue_path(language)
    path.write_text(path.read_text().replace('msgid "Sign up"\nmsgstr ""', f'msgid "Sign up"\nmsgstr "{texts["sign_up"]}"'))


def ids(source, *, is_template=False):
    return {(message.context, message.id) for message in catalogues.texts_of(source, is_template=is_template)}


def test_texts_of_python_with_plurals_and_contexts():
    assert ids(SOURCE) == {
        (None, "Events and trips"),
        (None, ("%(n)d place", "%(n)d places")),
        ("month", "May"),
        ("people", ("a person", "%d people")),
    }


def test_texts_of_a_template_with_plurals_and_contexts():
    assert ids(TEMPLATE, is_template=True) == {
        (None, "Sign up"),
        ("permission", "May"),
        (None, "Home"),
        (None, "Close"),
        (None, ("One seat left at %(estate)s", "%(n)s seats left at %(estate)s")),
    }


def test_update_is_stable_and_english_is_complete(project):
    call_command("messages")
    first = catalogues.catalogue_path("pl").read_text()
    call_command("messages")

    assert catalogues.catalogue_path("pl").read_text() == first
    assert "not for people" not in first
    assert "nplurals=4" in first
    assert list(catalogues.faults("en")) == []


def test_translation_is_kept_and_what_left_the_sources_is_pruned(project):
    call_command("messages")
    fill("pl", sign_up="Zapisz się")
    (project / "events.py").write_text("")
    call_command("messages")

    text = catalogues.catalogue_path("pl").read_text()
    assert "Zapisz się" in text
    assert "Events and trips" not in text


def test_check_lists_what_is_stale_and_missing(project):
    call_command("messages")
    fill("uk", sign_up="Записатися")
    (project / "events.py").write_text('_("New")')

    with pytest.raises(CommandError) as failed:
        call_command("messages", "--check")

    assert "pl: 'Sign up' is not translated" in str(failed.value)
    assert "uk: 'Sign up' is not translated" not in str(failed.value)
    assert "pl: the catalogue differs from the sources" in str(failed.value)


def test_compiled_catalogue_counts_in_polish(project):
    call_command("messages")
    path = catalogues.catalogue_path("pl")
    empty = 'msgid_plural "%(n)d places"\nmsgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""'
    forms = ("%(n)d miejsce", "%(n)d miejsca", "%(n)d miejsc")
    full = 'msgid_plural "%(n)d places"\n' + "\n".join(f'msgstr[{n}] "{form}"' for n, form in enumerate(forms))
    path.write_text(path.read_text().replace(empty, full))
    call_command("messages", verbosity=0)

    with path.with_suffix(".mo").open("rb") as file:
        polish = gettext.GNUTranslations(file)
    counts = [0, 1, 2, 4, 5, 12, 21, 22, 25, 101, 112]
    words = [(polish.ngettext("%(n)d place", "%(n)d places", n) % {"n": n}).split()[1] for n in counts]
    assert words == ["miejsc", "miejsce", "miejsca", "miejsca", *["miejsc"] * 3, "miejsca", *["miejsc"] * 3]


def test_two_processes_may_compile_at_once(project):
    call_command("messages")
    for path in project.rglob("*.mo"):
        path.unlink()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: catalogues.compile_catalogues(), range(2)))

    assert len(list(project.rglob("*.mo"))) == 3
    assert list(project.rglob(".django*")) == []
    assert catalogues.compile_catalogues() == []


def entry(source, translation, *, plural=""):
    strings = translation if isinstance(translation, list) else [translation]
    lines = [f'msgid "{source}"']
    lines += (
        [f'msgid_plural "{plural}"', *(f'msgstr[{n}] "{text}"' for n, text in enumerate(strings))] if plural else [f'msgstr "{strings[0]}"']
    )
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (entry("Sign up", ""), "is not translated"),
        ("#, fuzzy\n" + entry("Sign up", "Zapisz się"), "is marked fuzzy"),
        (entry("Hello %(name)s", "Dzień dobry %(imie)s"), "placeholders"),
        (entry("Hello {name}", "Dzień dobry"), "placeholders"),
        (entry("%(n)s of them", "100% z %(n)s"), "bare % sign"),
        (entry("%(n)s day", ["dzień", "%(n)s dni", "%(n)s dni", "dni"], plural="%(n)s days"), "placeholders"),
        (entry("Resident", "Mieszkaniec/ka"), "LANG-05"),
        (entry("Resident", "Mieszkaniec/mieszkanka"), "LANG-05"),
        (entry("Registered", "Zapisany(a)"), "LANG-05"),
        (entry("Registered", "Zapisałeś/aś się"), "LANG-05"),
        (entry("Registered", "Zgłosiłeś inicjatywę"), "LANG-05"),
    ],
)
def test_fault_is_named(project, text, fault):
    catalogues.write(catalogues.catalogue_path("pl"), (catalogues.header("pl") + text + "\n").encode())

    (found,) = catalogues.faults("pl")

    assert fault in found


@pytest.mark.parametrize(
    "text",
    [
        entry("or", "i/lub"),
        entry("speed", "5 km/h, 24/7"),
        entry("address", "https://example.org/projekty/krakow/"),
        entry("%(n)s day", ["jeden dzień", "%(n)s dni", "%(n)s dni", "%(n)s dni"], plural="%(n)s days"),
    ],
)
def test_good_translation_passes(project, text):
    catalogues.write(catalogues.catalogue_path("pl"), (catalogues.header("pl") + text + "\n").encode())

    assert list(catalogues.faults("pl")) == []
