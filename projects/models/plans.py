from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class Plan(Timestamped):
    """What a group wants to do in full: written in steps, each kept as soon as it is sent (domain.md 8.1)."""

    # What must be filled before the plan can be submitted.
    NEEDED = ("need", "aim", "actions", "timetable", "audience", "afterwards")

    initiative = models.OneToOneField("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="plan")
    need = models.TextField(_("What is needed, and how do you know?"), blank=True)
    aim = models.TextField(_("What will be different afterwards?"), blank=True)
    actions = models.TextField(_("What will you do, one thing after another?"), blank=True)
    timetable = models.TextField(_("When?"), blank=True)
    audience = models.TextField(_("For whom, and about how many people?"), blank=True)
    risks = models.TextField(_("What may go wrong, and what then?"), blank=True)
    afterwards = models.TextField(_("What remains when it is over?"), blank=True)

    class Meta:
        verbose_name = _("plan of an initiative")
        verbose_name_plural = _("plans of initiatives")

    def __str__(self) -> str:
        return str(self.initiative)


class BudgetLine(models.Model):
    """One thing the initiative needs money for."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="budget")
    what = models.CharField(_("what for"), max_length=200)
    grosze = models.PositiveIntegerField(_("amount (grosze)"))

    class Meta:
        verbose_name = _("line of the budget")
        verbose_name_plural = _("lines of the budget")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(grosze__gt=0), name="budget_line_costs_something")]

    def __str__(self) -> str:
        return self.what


class Contribution(models.Model):
    """What the residents give themselves: hours of work, things, money (art. 19b and 19c of the act of 24 April 2003)."""

    class Kind(models.TextChoices):
        WORK = "work", _("our work")
        THINGS = "things", _("things we have or get")
        MONEY = "money", _("our money")

    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="contributions"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    what = models.CharField(_("what"), max_length=200)
    minutes = models.PositiveIntegerField(_("time (minutes)"), null=True, blank=True)
    # What things are worth or how much money; the worth of work follows from the project's rate.
    grosze = models.PositiveIntegerField(_("worth (grosze)"), null=True, blank=True)

    class Meta:
        verbose_name = _("own contribution")
        verbose_name_plural = _("own contributions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="work", minutes__isnull=False, minutes__gt=0, grosze=None)
                | ~Q(kind="work") & Q(minutes=None, grosze__isnull=False, grosze__gt=0),
                name="contribution_is_time_or_money",
            )
        ]

    def __str__(self) -> str:
        return self.what
