"""Papers: our own typst templates, set to tagged PDF (PDF/UA-1) from data, on this machine and without its fonts.

A template is ``templates/pdf/<name>.typ`` and takes what all of them share from ``paper.typ``. Data reach it as JSON in a variable, never
as source, so that no text can be code; whatever somebody typed is printed as it is.
"""

import json
import logging
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

logger = logging.getLogger(__name__)

FOLDER = "templates/pdf"
CONTENT_TYPE = "application/pdf"
# Stands for a letter that our font lacks.
UNKNOWN = "\N{WHITE SQUARE}"
# Ornaments and what is invisible: small pictures, their colours and joiners, marks over letters, controls.
_DROPPED = frozenset({"So", "Sk", "Cf", "Cc", "Cn", "Co", "Cs", "Me", "Mn"})


class PaperFailed(RuntimeError):
    """A template could not be set; the message says which one and why."""


def render(template: str, data: Mapping[str, Any], *, language: str = "pl", title: str) -> bytes:
    """The paper as a tagged PDF in the language, called by the title; the same data give the same bytes.

    ``data`` holds what JSON can: texts, numbers, lists, mappings. Small pictures (emoji) are left out, letters that our font lacks
    become „□". Takes about 20 ms for a page; keep no transaction open meanwhile. Raises PaperFailed.
    """
    source = settings.BASE_DIR / FOLDER / f"{template}.typ"
    if not re.fullmatch(r"[a-z_]+", template) or not source.is_file():
        raise PaperFailed(f"There is no template {FOLDER}/{template}.typ.")
    inputs = {
        "data": json.dumps(_legible(data), cls=DjangoJSONEncoder, ensure_ascii=False),
        "language": language,
        "title": legible(title).strip() or template,
    }
    compiler = typst.Compiler(source, root=settings.BASE_DIR, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
    try:
        made, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards="ua-1")
    except typst.TypstError as error:
        raise PaperFailed(f"{FOLDER}/{template}.typ could not be set: {error.message} {' '.join(error.hints)}".strip()) from error
    for warning in warnings:
        logger.warning("%s/%s.typ: %s", FOLDER, template, warning.message)
    if not isinstance(made, bytes):
        raise PaperFailed(f"{FOLDER}/{template}.typ gave no document.")
    return made


def answer(paper: bytes, name: str, *, to_keep: bool = False) -> HttpResponse:
    """The paper as it is sent: opened in the browser, or a file ``to_keep``."""
    headers = {"Content-Disposition": f'{"attachment" if to_keep else "inline"}; filename="{name}"'}
    return HttpResponse(paper, content_type=CONTENT_TYPE, headers=headers)


def legible(text: str) -> str:
    """The text in the letters our font has: composed, ornaments left out, anything else as „□"."""
    text = unicodedata.normalize("NFC", text)
    return "".join(character if _has(character) else _instead(character) for character in text)


def _legible(value: Any) -> Any:
    match value:
        case str():
            return legible(value)
        case Mapping():
            return {str(key): _legible(item) for key, item in value.items()}
        case list() | tuple():
            return [_legible(item) for item in value]
        case bool() | int() | float() | None:
            return value
    # Lazy translations, dates and the like become the text they stand for.
    return legible(str(value))


def _instead(character: str) -> str:
    if character in "\n\t":
        return character
    return "" if unicodedata.category(character) in _DROPPED else UNKNOWN


def _has(character: str) -> bool:
    firsts, lasts = _letters()
    at = bisect_right(firsts, ord(character)) - 1
    return at >= 0 and ord(character) <= lasts[at]


@cache
def _letters() -> tuple[list[int], list[int]]:
    """The first and the last code points of the ranges our font has, written by static/scss/fonts.py."""
    lines = Path(settings.BASE_DIR, FOLDER, "fonts", "letters.txt").read_text().split("\n")
    ranges = [[int(point, 16) for point in line.split()] for line in lines if line]
    return [first for first, _last in ranges], [last for _first, last in ranges]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[settings.BASE_DIR / FOLDER / "fonts"])
