from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class GrantCallQuerySet(models.QuerySet["GrantCall"]):
    def published(self) -> "GrantCallQuerySet":
        return self.filter(is_published=True)

    def open(self, at: datetime | None = None) -> "GrantCallQuerySet":
        """Those that take plans now."""
        now = at or timezone.now()
        return self.published().filter(opens_at__lte=now, closes_at__gt=now)


class GrantCall(Timestamped):
    """A call for mini-projects (nabór): from when to when plans are taken, what money there is, how many can be chosen."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="grant_calls")
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in short"), blank=True)
    rules = models.TextField(_("rules"), blank=True, help_text=_("Markdown. Who may apply, for what, how it is chosen."))
    opens_at = models.DateTimeField(_("plans taken from"))
    closes_at = models.DateTimeField(_("plans taken until"))
    pool_grosze = models.PositiveIntegerField(_("pool (grosze)"), help_text=_("All money of the call, in grosze."))
    places = models.PositiveSmallIntegerField(_("how many can be chosen"))
    is_published = models.BooleanField(_("published"), default=False)
    # Set by ``domain.grant_calls.publish_results`` alone.
    results_published_at = models.DateTimeField(_("results published"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = GrantCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call for mini-projects")
        verbose_name_plural = _("calls for mini-projects")
        ordering = ["-opens_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="grant_call_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(pool_grosze__gt=0, places__gt=0), name="grant_call_has_something_to_give"),
            models.CheckConstraint(
                condition=Q(results_published_at=None) | Q(results_published_at__gte=F("closes_at")), name="grant_call_results_after_close"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("grant_call_detail", args=[self.slug])

    def takes_plans(self, at: datetime | None = None) -> bool:
        return self.is_published and self.opens_at <= (at or timezone.now()) < self.closes_at


class GrantResult(Timestamped):
    """What a call came to for one initiative: prepared in the panel, seen by residents once the whole list is published."""

    call = models.ForeignKey(GrantCall, verbose_name=_("call"), on_delete=models.PROTECT, related_name="results")
    initiative = models.OneToOneField(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="grant_result"
    )
    is_chosen = models.BooleanField(_("chosen"), default=False)
    grosze = models.PositiveIntegerField(_("money (grosze)"), null=True, blank=True)
    reasons = models.TextField(_("reasons"), blank=True, help_text=_("The authors will read them, and so will everybody."))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("prepared by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("result of a call")
        verbose_name_plural = _("results of a call")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_chosen=True, grosze__isnull=False, grosze__gt=0) | Q(is_chosen=False, grosze=None) & ~Q(reasons=""),
                name="grant_result_has_money_or_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call}: {self.initiative}"
