from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from active_citizens.core.models import Timestamped


class Series(Timestamped):
    """Several dates of one thing: each is an event of its own, with its own places and its own list."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="series")
    title = models.CharField(_("title"), max_length=160)
    whole = models.BooleanField(_("sign-up for all dates at once"), default=False, help_text=_("People may still choose single dates."))
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = pgettext_lazy("plural", "series")

    def __str__(self) -> str:
        return self.title


class EventLeader(Timestamped):
    """Who led the event: somebody of the team by account, a guest by name."""

    class Role(models.TextChoices):
        LEADS = "leads", _("leads")
        ASSISTS = "assists", _("assists")
        GUEST = "guest", _("guest")

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="leaders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="led"
    )
    name = models.CharField(_("name, without an account"), max_length=150, blank=True)
    role = models.CharField(_("part"), max_length=8, choices=Role, default=Role.LEADS)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True, help_text=_("Empty: the whole event."))

    class Meta:
        verbose_name = _("who leads")
        verbose_name_plural = _("who leads")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) ^ ~Q(name=""), name="event_leader_is_account_or_name"),
            models.UniqueConstraint(fields=["event", "user"], name="event_leader_once"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.user)
