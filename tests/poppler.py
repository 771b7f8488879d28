"""Poppler, which reads the PDFs of the tests as a stranger would: found on the machine, or installed where that takes one command.

``python -m tests.poppler`` makes sure that it is there.
"""

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
    return done.stdout.decode()


def info(pdf: bytes) -> dict[str, str]:
    """What pdfinfo says: Title, Tagged, Pages, Page size…"""
    lines = (line.partition(":") for line in _run("pdfinfo", "-", pdf=pdf).splitlines())
    return {name: value.strip() for name, _colon, value in lines}


def text(pdf: bytes) -> str:
    """All the words in the order of reading, with ordinary spaces."""
    return " ".join(pages(pdf))


def pages(pdf: bytes) -> list[str]:
    """The words of each page; where a very long word may part leaves no trace."""
    return [" ".join(page.replace("\u200b", "").split()) for page in _run("pdftotext", "-", "-", pdf=pdf).split("\f")[:-1]]


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


def beyond_the_page(pdf: bytes) -> list[str]:
    """Words of which a part lies outside their page."""
    outside, width, height = [], 0.0, 0.0
    for line in _run("pdftotext", "-bbox", "-", "-", pdf=pdf).splitlines():
        numbers = [float(number) for number in re.findall(r'"([-\d.]+)"', line)]
        if "<page " in line:
            width, height = numbers
        elif "<word " in line and not (0 <= numbers[0] <= numbers[2] <= width and 0 <= numbers[1] <= numbers[3] <= height):
            outside.append(re.sub(r"<.*?>", "", line).strip())
    return outside


if __name__ == "__main__" and not ensure():
    sys.exit(MISSING)
