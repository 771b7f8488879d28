from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Sourced


class Module(Sourced):
    """One step of the learning journey with the hours planned for it (domain.md 4.1)."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.CASCADE, related_name="modules")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=160)
    about = models.TextField(_("what it is about"), blank=True)
    planned_minutes = models.PositiveSmallIntegerField(
        _("planned minutes"), null=True, blank=True, help_text=_("60 minutes to the hour; empty: the source does not say.")
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = _("module of the learning journey")
        verbose_name_plural = _("modules of the learning journey")
        ordering = ["project", "number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="module_one_per_number"),
            models.CheckConstraint(condition=Q(planned_minutes=None) | Q(planned_minutes__gte=1), name="module_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"
