"""Receipts as PDF: what is kept is a picture, what cannot be drawn within bounds is refused with a sentence."""

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from active_citizens.core import scans
from active_citizens.core.pictures import LARGE
from tests.scans import BAD, GOOD, a_filled_form, a_pdf
from tests.uploads import telling


def code_of(content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        scans.take_in_scan(ContentFile(content, "paragon.pdf"))
    return str(caught.value.code)


@pytest.mark.parametrize("name", GOOD)
def test_a_pdf_becomes_a_picture(name: str) -> None:
    make, size = GOOD[name]
    kept = scans.take_in_scan(ContentFile(make(), "paragon.pdf"))
    assert (kept.width, kept.height) == size
    picture = Image.open(BytesIO(kept.files[LARGE]))
    assert (picture.format, picture.size, dict(picture.getexif())) == ("WEBP", size, {})


@pytest.mark.parametrize(("pdf", "pages"), [(a_pdf(), 1), (a_pdf(pages=2), 2), (a_filled_form(), 1)], ids=["one", "two", "a filled form"])
def test_the_pages_stand_below_each_other_and_show_what_is_on_them(pdf: bytes, pages: int) -> None:
    kept = scans.take_in_scan(ContentFile(pdf, "paragon.pdf"))
    picture = Image.open(BytesIO(kept.files[LARGE])).convert("RGB")
    middle, height = kept.width * 250 // 595, kept.height // pages
    for page in range(pages):
        red, green, blue = picture.getpixel((middle, page * height + height * (842 - 250) // 842))
        assert red > 200
        assert max(green, blue) < 60
        assert min(picture.getpixel((5, page * height + 5))) > 250


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drawn_is_refused(name: str) -> None:
    make, code = BAD[name]
    assert code_of(make()) == code


def test_what_is_neither_a_photo_nor_a_pdf_is_told_that_both_will_do() -> None:
    with pytest.raises(ValidationError, match="PDF"):
        scans.take_in_scan(ContentFile(b"PK\x03\x04" + bytes(600), "faktura.docx"))


def test_a_pdf_is_drawn_wherever_the_server_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert scans.take_in_scan(ContentFile(a_pdf(), "paragon.pdf")).width == LARGE


def test_what_draws_a_foreign_file_knows_no_passwords_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def look(*_args: object, **how: Any) -> subprocess.CompletedProcess[bytes]:
        asked.update(how)
        return subprocess.CompletedProcess([], 1)

    monkeypatch.setattr(scans.subprocess, "run", look)
    assert code_of(a_pdf()) == "broken"
    assert asked["env"] == {}


def test_drawing_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(*_args: object, timeout: float, **_kwargs: object) -> None:
        raise subprocess.TimeoutExpired("drawing", timeout)

    monkeypatch.setattr(scans.subprocess, "run", never_ends)
    assert code_of(a_pdf()) == "broken"


def test_a_photo_is_taken_in_as_before() -> None:
    kept = scans.take_in_scan(ContentFile(telling("JPEG"), "paragon.jpg"))
    assert (kept.width, kept.height) == (300, 200)
