"""What a survey's sheets say together: counts and means, before against after, never a few people alone (poland.md 4.5)."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from active_citizens.core.tables import Column, Kind, Row, Table
from events.domain.surveys import questions_of
from events.models import Moment, Question, Survey, SurveySheet

# Fewer sheets could be recognised as this or that neighbour's.
FEWEST = 5

_chance = secrets.SystemRandom()


@dataclass(frozen=True)
class Bar:
    """One answer and how many gave it."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True)
class Figure:
    """What was answered to one question; with fewer than ``FEWEST`` answers only their number is told."""

    question: Question
    answered: int
    bars: tuple[Bar, ...] = ()
    mean: float | None = None
    texts: tuple[str, ...] = ()

    @property
    def is_told(self) -> bool:
        return self.answered >= FEWEST


@dataclass(frozen=True)
class Results:
    """All figures of one survey, or only the number of sheets while they are too few."""

    survey: Survey
    sheets: int
    web: int
    paper: int
    figures: list[Figure] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        return self.sheets >= FEWEST


@dataclass(frozen=True)
class Change:
    """One question on a scale at both ends of a series: means of the pairs, and of everybody."""

    question: Question
    pairs: int
    before: float | None
    after: float | None
    change: float | None
    all_before: float | None
    all_after: float | None


@dataclass(frozen=True)
class Comparison:
    """Before against after: how many sheets found their other half, and what changed where enough did."""

    pairs: int
    changes: list[Change]

    @property
    def is_told(self) -> bool:
        return self.pairs >= FEWEST


def results(survey: Survey) -> Results:
    """The figures of the survey; two queries. Free texts come in an order that says nothing about who wrote when."""
    sheets = list(SurveySheet.objects.filter(survey=survey).only("channel", "answers"))
    paper = sum(sheet.channel == SurveySheet.Channel.PAPER for sheet in sheets)
    figures = [_figure(question, sheets) for question in questions_of(survey)] if len(sheets) >= FEWEST else []
    return Results(survey, len(sheets), len(sheets) - paper, paper, figures)


def comparison(survey: Survey) -> Comparison | None:
    """The survey against the one at the other end of its series; None where there is none or it is not paired.

    A sign that stands on several sheets of one end pairs nobody. Questions are matched by their sign for comparing.
    """
    ends = {each.moment: each for each in Survey.objects.filter(series=survey.series_id, series__isnull=False)}
    before, after = ends.get(Moment.BEFORE), ends.get(Moment.AFTER)
    if before is None or after is None or not (before.pairing and after.pairing):
        return None
    first, second = _sheets_by_pair(before), _sheets_by_pair(after)
    paired = [(first.alone[sign], second.alone[sign]) for sign in first.alone.keys() & second.alone.keys()]
    later = {question.pair_code: question for question in questions_of(after) if question.pair_code}
    changes = [
        _change(question, later[question.pair_code], paired, first.every, second.every)
        for question in questions_of(before)
        if question.pair_code in later
    ]
    return Comparison(len(paired), changes)


def answers_table(survey: Survey) -> Table:
    """Every sheet as a row of answers alone, shuffled: no day, no way it came in, nothing that pairs. Empty when there are too few."""
    questions = questions_of(survey)
    sheets = list(SurveySheet.objects.filter(survey=survey).values_list("answers", flat=True))
    _chance.shuffle(sheets)
    columns = tuple(
        Column(f"q{question.number}", f"{question.number}. {question.text}", Kind.INTEGER if _is_scale(question) else Kind.TEXT)
        for question in questions
    )
    rows = [_row(questions, answers) for answers in sheets] if len(sheets) >= FEWEST else []
    notes = ((_("Questionnaire"), str(survey.questionnaire)), (_("About"), survey.about), (_("Sheets"), str(len(sheets))))
    return Table(_("Answers"), columns, rows, notes=notes)


# --- One question ------------------------------------------------------------------------------------------------------------


def _figure(question: Question, sheets: Sequence[SurveySheet]) -> Figure:
    answers = [sheet.answers[str(question.number)] for sheet in sheets if str(question.number) in sheet.answers]
    if len(answers) < FEWEST:
        return Figure(question, len(answers))
    if question.kind == Question.Kind.TEXT:
        _chance.shuffle(answers)
        return Figure(question, len(answers), texts=tuple(answers))
    counts = Counter(str(value) for answer in answers for value in (answer if isinstance(answer, list) else [answer]))
    bars = tuple(Bar(label, counts[value], round(100 * counts[value] / len(answers))) for value, label in question.choices)
    return Figure(question, len(answers), bars, _mean(answers) if _is_scale(question) else None)


def _is_scale(question: Question) -> bool:
    return question.kind == Question.Kind.SCALE


def _mean(values: Sequence[int]) -> float | None:
    return round(sum(values) / len(values), 2) if len(values) >= FEWEST else None


def _row(questions: Sequence[Question], answers: dict[str, Any]) -> Row:
    cells: list[Any] = []
    for question in questions:
        answer = answers.get(str(question.number))
        words = dict(question.choices) if question.kind in (Question.Kind.ONE, Question.Kind.SEVERAL) else {}
        chosen = answer if isinstance(answer, list) else [answer]
        cells.append("; ".join(words.get(str(value), "") for value in chosen) if words and answer is not None else answer)
    return cells


# --- Before and after -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheets:
    every: list[dict[str, Any]]
    alone: dict[str, dict[str, Any]]


def _sheets_by_pair(survey: Survey) -> _Sheets:
    rows = list(SurveySheet.objects.filter(survey=survey).values_list("pair", "answers"))
    times = Counter(pair for pair, _answers in rows)
    return _Sheets([answers for _pair, answers in rows], {pair: answers for pair, answers in rows if pair and times[pair] == 1})


def _change(
    question: Question, later: Question, paired: Sequence[tuple[dict[str, Any], dict[str, Any]]], every_before: Sequence[dict[str, Any]],
    every_after: Sequence[dict[str, Any]],
) -> Change:  # fmt: skip
    number, other = str(question.number), str(later.number)
    both = [(first[number], second[other]) for first, second in paired if number in first and other in second]
    before, after = _mean([first for first, _second in both]), _mean([second for _first, second in both])
    difference = round(sum(second - first for first, second in both) / len(both), 2) if len(both) >= FEWEST else None
    everybody = (
        _mean([answers[key] for answers in every if key in answers]) for key, every in ((number, every_before), (other, every_after))
    )
    return Change(question, len(both), before, after, difference, *everybody)
