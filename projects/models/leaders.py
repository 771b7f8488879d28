import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from active_citizens.core.text import PolishOrderField
from participants.models import Consent

# A year that ran out can be renewed so long; then the row goes.
KEPT_AFTER = timedelta(days=30)


def new_leader_key() -> str:
    return secrets.token_urlsafe(9)


class LeaderProfileQuerySet(models.QuerySet["LeaderProfile"]):
    def public(self, on: date | None = None) -> "LeaderProfileQuerySet":
        """What anybody may see on the day: the year runs, nobody has hidden it, and the person has not left."""
        day = on or timezone.localdate()
        return self.filter(ended_at=None, hidden_at=None, valid_until__gte=day, person__merged_into=None)

    def in_order(self) -> "LeaderProfileQuerySet":
        return self.order_by("name_order", "pk")


class LeaderProfile(Timestamped):
    """An adult of the leaders' network: in by their own wish, for a year, shown by the name they chose and in their own words.

    Leaving deletes the row; a hidden one is emptied and stays till its year is over, so that nobody comes back by leaving.
    """

    person = models.OneToOneField("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="leader_profile")
    neighbourhoods = models.ManyToManyField("projects.Neighbourhood", verbose_name=_("neighbourhoods"), related_name="leaders")
    key = models.CharField(_("key of its address"), max_length=20, default=new_leader_key, unique=True, editable=False)
    name_shown = models.CharField(_("name shown"), max_length=60, blank=True)
    name_order = PolishOrderField("name_shown")
    offer = models.TextField(_("can help with"), max_length=600, blank=True)
    languages = models.CharField(_("speaks"), max_length=120, blank=True)
    lang = models.CharField(_("language of the text"), max_length=5, choices=settings.LANGUAGES, default="pl")
    # The last consent: how it was given, and when it ends.
    confirmed_on = models.DateField(_("agreed on"))
    valid_until = models.DateField(_("shown until"))
    channel = models.CharField(_("how they agreed"), max_length=8, choices=Consent.Channel, default=Consent.Channel.WEB)
    reference = models.CharField(_("where the paper is kept"), max_length=80, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # How many of the two reminders of this year were booked.
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0, editable=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True, editable=False)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("hidden by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    hidden_reason = models.CharField(_("why hidden"), max_length=300, blank=True, editable=False)
    ended_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)

    objects = LeaderProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("leader of the network")
        verbose_name_plural = _("leaders’ network")
        indexes = [
            models.Index("name_order", name="leader_name_order"),
            models.Index(fields=["valid_until"], name="leader_valid_until"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="paper", entered_by__isnull=False) & ~Q(reference="")
                | ~Q(channel="paper") & Q(entered_by=None, reference=""),
                name="leader_paper_has_reference",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_reason="")
                | Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason=""),
                name="leader_hidden_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) & ~Q(name_shown="") & ~Q(offer="")
                | Q(ended_at__isnull=False, hidden_at__isnull=False, name_shown="", offer="", languages=""),
                name="leader_who_left_has_no_words",
            ),
            models.CheckConstraint(condition=Q(valid_until__gt=F("confirmed_on")), name="leader_year_follows_consent"),
        ]

    def __str__(self) -> str:
        return self.name_shown or str(_("left the network"))

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None

    @property
    def has_left(self) -> bool:
        return self.ended_at is not None

    def has_lapsed(self, on: date | None = None) -> bool:
        """Whether the year has run out: shown to nobody, and still to be renewed."""
        return self.valid_until < (on or timezone.localdate())
