from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class CallTaskQuerySet(models.QuerySet["CallTask"]):
    def open(self) -> "CallTaskQuerySet":
        return self.filter(done_at=None).order_by("due_at", "pk")


class CallTask(Timestamped):
    """A call somebody owes to a person without e-mail: one row where others get a message.

    ``context`` holds ids, as a message's does; ``reason`` is the message it stands for.
    """

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached")
        NO_ANSWER = "no_answer", _("no answer")
        DECLINED = "declined", _("declined")
        HOUSEHOLD = "household", _("told a member of the household")
        DROPPED = "dropped", _("no longer needed")

    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="calls")
    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood", verbose_name=_("neighbourhood"), null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    reason = models.CharField(_("what to say"), max_length=80)
    context = models.JSONField(_("about"), default=dict, blank=True)
    due_at = models.DateTimeField(_("call before"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, editable=False)
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("called by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("call to make")
        verbose_name_plural = _("calls to make")
        indexes = [models.Index(fields=["due_at"], name="call_task_open", condition=Q(done_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["person", "reason", "context"], condition=Q(done_at=None), name="call_task_once"),
            models.CheckConstraint(condition=Q(done_at=None) | ~Q(outcome=""), name="call_task_done_has_outcome"),
        ]

    def __str__(self) -> str:
        return str(self.person)
