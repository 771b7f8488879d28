import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


def new_subscription_key() -> str:
    return secrets.token_urlsafe(24)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> "SubscriptionQuerySet":
        """Those somebody asked for and confirmed from the mailbox, and has not ended."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)


class Subscription(Timestamped):
    """The weekly letter of one neighbourhood to one address: asked for, confirmed from the mailbox, ended by one click (GDPR-12)."""

    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood", verbose_name=_("neighbourhood"), on_delete=models.PROTECT, related_name="subscriptions"
    )
    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="subscriptions")
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="pl")
    key = models.CharField(_("key of its links"), max_length=40, default=new_subscription_key, unique=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    # The ISO week of the newest letter, such as 2026-W47: one letter a week however often the worker looks.
    last_week = models.CharField(_("last letter"), max_length=8, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            models.Index(fields=["last_week", "id"], name="subscription_live", condition=Q(ended_at=None, confirmed_at__isnull=False))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email", "neighbourhood"], condition=Q(ended_at=None), name="subscription_one_live_per_address"
            ),
            models.CheckConstraint(condition=~Q(email=""), name="subscription_has_address"),
        ]

    def __str__(self) -> str:
        return f"{self.neighbourhood}: {self.email}"

    @property
    def is_live(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None
