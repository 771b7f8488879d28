"""What is asked about the demo's initiatives: one question answered, one that waits to be looked at; made by the verbs."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from projects.domain import dialogue
from projects.models import Answer, Initiative, Question

if TYPE_CHECKING:
    from active_citizens.programmes.demo import Cast


def fill(cast: "Cast", entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        initiative = Initiative.objects.select_related("project").get(slug=entry["initiative"])
        asker = cast.people[entry["asked_by"]].user if "asked_by" in entry else None
        asked_at = cast.now - timedelta(days=entry["days_ago"])
        question = dialogue.ask(initiative, entry["text"], user=asker, language=entry["lang"], at=asked_at)
        Question.objects.filter(pk=question.pk).update(created_at=asked_at)
        if "answer" in entry:
            animator = cast.animator(initiative.neighbourhoods.get())
            answer = dialogue.answer(question, entry["answer"], by=Answer.By.TEAM, actor=animator, at=asked_at + timedelta(days=1))
            Answer.objects.filter(pk=answer.pk).update(created_at=asked_at + timedelta(days=1))
