"""Papers are what they were given to say: any text is text, and the file is one that a screen reader can read."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from active_citizens.core import pdf
from tests import poppler

TEMPLATES = sorted(path for path in Path(settings.BASE_DIR, "templates/pdf").glob("*.typ"))


def certificate(**changes: Any) -> dict[str, Any]:
    return {
        "person": "Żaneta Źdźbło-Gęgalska",
        "project": "Aktywni obywatele",
        "hours": "16 godzin zajęć",
        "modules": [{"title": "Diagnoza osiedla", "hours": "8 godz."}, {"title": "Inicjatywa krok po kroku", "hours": "8 godz."}],
        "number": "Nr 7/2026",
        "issued": "Kraków, 28 listopada 2026 r.",
        "issuer": "Dom kultury",
        "intro": "Zaświadcza się, że",
        "verify": "",
        **changes,
    }


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_a_paper_is_tagged_and_says_its_title_and_its_language(language: str) -> None:
    made = pdf.render("certificate", certificate(), language=language, title="Zaświadczenie – żółć")
    said = poppler.info(made)
    assert (said["Title"], said["Tagged"], said["Pages"], poppler.language(made)) == ("Zaświadczenie – żółć", "yes", "1", language)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made


def test_the_letters_are_ours_and_travel_in_the_file() -> None:
    made = pdf.render("certificate", certificate(person="Zażółć Gęślą-Jaźń, Олена Ґудзь-Їжакевич, Ωραία"), title="Zaświadczenie")
    assert {name.partition("-")[0] for name, _embedded in poppler.fonts(made)} == {"Podworko"}
    assert all(embedded for _name, embedded in poppler.fonts(made))
    assert "Zażółć Gęślą-Jaźń, Олена Ґудзь-Їжакевич, Ωραία" in poppler.text(made)


@pytest.mark.parametrize(
    "typed",
    [
        "#panic()", "#(panic(1))", "*gruby* _pochyły_", "@nikt <nikt>", "$x^2$ [a] {b}", r"a \ b \u{1F389}", "`kod` ```kod```", "// uwaga",
        "= Nagłówek", "- lista", "/* uwaga */", '"); panic("', "#read(\"/etc/passwd\")", "#sys.inputs", "~ -- --- ...", "http://example.org/?a=1&b=2",
    ],
)  # fmt: skip
def test_what_looks_like_a_program_is_printed_as_text(typed: str) -> None:
    made = pdf.render("certificate", certificate(person=typed, modules=[{"title": typed, "hours": typed}]), title=typed)
    assert poppler.text(made).replace(" ", "").count(typed.replace(" ", "")) == 4
    assert poppler.info(made)["Title"] == typed


def test_small_pictures_are_left_out_and_letters_the_font_lacks_get_a_box() -> None:
    made = pdf.render("certificate", certificate(person="Piknik 🎉👩‍👩‍👧❤️ dla გია\0\x1b i 李"), title="🎉 Święto")
    assert "Piknik dla □□□ i □" in poppler.text(made)
    assert poppler.info(made)["Title"] == "Święto"


def test_letters_typed_in_pieces_are_put_together() -> None:
    assert pdf.legible("Z\N{COMBINING DOT ABOVE}o\N{COMBINING ACUTE ACCENT}ł\u200b") == "Żół"


def test_very_long_words_stay_on_the_page() -> None:
    made = pdf.render("certificate", certificate(person="ż" * 200, modules=[{"title": "Ж" * 160, "hours": "8 godz."}]), title="ą" * 160)
    assert poppler.beyond_the_page(made) == []
    assert poppler.text(made).replace(" ", "").count("ż" * 200) == 1


def test_the_same_data_give_the_same_bytes() -> None:
    assert pdf.render("certificate", certificate(), title="a") == pdf.render("certificate", certificate(), title="a")


@pytest.mark.parametrize("name", ["nothing", "../core/pdf", "fonts/letters", ""])
def test_a_template_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(pdf.PaperFailed, match="There is no template"):
        pdf.render(name, {}, title="x")


def test_data_that_a_template_misses_are_an_error_that_names_it() -> None:
    with pytest.raises(pdf.PaperFailed, match=r"certificate\.typ could not be set.*person"):
        pdf.render("certificate", {key: value for key, value in certificate().items() if key != "person"}, title="x")


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_templates_take_nothing_from_the_network_and_run_no_text(path: Path) -> None:
    source = path.read_text()
    assert [word for word in ("@preview", "@local", "eval(", "datetime.today", "plugin(") if word in source] == []


def test_without_poppler_the_tests_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poppler, "find", lambda: False)
    monkeypatch.setattr(poppler, "install", lambda *_args: None)
    poppler.ensure.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="apt install poppler-utils"):
            poppler.info(b"%PDF")
    finally:
        poppler.ensure.cache_clear()
