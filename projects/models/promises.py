from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def open(self) -> "MilestoneQuerySet":
        return self.filter(done_on=None)

    def late(self, on: date | None = None) -> "MilestoneQuerySet":
        """Due before today and not done: a reason and a new date are owed."""
        return self.open().filter(due_on__lt=on or timezone.localdate())

    def standing(self) -> "MilestoneQuerySet":
        """Those of initiatives that have not been withdrawn: nobody waits for the others any more."""
        return self.exclude(initiative__status="withdrawn")


class Milestone(Timestamped):
    """A promise with a date: who does what until when. The owner is a body, never a resident by name (peers.md D2)."""

    class Owner(models.TextChoices):
        OFFICE = "office", _("the city office")
        GROUP = "group", _("the group")
        CO_OPERATIVE = "co_operative", _("the housing co-operative")

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="milestones")
    what = models.CharField(_("what was promised"), max_length=200)
    owner = models.CharField(_("who promised it"), max_length=14, choices=Owner)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], name="milestone_open", condition=Q(done_on=None))]

    def __str__(self) -> str:
        return self.what

    def is_late(self, on: date | None = None) -> bool:
        return self.done_on is None and self.due_on < (on or timezone.localdate())


class MilestoneDelay(models.Model):
    """A promise put off: from when to when, and why; the public reads it. A trigger refuses changes."""

    milestone = models.ForeignKey(Milestone, verbose_name=_("promise"), on_delete=models.CASCADE, related_name="delays")
    due_before = models.DateField(_("was due on"))
    due_after = models.DateField(_("now due on"))
    reason = models.CharField(_("why"), max_length=300)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("delay of a promise")
        verbose_name_plural = _("delays of promises")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(due_after__gt=F("due_before")), name="delay_is_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="delay_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.due_before} → {self.due_after}"
