"""The handbook: every chapter opens, its pictures are there, and the buttons it names are called so in the panel."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from active_citizens.core import catalogues
from active_citizens.panel import handbook
from active_citizens.panel.handbook import chapters
from tests.makers import a_user
from tests.panel.conftest import signed_in

PICTURES = Path(settings.BASE_DIR) / "static" / "img" / "handbook"
HELP = Path(settings.BASE_DIR) / "active_citizens" / "programmes" / "pages" / "pomoc.toml"


def named(text):
    return set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))


def words_of_the_panel():
    """Everything the catalogue says in Polish, without the marks of a plural's number."""
    return {text for message in catalogues.read_catalogue("pl") if message.id for text in catalogues.forms(message.string)}


def test_chapters_stand_in_the_order_of_their_numbers_and_lead_on(panel):
    html = panel.get(reverse("admin:handbook")).content.decode()
    places = [html.index(reverse("admin:handbook_chapter", args=[slug])) for slug in chapters()]

    assert places == sorted(places)
    assert len(places) > 10


@pytest.mark.parametrize("slug", list(chapters()))
def test_every_chapter_opens_with_its_pictures(panel, slug):
    html = panel.get(reverse("admin:handbook_chapter", args=[slug])).content.decode()

    assert html.count("<img") == len(re.findall(r"!\[", chapters()[slug].body))


def test_pictures_and_texts_know_each_other():
    texts = "".join(chapter.body for chapter in chapters().values()) + HELP.read_text(encoding="utf-8")

    assert named(texts) == {path.stem for path in PICTURES.glob("*.webp")}


@pytest.mark.parametrize("slug", list(chapters()))
def test_what_is_set_in_bold_is_what_the_panel_says(slug):
    """In the handbook bold type names buttons, headings and fields: renamed there, they are renamed here."""
    unknown = {name for name in re.findall(r"\*\*([^*]+)\*\*", chapters()[slug].body) if name not in words_of_the_panel()}
    assert unknown == set()


def test_a_file_of_another_shape_is_refused(tmp_path):
    path = tmp_path / "01-zly.md"
    path.write_text("## Bez tytułu\n\nTekst", encoding="utf-8")
    with pytest.raises(ValueError, match="01-zly"):
        handbook._read(path)


def test_a_chapter_that_is_not_there_is_not_found(panel):
    assert panel.get(reverse("admin:handbook_chapter", args=["nie-ma"])).status_code == 404


def test_residents_do_not_find_the_handbook():
    assert signed_in(a_user()).get(reverse("admin:handbook")).status_code == 404
