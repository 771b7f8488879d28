"""Questionnaires: begun from a pattern, published and then frozen, changed by a next version."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.models import Question, Questionnaire
from projects.models import Project

PATTERNS = Path(__file__).resolve().parents[1] / "patterns" / "questionnaires.toml"
# A choice needs at least two answers.
FEWEST_OPTIONS = 2


def publish(questionnaire: Questionnaire, *, at: datetime | None = None) -> Questionnaire:
    """Let the questionnaire be used; from now on the database refuses changes of it and of its questions.

    Locks the questionnaire; published once it stays so. Raises RuleBroken: ``no_questions``, ``no_options``.
    """
    with transaction.atomic():
        current = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
        if current.is_published:
            return current
        questions = list(current.questions.all())
        if not questions:
            raise RuleBroken("no_questions", _("Write at least one question first."))
        for question in questions:
            _check(question)
        current.published_at = at or timezone.now()
        current.save(update_fields=["published_at", "updated_at"])
    return current


def new_version(questionnaire: Questionnaire) -> Questionnaire:
    """A draft with the same questions and the next number; what was answered stays with the version that asked.

    Locks the questionnaire. Raises RuleBroken: ``still_draft``, ``draft_exists``.
    """
    with transaction.atomic():
        versions = list(Questionnaire.objects.filter(lineage=questionnaire.lineage).select_for_update(no_key=True).order_by("version"))
        if not questionnaire.is_published:
            raise RuleBroken("still_draft", _("This version is a draft: change it as it is."))
        if not versions[-1].is_published:
            raise RuleBroken("draft_exists", _("There is a draft of the next version already."))
        made = _copy(Questionnaire.objects.get(pk=questionnaire.pk), version=versions[-1].version + 1, published_at=None)
        for question in questionnaire.questions.all():
            _copy(question, questionnaire=made)
    return made


def patterns() -> dict[str, dict[str, Any]]:
    """Our own sets of questions by their key, to begin from; they are not the British Council's forms (domain.md 4.3)."""
    return _patterns()


def start_from(pattern: str, project: Project) -> Questionnaire:
    """A draft of the pattern's questions in the three languages. Raises RuleBroken ``no_pattern``."""
    told = _patterns().get(pattern)
    if told is None:
        raise RuleBroken("no_pattern", _("There is no such pattern."), field="pattern")
    with transaction.atomic():
        made = Questionnaire.objects.create(project=project, purpose=told["purpose"], **_columns(told, "title"))
        for number, entry in enumerate(told["question"], start=1):
            texts = _columns(entry, "text", "low_label", "high_label", "options")
            Question.objects.create(questionnaire=made, number=number, kind=entry["kind"], pair_code=entry.get("pair_code", ""), **texts)
    return made


def _check(question: Question) -> None:
    asks = question.kind in (Question.Kind.ONE, Question.Kind.SEVERAL)
    counts = [
        len([line for line in (getattr(question, f"options_{language}") or "").splitlines() if line.strip()])
        for language in ("pl", "en", "uk")
    ]
    if asks and counts[0] < FEWEST_OPTIONS:
        raise RuleBroken("no_options", _("Question %(number)s needs at least two answers to choose from.") % {"number": question.number})
    if asks and any(count not in (0, counts[0]) for count in counts):
        sentence = _("Question %(number)s has another number of answers in another language.") % {"number": question.number}
        raise RuleBroken("no_options", sentence)


def _copy(row: Any, **values: Any) -> Any:
    row.pk, row._state.adding = None, True
    for name, value in values.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def _columns(entry: dict[str, Any], *names: str) -> dict[str, str]:
    return {f"{name}_{language}": text.strip() for name in names if name in entry for language, text in entry[name].items()}


@cache
def _patterns() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tomllib.loads(PATTERNS.read_text(encoding="utf-8"))
    return found
