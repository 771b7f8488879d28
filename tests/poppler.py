"""Poppler, which reads the PDFs of the tests as a stranger would: found on the machine, or installed where that takes one command.

``python -m tests.poppler`` makes sure that it is there.
"""

import html
import re
import shutil
import subprocess
import sys
from functools import cache

from tests.debian import install

PROGRAMS = ("pdfinfo", "pdftotext", "pdffonts")
MISSING = "The tests of papers need Poppler, and it was not found: install it (on Debian: apt install poppler-utils)."


def find() -> bool:
    return all(shutil.which(program) for program in PROGRAMS)


@cache
def ensure() -> bool:
    """Whether Poppler is there, installed by apt when root of a Debian has none."""
    if not find():
        install("poppler-utils", "the tests of papers")
    return find()


def _run(program: str, *arguments: str, pdf: bytes) -> str:
    if not ensure():
        raise RuntimeError(MISSING)
    done = subprocess.run([program, *arguments], input=pdf, capture_output=True, check=False)
    # Poppler takes a tagged file's "Suspects: false" for a fault of its own making.
    errors = [line for line in done.stderr.decode().splitlines() if "Suspects" not in line and "BorderColor" not in line]
    assert (done.returncode, errors) == (0, []), (program, errors)
    return done.stdout.decode(errors="replace")


def info(pdf: bytes) -> dict[str, str]:
    """What pdfinfo says: Title, Tagged, Pages, Page size…"""
    lines = (line.partition(":") for line in _run("pdfinfo", "-", pdf=pdf).splitlines())
    return {name: value.strip() for name, _colon, value in lines}


def text(pdf: bytes) -> str:
    """All the words in the order of reading, with ordinary spaces."""
    return " ".join(pages(pdf))


def pages(pdf: bytes) -> list[str]:
    """The words of each page; where a very long word may part leaves no trace."""
    return [" ".join(page.replace("\u200b", "").split()) for page in _run("pdftotext", "-raw", "-", "-", pdf=pdf).split("\f")[:-1]]


def structure(pdf: bytes) -> str:
    """The tree of tags with their texts, as a screen reader meets it."""
    return _run("pdfinfo", "-struct-text", "-", pdf=pdf)


def fonts(pdf: bytes) -> list[tuple[str, bool]]:
    """Each font with whether it travels in the file."""
    rows = (line.split() for line in _run("pdffonts", "-", pdf=pdf).splitlines()[2:])
    return [(row[0].partition("+")[2] or row[0], row[-5] == "yes") for row in rows]


def language(pdf: bytes) -> str:
    """The language of the document; Poppler prints none, so it is read from the catalogue."""
    found = re.search(rb"/Type/Catalog\b.*?/Lang ?\(([\w-]+)\)", pdf, re.DOTALL)
    return found[1].decode() if found else ""


Box = tuple[float, float, float, float]


def _words(pdf: bytes) -> list[tuple[str, Box, tuple[float, float]]]:
    """Every word with its box and the size of its page, in points."""
    found, page = [], (0.0, 0.0)
    for line in _run("pdftotext", "-bbox", "-", "-", pdf=pdf).splitlines():
        numbers = tuple(float(number) for number in re.findall(r'="([-\d.]+)"', line))
        if "<page " in line:
            page = numbers
        elif "<word " in line:
            found.append((html.unescape(re.sub(r"<.*?>", "", line).strip()), numbers, page))
    return found


def boxes(pdf: bytes, word: str) -> list[Box]:
    """Where the word stands: left, top, right, bottom in points from the upper left corner of its page."""
    return [box for found, box, _page in _words(pdf) if found == word]


def letter_heights(pdf: bytes) -> list[float]:
    """How high the box of each word is, which for our letters is their size in points."""
    return [round(bottom - top, 2) for _word, (_left, top, _right, bottom), _page in _words(pdf)]


def beyond_the_page(pdf: bytes) -> list[str]:
    """Words of which a part lies outside their page."""
    return [
        word
        for word, (left, top, right, bottom), (width, height) in _words(pdf)
        if not (0 <= left <= right <= width and 0 <= top <= bottom <= height)
    ]


if __name__ == "__main__" and not ensure():
    sys.exit(MISSING)
