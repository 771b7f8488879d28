"""Receipts as PDF: what is kept is a picture, what cannot be drawn within bounds is refused with a sentence."""

import subprocess
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from active_citizens.core import scans
from active_citizens.core.pictures import LARGE
from tests.scans import BAD, GOOD, a_pdf
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


def test_the_pages_stand_below_each_other_and_show_what_is_on_them() -> None:
    kept = scans.take_in_scan(ContentFile(a_pdf(pages=2), "paragon.pdf"))
    picture = Image.open(BytesIO(kept.files[LARGE])).convert("RGB")
    middle, height = kept.width * 250 // 595, kept.height // 2
    for page in (0, 1):
        red, green, blue = picture.getpixel((middle, page * height + height * (842 - 250) // 842))
        assert red > 200
        assert max(green, blue) < 60
        assert min(picture.getpixel((5, page * height + 5))) > 250


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drawn_is_refused(name: str) -> None:
    make, code = BAD[name]
    assert code_of(make()) == code


def test_drawing_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(*_args: object, timeout: float, **_kwargs: object) -> None:
        raise subprocess.TimeoutExpired("drawing", timeout)

    monkeypatch.setattr(scans.subprocess, "run", never_ends)
    assert code_of(a_pdf()) == "broken"


def test_a_photo_is_taken_in_as_before() -> None:
    kept = scans.take_in_scan(ContentFile(telling("JPEG"), "paragon.jpg"))
    assert (kept.width, kept.height) == (300, 200)
