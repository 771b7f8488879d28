from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def live(self, on: date | None = None) -> "AssignmentQuerySet":
        """Those in force on the day; rights begin and end with a date."""
        day = on or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, user__is_active=True)


class Assignment(Timestamped):
    """What an account may do, where, on whose authorisation, from when till when: the only basis of staff rights."""

    class Role(models.TextChoices):
        ANIMATOR = "animator", _("animator")
        OFFICER = "officer", _("city officer")
        COORDINATOR = "coordinator", _("coordinator")
        SCORER = "scorer", _("scorer")
        HELPER = "helper", _("helper")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood",
        verbose_name=_("neighbourhood"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    authorisation = models.CharField(_("number of the authorisation"), max_length=80)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("granted by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Whose work is done while an animator is ill: a role of its own, with an end.
    stands_in_for = models.ForeignKey(
        "self", verbose_name=_("stands in for"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="substitutions",
    )  # fmt: skip
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles of staff")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")), name="assignment_starts_before_end"),
            models.CheckConstraint(condition=~Q(authorisation=""), name="assignment_names_authorisation"),
            models.CheckConstraint(
                condition=Q(role__in=["animator", "helper"], neighbourhood__isnull=False)
                | Q(role__in=["officer", "coordinator", "scorer"], neighbourhood=None),
                name="assignment_neighbourhood_fits_role",
            ),
            # Somebody may help at two events of one day; each is a role of its own.
            models.UniqueConstraint(
                fields=["user", "role", "neighbourhood", "starts_on"], condition=~Q(role="helper"), nulls_distinct=False,
                name="assignment_once",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for=None) | Q(role="animator", ends_on__isnull=False), name="assignment_substitution_ends"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        where = f" – {self.neighbourhood}" if self.neighbourhood else ""
        return f"{self.user}: {self.get_role_display()}{where}"
