import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class Announcement(Timestamped):
    """A message of the team to an event's people: one mail each, addresses hidden, answers to the programme's mailbox."""

    class Audience(models.TextChoices):
        ALL = "all", _("everybody signed up")
        CONFIRMED = "confirmed", _("those with a place")
        WAITING = "waiting", _("those on the waiting list")

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.PROTECT, related_name="announcements")
    subject = models.CharField(_("subject"), max_length=160)
    body = models.TextField(_("text"), max_length=5000)
    audience = models.CharField(_("to whom"), max_length=10, choices=Audience, default=Audience.CONFIRMED)
    key = models.UUIDField(_("one-time key of the form"), default=uuid.uuid4, unique=True, editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("sent by"), on_delete=models.PROTECT, related_name="+")
    by_mail = models.PositiveIntegerField(_("by e-mail"), default=0, editable=False)
    by_phone = models.PositiveIntegerField(_("to call"), default=0, editable=False)

    class Meta:
        verbose_name = _("message to participants")
        verbose_name_plural = _("messages to participants")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject
