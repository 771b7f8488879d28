"""Who of the team sees to an initiative, what waits for them, and what the team notes among itself."""

from datetime import date

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects import rules
from projects.domain import workflow
from projects.models import AnswerTemplate, Assignment, Initiative, ReviewNote


def assign(initiative: Initiative, reviewer: User | None) -> Initiative:
    """Say who sees to the initiative, or that nobody does yet. Locks the initiative.

    Raises RuleBroken: ``no_role`` (they do not work for its neighbourhoods, or not any more).
    """
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if reviewer is not None and not rules.accounts_to_review(locked).filter(pk=reviewer.pk).exists():
            raise RuleBroken("no_role", _("Choose somebody who works for this neighbourhood now."), field="reviewer")
        locked.reviewer = reviewer
        locked.save(update_fields=["reviewer", "updated_at"])
    return locked


def note(initiative: Initiative, text: str, *, actor: User) -> ReviewNote:
    """Write down something for the team alone; what is written stays. Raises RuleBroken ``empty``."""
    if not text.strip():
        raise RuleBroken("empty", _("Write something first."), field="text")
    return ReviewNote.objects.create(initiative=initiative, author=actor, text=text.strip())


def own_first(user: User) -> Case:
    """An order in which what the account sees to itself comes before the rest."""
    return Case(When(reviewer=user.pk, then=Value(0)), default=Value(1))


def mine(user: User) -> QuerySet[Initiative]:
    """What the account sees to and is not done, longest without a move first."""
    found = rules.manageable_initiatives(user).going_on().filter(reviewer=user.pk)
    return found.select_related("project", "grant_call").order_by("status_since", "pk")


def nobodys(user: User, on: date | None = None) -> QuerySet[Initiative]:
    """What waits for an answer and nobody sees to, or only somebody whose role has ended; longest first."""
    working = Assignment.objects.live(on).filter(role__in=[*rules.EVERYWHERE, rules.Role.ANIMATOR]).values("user")
    orphaned = Q(reviewer=None) | ~Q(reviewer__in=working)
    own = rules.manageable_initiatives(user).values("pk")
    return Initiative.objects.waiting().filter(orphaned, pk__in=own).select_related("project", "grant_call")


def templates_for(states: list[str]) -> list[AnswerTemplate]:
    """The prepared answers that fit one of these moves, by name."""
    return list(AnswerTemplate.objects.filter(Q(status="") | Q(status__in=states)))
