from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime | None = None) -> "MessageQuerySet":
        return self.filter(status=Message.Status.QUEUED, due_at__lte=at or timezone.now()).order_by("priority", "due_at", "pk")

    def to_check(self) -> "MessageQuerySet":
        return self.filter(status=Message.Status.CHECK)


class Message(Timestamped):
    """A mail as a row: written in the transaction of what it tells, rendered when sent, never sent twice.

    ``context`` holds ids only; links are signed while rendering and stand nowhere readable. ``sealed`` keeps the text
    of account mails (login codes, resets) encrypted until they are sent.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CHECK = "check", _("unknown: to be checked")
        DROPPED = "dropped", _("no longer needed")

    class Priority(models.IntegerChoices):
        """Smaller goes first: news that a plan broke never stands behind a thousand letters."""

        URGENT = 0, _("urgent")
        ORDINARY = 5, _("ordinary")
        BULK = 9, _("in bulk")

    template = models.CharField(_("kind"), max_length=80)
    context = models.JSONField(_("about"), default=dict, blank=True)
    sealed = models.BinaryField(null=True, blank=True, editable=False)
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("person"), null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    recipient = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="pl")
    key = models.CharField(_("once-only key"), max_length=120, null=True, blank=True)
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.QUEUED, editable=False)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.ORDINARY, editable=False)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    error = models.TextField(_("last error"), blank=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["priority", "due_at", "id"], name="message_in_turn", condition=Q(status="queued")),
            models.Index(fields=["person", "-id"], name="message_of_person"),
            models.Index(fields=["claimed_at"], name="message_sending", condition=Q(status="sending")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at=None), name="message_sent_has_time"
            ),
            models.CheckConstraint(condition=~Q(status="sending") | Q(claimed_at__isnull=False), name="message_sending_has_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient}"
