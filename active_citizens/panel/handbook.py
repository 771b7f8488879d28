"""The team's handbook: Markdown files of ``docs/handbook``, one a chapter, read in the panel."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "docs" / "handbook"
# „# Title”, a line that says what the chapter is for, then the text.
CHAPTER = re.compile(r"# (?P<title>[^\n]+)\n+(?P<lead>[^\n#]+)\n+(?P<body>.+)", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    slug: str
    title: str
    lead: str
    body: str


@cache
def chapters() -> dict[str, Chapter]:
    """Every chapter by its slug, in the order of the files' numbers. Raises ValueError for a file of another shape."""
    return {chapter.slug: chapter for chapter in map(_read, sorted(FOLDER.glob("[0-9][0-9]-*.md")))}


def neighbours(slug: str) -> tuple[Chapter | None, Chapter | None]:
    """The chapters before and after."""
    order = list(chapters().values())
    at = next(number for number, chapter in enumerate(order) if chapter.slug == slug)
    return (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)


def _read(path: Path) -> Chapter:
    found = CHAPTER.fullmatch(path.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{path.name}: a chapter is a title, a line of lead and a text")
    return Chapter(path.stem.partition("-")[2], found["title"].strip(), found["lead"].strip(), found["body"].strip())
