import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped

# Three minutes on a phone.
MOST_QUESTIONS = 10
SCALE = range(1, 6)


class Moment(models.TextChoices):
    """When somebody is asked."""

    BEFORE = "before", _("before a series")
    AFTER = "after", _("after a series")
    EVENT = "event", _("after an event")


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    def published(self) -> "QuestionnaireQuerySet":
        return self.filter(published_at__isnull=False)


class Questionnaire(Timestamped):
    """A few questions in one version; once published a trigger refuses changes, and a change is the next version."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="questionnaires")
    # What the versions of one questionnaire share.
    lineage = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    title = models.CharField(_("title"), max_length=160)
    purpose = models.CharField(_("when it is asked"), max_length=8, choices=Moment, default=Moment.EVENT)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lineage", "version"], name="questionnaire_one_per_version"),
            models.UniqueConstraint(fields=["lineage"], condition=Q(published_at=None), name="questionnaire_one_draft"),
            models.CheckConstraint(condition=Q(version__gte=1), name="questionnaire_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class Question(models.Model):
    """One question; nobody has to answer it."""

    class Kind(models.TextChoices):
        SCALE = "scale", _("scale from 1 to 5")
        ONE = "one", _("one answer of several")
        SEVERAL = "several", _("several answers")
        TEXT = "text", _("a short text")

    questionnaire = models.ForeignKey(Questionnaire, verbose_name=_("questionnaire"), on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SCALE)
    text = models.CharField(_("question"), max_length=300)
    low_label = models.CharField(_("what 1 means"), max_length=60, blank=True)
    high_label = models.CharField(_("what 5 means"), max_length=60, blank=True)
    options = models.TextField(_("answers to choose from"), blank=True, help_text=_("One to a line, in the same order in all languages."))
    pair_code = models.SlugField(
        _("sign for comparing"), max_length=30, blank=True,
        help_text=_("Answers on a scale are compared with the questionnaire that carries the same sign at the other end of the series."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["questionnaire", "number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="question_one_per_number"),
            models.CheckConstraint(condition=Q(number__range=(1, MOST_QUESTIONS)), name="question_one_of_ten"),
            models.UniqueConstraint(fields=["questionnaire", "pair_code"], condition=~Q(pair_code=""), name="question_one_per_sign"),
            models.CheckConstraint(condition=Q(pair_code="") | Q(kind="scale"), name="question_only_scales_are_compared"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(number, words) of every answer to choose from; the numbers are what is kept."""
        if self.kind == Question.Kind.SCALE:
            ends = {1: self.low_label, 5: self.high_label}
            return [(str(value), f"{value} – {ends[value]}" if ends.get(value) else str(value)) for value in SCALE]
        lines = [line.strip() for line in self.options.splitlines() if line.strip()]
        return [(str(number), line) for number, line in enumerate(lines, start=1)]
