from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from participants.models import User
from projects.models import Assignment


class EventHelperQuerySet(models.QuerySet["EventHelper"]):
    def of_day(self, user: User, on: date | None = None) -> "EventHelperQuerySet":
        """What the account helps with on the day: not ended, the role in force, and the event on that very day.

        An event that was moved takes nobody along: its helpers were let in for another day.
        """
        day = on or timezone.localdate()
        roles = Assignment.objects.live(day).filter(user=user, role=Assignment.Role.HELPER)
        return self.filter(ended_at=None, assignment__in=roles, event__starts_at__date=day)


class EventHelper(Timestamped):
    """Somebody who notes attendance at one event, on its day, and may do nothing else."""

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="helpers")
    assignment = models.OneToOneField("projects.Assignment", verbose_name=_("role"), on_delete=models.PROTECT, related_name="event_help")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = EventHelperQuerySet.as_manager()

    class Meta:
        verbose_name = _("helper at the door")
        verbose_name_plural = _("helpers at the door")

    def __str__(self) -> str:
        return f"{self.assignment.user} – {self.event}"
