import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from events.models.questionnaires import Moment
from events.models.registrations import CODE_LETTERS


def new_survey_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _position in range(6)).lower()


class SurveyQuerySet(models.QuerySet["Survey"]):
    def open(self, at: datetime | None = None) -> "SurveyQuerySet":
        now = at or timezone.now()
        return self.filter(opens_at__lte=now, closes_at__gt=now)


class Survey(Timestamped):
    """A published questionnaire asked about one event, or at one end of a series, at a short public address."""

    questionnaire = models.ForeignKey(
        "events.Questionnaire", verbose_name=_("questionnaire"), on_delete=models.PROTECT, related_name="surveys"
    )
    event = models.ForeignKey(
        "events.Event", verbose_name=_("event"), null=True, blank=True, on_delete=models.PROTECT, related_name="surveys"
    )
    series = models.ForeignKey(
        "events.Series", verbose_name=_("series"), null=True, blank=True, on_delete=models.PROTECT, related_name="surveys"
    )
    moment = models.CharField(_("when it is asked"), max_length=8, choices=Moment)
    opens_at = models.DateTimeField(_("answers from"))
    closes_at = models.DateTimeField(_("answers until"))
    code = models.CharField(_("code of the address"), max_length=6, default=new_survey_code, unique=True, editable=False)
    pairing = models.BooleanField(_("answers before and after are paired"), default=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(moment="event", event__isnull=False, series=None)
                | Q(moment__in=["before", "after"], event=None, series__isnull=False),
                name="survey_of_an_event_or_a_series",
            ),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="survey_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(pairing=False) | Q(series__isnull=False), name="survey_only_a_series_is_paired"),
            models.UniqueConstraint(fields=["event"], name="survey_one_per_event"),
            models.UniqueConstraint(fields=["series", "moment"], name="survey_one_per_end_of_series"),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.get_moment_display()}"

    def get_absolute_url(self) -> str:
        return reverse("survey", args=[self.code])

    @property
    def about(self) -> str:
        """What is asked about."""
        return str(self.event or self.series)

    def is_open(self, at: datetime | None = None) -> bool:
        return self.opens_at <= (at or timezone.now()) < self.closes_at


class SurveySheet(models.Model):
    """One filled-in sheet: nobody's. No person, no account, no address, a day instead of a moment (decision 14).

    The key is drawn at random, so that sheets stand in no order of arrival. ``entered_by`` is whoever typed a paper in.
    """

    class Channel(models.TextChoices):
        WEB = "web", _("on-line")
        PAPER = "paper", _("on paper")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, verbose_name=_("survey"), on_delete=models.PROTECT, related_name="sheets")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="pl")
    channel = models.CharField(_("came in"), max_length=8, choices=Channel, default=Channel.WEB)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    day = models.DateField(_("day"))
    # {"1": 4, "2": [1, 3], "3": "…"} by the question's number; what was left out is left out.
    answers = models.JSONField(_("answers"))
    pair = models.CharField(_("what pairs before and after"), max_length=64, blank=True, editable=False)
    form_digest = models.CharField(_("digest of the one-time key"), max_length=64, editable=False)

    class Meta:
        verbose_name = _("filled-in sheet")
        verbose_name_plural = _("filled-in sheets")
        constraints = [
            models.UniqueConstraint(fields=["survey", "form_digest"], name="survey_sheet_one_per_form"),
            models.CheckConstraint(
                condition=Q(channel="web", entered_by=None) | Q(channel="paper", entered_by__isnull=False),
                name="survey_sheet_only_paper_is_typed_in",
            ),
            models.CheckConstraint(condition=~Q(answers={}), name="survey_sheet_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.day:%Y-%m-%d}"
