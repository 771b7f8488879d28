"""The call list: who was reached, and with what."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects.models import CallTask


def note_outcome(task: CallTask, outcome: str, *, actor: User, at: datetime | None = None) -> CallTask:
    """Write down how the call went; after "no answer" it stays on the list. Locks the call.

    Raises RuleBroken: ``no_such_outcome``, ``done`` when somebody else has made the call.
    """
    if outcome not in CallTask.Outcome.values or outcome == CallTask.Outcome.DROPPED:
        raise RuleBroken("no_such_outcome", _("Choose how the call went."))
    with transaction.atomic():
        task = CallTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        if task.done_at is not None:
            raise RuleBroken("done", _("Somebody has already made this call."))
        if outcome == CallTask.Outcome.NO_ANSWER:
            CallTask.objects.filter(pk=task.pk).update(attempts=F("attempts") + 1)
        else:
            task.outcome, task.done_by, task.done_at = outcome, actor, at or timezone.now()
            task.attempts += 1
            task.save(update_fields=["outcome", "done_by", "done_at", "attempts", "updated_at"])
    return task
