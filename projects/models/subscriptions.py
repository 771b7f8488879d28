import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from projects.models.initiatives import Initiative
from projects.models.neighbourhoods import Neighbourhood

# Before the number of an initiative in the scope of a consent; no address of a neighbourhood has a colon.
INITIATIVE = "initiative:"


def new_subscription_key() -> str:
    return secrets.token_urlsafe(24)


def scope_of(subject: Neighbourhood | Initiative) -> str:
    """A neighbourhood by its address, an initiative by its number: its address may change, the ledger does not."""
    return subject.slug if isinstance(subject, Neighbourhood) else f"{INITIATIVE}{subject.pk}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> "SubscriptionQuerySet":
        """Those somebody asked for and confirmed from the mailbox, and has not ended."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)

    def of(self, subject: Neighbourhood | Initiative) -> "SubscriptionQuerySet":
        return self.filter(neighbourhood=subject) if isinstance(subject, Neighbourhood) else self.filter(initiative=subject)

    def with_scope(self, scope: str) -> "SubscriptionQuerySet":
        number = scope.removeprefix(INITIATIVE)
        if number != scope:
            return self.filter(initiative=int(number)) if number.isdigit() else self.none()
        return self.filter(neighbourhood__slug=scope)

    def with_subjects(self) -> "SubscriptionQuerySet":
        """With what each is about; neighbourhoods first, both in Polish order."""
        return self.select_related("neighbourhood", "initiative", "person").order_by(
            "neighbourhood__name_order", "initiative__title_order", "pk"
        )


class Subscription(Timestamped):
    """One neighbourhood or one initiative in the weekly letter of one address: asked for, confirmed from the mailbox, ended by one click
    (GDPR-12)."""

    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood", verbose_name=_("neighbourhood"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="subscriptions",
    )  # fmt: skip
    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions"
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
            models.UniqueConstraint(
                fields=["email", "initiative"], condition=Q(ended_at=None), name="subscription_one_live_per_initiative"
            ),
            models.CheckConstraint(condition=~Q(email=""), name="subscription_has_address"),
            models.CheckConstraint(
                condition=Q(neighbourhood=None, initiative__isnull=False) | Q(neighbourhood__isnull=False, initiative=None),
                name="subscription_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.email}"

    @property
    def subject(self) -> Neighbourhood | Initiative:
        """What the letter tells of."""
        found = self.neighbourhood or self.initiative
        assert found is not None  # held by a constraint
        return found

    @property
    def name(self) -> str:
        return self.neighbourhood.name if self.neighbourhood else str(self.initiative)

    @property
    def scope(self) -> str:
        """Which letter the consent is to, and what its buttons send."""
        return scope_of(self.subject)

    @property
    def is_live(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None
