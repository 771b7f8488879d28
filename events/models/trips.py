from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Sourced, Timestamped


class StudyTripQuerySet(models.QuerySet["StudyTrip"]):
    def published(self) -> "StudyTripQuerySet":
        return self.filter(is_published=True, project__is_published=True)


class StudyTrip(Timestamped, Sourced):
    """A study trip for the most engaged: what is known of it, and what the sources do not say."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="trips")
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    destination = models.CharField(_("where to"), max_length=200)
    host = models.CharField(_("host"), max_length=300, blank=True)
    summary = models.TextField(_("in short"), blank=True)
    known = models.TextField(_("what is known"), blank=True, help_text=_("Markdown."))
    unknown = models.TextField(_("what the sources do not say"), blank=True, help_text=_("Markdown."))
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    date_note = models.CharField(_("dates in words"), max_length=300, blank=True)
    places = models.PositiveSmallIntegerField(_("number of places"), null=True, blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = StudyTripQuerySet.as_manager()

    class Meta:
        verbose_name = _("study trip")
        verbose_name_plural = _("study trips")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")) | Q(starts_on=None) | Q(ends_on=None), name="trip_starts_before_end"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("trip_detail", args=[self.slug])
