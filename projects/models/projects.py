from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Sourced, Timestamped


class ProjectQuerySet(models.QuerySet["Project"]):
    def published(self) -> "ProjectQuerySet":
        return self.filter(is_published=True)

    def current(self) -> "Project | None":
        """The edition residents meet on the home page."""
        return self.published().order_by("-is_current", "-starts_on", "pk").first()


class Project(Timestamped, Sourced):
    """One edition of a programme; dates are as sources give them, with a note where they disagree."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in short"), blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    period_note = models.CharField(_("period in words"), max_length=300, blank=True)
    funder = models.CharField(_("paid for by"), max_length=300, blank=True)
    controller = models.TextField(_("data controller"), blank=True)
    protection_officer = models.CharField(_("data-protection officer"), max_length=300, blank=True)
    contact_email = models.EmailField(_("e-mail of the programme"), blank=True)
    phone_line = models.CharField(_("phone line"), max_length=40, blank=True)
    phone_hours = models.CharField(_("hours of the phone line"), max_length=200, blank=True)
    duty_from = models.TimeField(
        _("on duty from"), default=time(9), help_text=_("Working days; an offer made by phone counts these hours only.")
    )
    duty_until = models.TimeField(_("on duty until"), default=time(15))
    access_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who sees to access needs"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text=_("Only this person reads why somebody needs what they need. Empty: a coordinator takes each request."),
    )  # fmt: skip
    certificate_threshold = models.PositiveSmallIntegerField(_("certificate from (% of hours)"), null=True, blank=True)
    answer_days = models.PositiveSmallIntegerField(_("days to answer an idea"), default=14)
    silence_days = models.PositiveSmallIntegerField(
        _("days of silence"), default=7, help_text=_("Whoever waits longer for a person stands on the list of silence.")
    )
    report_days = models.PositiveSmallIntegerField(_("days to report after the end"), default=30)
    volunteer_hour_grosze = models.PositiveIntegerField(
        _("worth of an hour of volunteer work (grosze)"), null=True, blank=True, help_text=_("Empty: hours are shown without a worth.")
    )
    volunteer_hour_note = models.CharField(_("where that rate comes from"), max_length=200, blank=True)
    questions_open = models.BooleanField(_("residents may ask questions about initiatives"), default=False)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    is_current = models.BooleanField(_("the current one"), default=False)
    is_published = models.BooleanField(_("published"), default=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    organisations = models.ManyToManyField("participants.Organisation", through="ProjectPartner", related_name="projects")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="project_one_current"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")) | Q(starts_on=None) | Q(ends_on=None), name="project_starts_before_end"
            ),
            models.CheckConstraint(condition=Q(duty_from__lt=F("duty_until")), name="project_duty_has_hours"),
            models.CheckConstraint(
                condition=Q(certificate_threshold=None) | Q(certificate_threshold__range=(1, 100)), name="project_threshold_is_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("project_detail", args=[self.slug])


class ProjectPartner(models.Model):
    """What an organisation is to an edition."""

    class Role(models.TextChoices):
        LEAD = "lead", _("runs it")
        FUNDER = "funder", _("pays for it")
        PARTNER = "partner", _("partner")
        HOST = "host", _("host")
        PATRON = "patron", _("patron")

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="partners")
    organisation = models.ForeignKey(
        "participants.Organisation", verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="project_roles"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("partner of the project")
        verbose_name_plural = _("partners of the project")
        constraints = [models.UniqueConstraint(fields=["project", "organisation", "role"], name="project_partner_once")]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_role_display()}"


class Stage(Timestamped, Sourced):
    """A stage of the programme; dates may be unknown, and a reconstruction says so."""

    class Opens(models.TextChoices):
        NOTHING = "", _("nothing")
        EVENTS = "events", _("events")
        INITIATIVES = "initiatives", _("initiatives")
        TRIP = "trip", _("the study trip")

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in short"), blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    date_note = models.CharField(_("dates in words"), max_length=300, blank=True)
    opens = models.CharField(_("opens"), max_length=12, choices=Opens, blank=True)
    is_reconstruction = models.BooleanField(_("reconstruction"), default=False)
    source_note = models.TextField(_("what the sources say"), blank=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["project", "number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="stage_one_per_number"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")) | Q(starts_on=None) | Q(ends_on=None), name="stage_starts_before_end"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="stage_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("stage_detail", args=[self.project.slug, self.number])


class HistoryItemQuerySet(models.QuerySet["HistoryItem"]):
    def published(self) -> "HistoryItemQuerySet":
        """What the page of its programme shows, when that page is there."""
        return self.filter(project__is_published=True)


class HistoryItem(Timestamped, Sourced):
    """A true event of the past as its source tells it: history, not an event to sign up for."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="history")
    neighbourhoods = models.ManyToManyField("projects.Neighbourhood", verbose_name=_("neighbourhoods"), blank=True, related_name="history")
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    happened_on = models.DateField(_("date to order by"))
    date_text = models.CharField(_("date as the source gives it"), max_length=120)
    is_date_exact = models.BooleanField(_("the date is exact"), default=True)
    title = models.CharField(_("title"), max_length=300)
    place = models.CharField(_("place"), max_length=300, blank=True)
    organiser = models.CharField(_("organiser"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = HistoryItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("history item")
        verbose_name_plural = _("history")
        ordering = ["happened_on", "pk"]

    def __str__(self) -> str:
        return f"{self.date_text}: {self.title}"
