"""What happens to initiatives and everybody may know: moves, promises, questions, stories; for letters and feeds.

Upper floors add what they keep with ``tells``: the diary.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from projects.models import (
    Answer,
    ChangeStory,
    Initiative,
    InitiativeReport,
    Milestone,
    MilestoneDelay,
    Neighbourhood,
    Question,
    StatusChange,
)
from projects.models.initiatives import InitiativeQuerySet


@dataclass(frozen=True)
class Happening:
    """One thing that happened; ``key`` and ``made_at`` never change, ``text`` in ``lang`` is somebody's own words."""

    initiative: Initiative
    key: str
    made_at: datetime
    at: datetime
    headline: str
    text: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Source:
    """One kind of happening: its rows, the column of its moment, the way to its initiative, its words.

    ``for_neighbours`` are those of the rows that are news to a whole neighbourhood; None: only to who follows the initiative.
    """

    name: str
    rows: Callable[[], QuerySet[Any]]
    moment: str
    initiative: str
    words: Callable[[Any], tuple[str, str, str]]
    made: str = "created_at"
    for_neighbours: Q | None = None

    def read(
        self, initiatives: InitiativeQuerySet, only: Q, since: datetime | None, until: datetime | None, most: int | None
    ) -> Iterable[Happening]:
        public = initiatives.published().exclude(status=Initiative.Status.HISTORICAL)
        found = self.rows().filter(only, **{f"{self.initiative}__in": public})
        if since is not None:
            found = found.filter(**{f"{self.moment}__gte": since})
        if until is not None:
            found = found.filter(**{f"{self.moment}__lt": until})
        for row in found.select_related(self.initiative).order_by(f"-{self.moment}", "-pk")[:most]:
            about = row
            for step in self.initiative.split("__"):
                about = getattr(about, step)
            headline, text, lang = self.words(row)
            yield Happening(about, f"{self.name}-{row.pk}", getattr(row, self.made), getattr(row, self.moment), headline, text, lang)


def _delay_words(delay: MilestoneDelay) -> tuple[str, str, str]:
    days = {"before": date_format(delay.due_before), "after": date_format(delay.due_after), "reason": delay.reason}
    text = _("It was to be kept by %(before)s, now it is to be by %(after)s. Why: %(reason)s") % days
    return _("A promise is put off: %(what)s") % {"what": delay.milestone.what}, text, ""


def _answer_words(answer: Answer) -> tuple[str, str, str]:
    return _("An answer (%(who)s)") % {"who": answer.get_by_display()}, answer.text, answer.lang


CAME_OUT = ~Q(before__in=Initiative.PUBLIC)
ENDED = Q(after__in=(Initiative.Status.FINISHED, Initiative.Status.PARTLY_FINISHED))
SOURCES = [
    Source(
        "move", lambda: StatusChange.objects.filter(after__in=Initiative.PUBLIC), "at", "initiative",
        lambda change: (_("Now: %(state)s") % {"state": change.get_after_display()}, "", ""), "at", CAME_OUT | ENDED,
    ),
    Source("delay", MilestoneDelay.objects.all, "at", "milestone__initiative", _delay_words, "at"),
    # A promise is kept when that is noted: its day may lie before the last letter.
    Source(
        "kept", lambda: Milestone.objects.filter(done_on__isnull=False), "updated_at", "initiative",
        lambda promise: (_("A promise is kept: %(what)s") % {"what": promise.what}, "", ""),
    ),
    Source(
        "question", Question.objects.shown, "decided_at", "initiative",
        lambda question: (_("Somebody asks"), question.text, question.lang),
    ),
    Source(
        "answer", lambda: Answer.objects.shown().filter(question__in=Question.objects.shown()), "decided_at",
        "question__initiative", _answer_words,
    ),
    Source(
        "story", InitiativeReport.objects.with_story, "story_published_at", "initiative",
        lambda report: (_("How it was"), report.story, report.initiative.lang), "story_published_at", Q(),
    ),
    # Its words stay on the page: whoever told it may take them back, and no letter comes back.
    Source(
        "change-story", ChangeStory.objects.published, "published_at", "initiative",
        lambda story: (_("Somebody tells what has changed"), "", ""), for_neighbours=Q(),
    ),
]  # fmt: skip


def tells(source: Source) -> None:
    """Adds one kind of happening; once however often it is called."""
    if source.name not in {each.name for each in SOURCES}:
        SOURCES.append(source)


def happenings(
    initiatives: InitiativeQuerySet, *, since: datetime | None = None, until: datetime | None = None, most: int | None = None
) -> list[Happening]:
    """What happened to those of them that are public, from ``since`` on and before ``until``, the newest first; one query a source.

    Words of the portal are in the active language.
    """
    return _newest([each for source in SOURCES for each in source.read(initiatives, Q(), since, until, most)], most)


def news_of_neighbours(
    place: Neighbourhood, *, since: datetime | None = None, until: datetime | None = None, most: int | None = None
) -> list[Happening]:
    """The same of the initiatives there, and only what a whole neighbourhood hears of: new ones, results, stories."""
    there = Initiative.objects.in_neighbourhood(place)
    told = [(source, source.for_neighbours) for source in SOURCES if source.for_neighbours is not None]
    return _newest([each for source, only in told for each in source.read(there, only, since, until, most)], most)


def _newest(found: list[Happening], most: int | None) -> list[Happening]:
    return sorted(found, key=lambda each: (each.at, each.key), reverse=True)[:most]
