from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped

# A second try counts so long after the first: whoever is at the doctor's for an hour has not been tried twice.
BETWEEN_TRIES = timedelta(hours=2)
# Never longer than this part of the time that is left till the event: on the last day calls follow faster.
OF_TIME_LEFT = 4


class CallTaskQuerySet(models.QuerySet["CallTask"]):
    def open(self) -> "CallTaskQuerySet":
        return self.filter(done_at=None)

    def in_order(self) -> "CallTaskQuerySet":
        """Whose event comes first is rung first; ``first_about`` says when that is."""
        matters = CallMatter.objects.open().filter(task=OuterRef("pk"), about_at__isnull=False).order_by("about_at")
        found = self.annotate(first_about=Subquery(matters.values("about_at")[:1]))
        return found.order_by(*CallTask.ORDER)


class CallTask(Timestamped):
    """A call somebody owes to a person without e-mail: one open row for each human, whatever there is to say.

    What to say stands in its matters (``CallMatter``), every call that was tried in its tries (``CallTry``).
    """

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached")
        NO_ANSWER = "no_answer", _("no answer")
        HOUSEHOLD = "household", _("told a member of the household")
        DECLINED = "declined", _("declined")
        NEW_NUMBER = "new_number", _("corrected number")
        NOT_REACHED = "not_reached", _("not reached in two calls")
        DROPPED = "dropped", _("no longer needed")

    # What one call can come to; the rest is what becomes of a row.
    OF_A_CALL = (Outcome.REACHED, Outcome.NO_ANSWER, Outcome.HOUSEHOLD, Outcome.DECLINED, Outcome.NEW_NUMBER)
    FAILED = (Outcome.NO_ANSWER, Outcome.HOUSEHOLD)
    ORDER = (F("first_about").asc(nulls_last=True), "due_at", "pk")

    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="calls")
    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood", verbose_name=_("neighbourhood"), null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    # The earliest of its open matters.
    due_at = models.DateTimeField(_("call before"))
    # Calls tried since the row was opened, or since the number was corrected.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    last_attempt_at = models.DateTimeField(_("last attempt"), null=True, blank=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True, editable=False)
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
            models.UniqueConstraint(fields=["person"], condition=Q(done_at=None), name="call_task_one_open_per_person"),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="") | Q(done_at__isnull=False) & ~Q(outcome=""), name="call_task_done_has_outcome"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def next_try_at(self, starts_at: datetime | None) -> datetime | None:
        """From when another try counts, the first event of the row starting then; None when any moment does."""
        if self.last_attempt_at is None:
            return None
        pause = BETWEEN_TRIES
        if starts_at is not None:
            pause = max(timedelta(), min(pause, (starts_at - self.last_attempt_at) / OF_TIME_LEFT))
        return self.last_attempt_at + pause


class CallMatterQuerySet(models.QuerySet["CallMatter"]):
    def open(self) -> "CallMatterQuerySet":
        return self.filter(settled_at=None)


class CallMatter(Timestamped):
    """One thing to tell or to ask in a call: what a message would have said.

    ``context`` holds ids, as a message's does; ``reason`` is the message it stands for. ``person`` is the record it is
    about: each sign-up without an account makes its own, and one human with several is rung once.
    """

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")
        TOLD = "told", _("told")
        NOT_REACHED = "not_reached", _("not reached in two calls")
        DROPPED = "dropped", _("no longer needed")

    task = models.ForeignKey(CallTask, verbose_name=_("call to make"), on_delete=models.CASCADE, related_name="matters")
    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="call_matters")
    reason = models.CharField(_("what to say"), max_length=80)
    context = models.JSONField(_("about"), default=dict, blank=True)
    # When the event starts; this floor knows no events.
    about_at = models.DateTimeField(_("starts"), null=True, blank=True)
    due_at = models.DateTimeField(_("call before"))
    # Calls about it that nobody answered.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    answer = models.CharField(_("answer"), max_length=12, choices=Answer, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("called by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = CallMatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter of a call")
        verbose_name_plural = _("matters of calls")
        ordering = [F("about_at").asc(nulls_last=True), "due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "reason", "context"], condition=Q(settled_at=None), name="call_matter_once"),
            models.CheckConstraint(
                condition=Q(settled_at=None, answer="") | Q(settled_at__isnull=False) & ~Q(answer=""), name="call_matter_settled_has_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.reason}"


class CallTry(models.Model):
    """One call that was made: when, by whom, and what came of it."""

    task = models.ForeignKey(CallTask, verbose_name=_("call to make"), on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("called by"), on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=12, choices=CallTask.Outcome)

    class Meta:
        verbose_name = _("call made")
        verbose_name_plural = _("calls made")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.get_outcome_display()}"
