from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventChange(models.Model):
    """A plan that broke: called off or moved, why, from when to when; a trigger refuses changes."""

    class Kind(models.TextChoices):
        CANCELLED = "cancelled", _("cancelled")
        MOVED = "moved", _("moved")

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    reason = models.TextField(_("why"), max_length=2000)
    starts_before = models.DateTimeField(_("started before"))
    ends_before = models.DateTimeField(_("ended before"))
    starts_after = models.DateTimeField(_("starts now"), null=True, blank=True)
    ends_after = models.DateTimeField(_("ends now"), null=True, blank=True)
    venue_before = models.ForeignKey(
        "projects.Venue", verbose_name=_("venue before"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sequence = models.PositiveIntegerField(_("calendar sequence"))
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("change of plan")
        verbose_name_plural = _("changes of plan")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="moved", starts_after__isnull=False, ends_after__isnull=False) | Q(kind="cancelled", starts_after=None),
                name="event_change_says_where_to",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="event_change_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.get_kind_display()}"
