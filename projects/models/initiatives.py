import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import CanBeTakenDown, Sourced, Timestamped
from active_citizens.core.text import PolishOrderField

if TYPE_CHECKING:
    from projects.models.neighbourhoods import Neighbourhood


# No letter or figure that is taken for another when it is read out over the phone.
REFERENCE_SIGNS = "23456789ABCDEFGHJKMNPRSTUVWXYZ"

# As ``newest_first`` orders what ``published`` finds: for the indexes, which are made before the states have their names.
NEWEST = (Case(When(status="historical", then=1), default=0), F("status_since").desc(), F("id").desc())
PUBLISHED = Q(status__in=("accepted", "agreement", "running", "reporting", "finished", "partly_finished", "historical"))

NOWHERE = Value([], output_field=ArrayField(models.BigIntegerField()))


def new_reference() -> str:
    """What stands on the slip of whoever gave an idea, such as „7KM2-PX4Q”."""
    signs = "".join(secrets.choice(REFERENCE_SIGNS) for _each in range(8))
    return f"{signs[:4]}-{signs[4:]}"


def new_own_key() -> str:
    return secrets.token_urlsafe(24)


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def published(self) -> "InitiativeQuerySet":
        """What anybody may see: past the desk of the team, not withdrawn and not taken down."""
        return self.filter(status__in=Initiative.PUBLIC, taken_down_at=None)

    def in_neighbourhood(self, neighbourhood: "Neighbourhood") -> "InitiativeQuerySet":
        return self.filter(place_ids__contains=[neighbourhood.pk])

    def in_status(self, status: str) -> "InitiativeQuerySet":
        """Those of one state, the newest first: among them the order needs nothing but the last move."""
        return self.filter(status=status).order_by("-status_since", "-pk")

    def newest_first(self) -> "InitiativeQuerySet":
        """By the last move; those known only from sources have none, so they come after. An index of its own serves it."""
        return self.order_by(*NEWEST)

    def going_on(self) -> "InitiativeQuerySet":
        """What has not ended, one way or another: something can still become of it."""
        return self.exclude(status__in=Initiative.ENDED)

    def waiting(self) -> "InitiativeQuerySet":
        """Those whose author waits for an answer, longest first."""
        return self.filter(status__in=Initiative.WAITING).order_by("status_since", "pk")


class Initiative(Timestamped, Sourced, CanBeTakenDown):
    """Something residents do for their estate: mini-project, statutory local initiative (art. 19b) or grassroots."""

    class Kind(models.TextChoices):
        MINI_PROJECT = "mini_project", _("mini social project")
        STATUTORY = "statutory", _("statutory local initiative (art. 19b)")
        GRASSROOTS = "grassroots", _("grassroots initiative")

    class Status(models.TextChoices):
        IDEA = "idea", _("idea")
        PLAN = "plan", _("being planned")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned for completion")
        ACCEPTED = "accepted", _("accepted")
        NOT_CHOSEN = "not_chosen", _("not chosen")
        AGREEMENT = "agreement", _("agreement")
        RUNNING = "running", _("running")
        REPORTING = "reporting", _("report being written")
        FINISHED = "finished", _("finished")
        PARTLY_FINISHED = "partly_finished", _("partly finished")
        WITHDRAWN = "withdrawn", _("withdrawn")
        HISTORICAL = "historical", _("known from sources")

    PUBLIC = (
        Status.ACCEPTED,
        Status.AGREEMENT,
        Status.RUNNING,
        Status.REPORTING,
        Status.FINISHED,
        Status.PARTLY_FINISHED,
        Status.HISTORICAL,
    )
    WAITING = (Status.IDEA, Status.SUBMITTED)
    # Nothing is written any more about what has ended.
    ENDED = (Status.FINISHED, Status.PARTLY_FINISHED, Status.WITHDRAWN, Status.NOT_CHOSEN, Status.HISTORICAL)

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="initiatives")
    stage = models.ForeignKey(
        "projects.Stage", verbose_name=_("stage"), null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    neighbourhoods = models.ManyToManyField(
        "projects.Neighbourhood", verbose_name=_("neighbourhoods"), blank=True, related_name="initiatives"
    )
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    status = models.CharField(_("state"), max_length=16, choices=Status, default=Status.IDEA, editable=False)
    status_since = models.DateTimeField(_("in this state since"), editable=False)
    title = models.CharField(_("title"), max_length=200)
    title_order = PolishOrderField("title")
    summary = models.TextField(_("what it is about"))
    place = models.CharField(_("where"), max_length=300, blank=True)
    lang = models.CharField(_("language of the text"), max_length=5, choices=settings.LANGUAGES, default="pl")
    date_note = models.CharField(_("dates in words"), max_length=300, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        "participants.Person", verbose_name=_("proposed by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="initiatives"
    )
    # The numbers of its neighbourhoods once more, kept by a trigger: lists of one estate read no other table.
    place_ids = ArrayField(models.BigIntegerField(), default=list, db_default=NOWHERE, editable=False)
    organisations = models.ManyToManyField("participants.Organisation", through="Partnership", related_name="initiatives")
    # What the authors get on a slip or by mail; the key opens the page of their own, so it changes with the leader.
    reference = models.CharField(_("number of the idea"), max_length=9, unique=True, default=new_reference, editable=False)
    own_key = models.CharField(_("key of the authors’ page"), max_length=40, unique=True, default=new_own_key, editable=False)
    # The key of the form it came from: sent twice, it is the same idea.
    entry_key = models.UUIDField(_("key of the form"), null=True, blank=True, unique=True, editable=False)
    grant_call = models.ForeignKey(
        "projects.GrantCall", verbose_name=_("call"), null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    case_mark = models.CharField(
        _("case number"), max_length=80, blank=True, help_text=_("The mark of the case in the office’s file system (znak sprawy).")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who sees to it"), null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    complete_by = models.DateField(_("to be completed by"), null=True, blank=True, editable=False)
    # Which of the days on which the report is asked for was the last one its authors were reminded on.
    report_reminded_on = models.DateField(_("reminded of the report on"), null=True, blank=True, editable=False)
    paper_supporters = models.PositiveIntegerField(_("supporters on paper lists"), default=0)
    # Set by ``domain.ideas.join_twins`` alone: the initiative this one became part of.
    joined_to = models.ForeignKey(
        "self", verbose_name=_("joined to"), null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="twins"
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        indexes = [
            # Forwards for those who wait, backwards for the newest of one state.
            models.Index(fields=["status", "status_since", "id"], name="initiative_status"),
            models.Index("title_order", name="initiative_title_order"),
            models.Index(*NEWEST, name="initiative_newest", condition=PUBLISHED),
            models.Index(F("kind"), *NEWEST, name="initiative_newest_of_kind", condition=PUBLISHED),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")) | Q(starts_on=None) | Q(ends_on=None), name="initiative_starts_before_end"
            ),
            models.CheckConstraint(condition=Q(joined_to=None) | Q(status="withdrawn"), name="initiative_joined_is_withdrawn"),
            models.CheckConstraint(condition=Q(joined_to=None) | ~Q(joined_to=F("id")), name="initiative_joined_to_another"),
            models.CheckConstraint(condition=Q(complete_by=None) | Q(status="returned"), name="initiative_complete_by_when_returned"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("initiative_detail", args=[self.slug])

    @property
    def reference_shown(self) -> str:
        """The number with a hyphen at which no line breaks: it is read out and written down."""
        return self.reference.replace("-", "\N{NON-BREAKING HYPHEN}")

    @property
    def is_public(self) -> bool:
        return self.status in self.PUBLIC and self.taken_down_at is None

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    @property
    def answer_due_on(self) -> date | None:
        """By when whoever waits gets an answer: so many days as the project promises; None when nobody waits.

        Whoever waits for the results of a call waits till it has closed; what was filed at the office, as long as the office takes.
        """
        if self.status not in self.WAITING or (self.kind == self.Kind.STATUTORY and self.status == self.Status.SUBMITTED):
            return None
        since = self.status_since
        if self.status == self.Status.SUBMITTED and self.grant_call is not None:
            since = max(since, self.grant_call.closes_at)
        return timezone.localdate(since) + timedelta(days=self.project.answer_days)

    def is_overdue(self, at: datetime | None = None) -> bool:
        """Whether whoever waits should have had an answer by now. Asks for the project: select it along."""
        due = self.answer_due_on
        return due is not None and due < timezone.localdate(at)

    def days_in_state(self, at: datetime | None = None) -> int:
        """For how many days it has been in its state, by the calendar, as the list of silence counts."""
        return (timezone.localdate(at) - timezone.localdate(self.status_since)).days

    @property
    def report_due_on(self) -> date | None:
        """By when the report is owed: so many days as the project says after the end, of the agreement where none is set.

        None while the end is not known; nobody asks grassroots initiatives for a report.
        """
        if self.kind == self.Kind.GRASSROOTS:
            return None
        ends_on = self.ends_on or getattr(getattr(self, "agreement", None), "ends_on", None)
        return ends_on + timedelta(days=self.project.report_days) if ends_on else None


class InitiativeMember(Timestamped):
    """Who carries an initiative; names are never shown to strangers."""

    class Role(models.TextChoices):
        LEADER = "leader", _("leads it")
        MEMBER = "member", _("takes part")
        VOLUNTEER = "volunteer", _("volunteer")

    initiative = models.ForeignKey(Initiative, verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="teams")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        verbose_name = _("member of the team")
        verbose_name_plural = _("members of the team")
        constraints = [models.UniqueConstraint(fields=["initiative", "person"], name="initiative_member_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class Partnership(models.Model):
    """What an organisation is to an initiative; one may have several roles, one initiative several organisations."""

    class Role(models.TextChoices):
        LEAD = "lead", _("runs it")
        CO_ORGANISER = "co_organiser", _("co-organiser")
        HOST = "host", _("host")
        PATRON = "patron", _("patron")
        FUNDER = "funder", _("pays for it")

    initiative = models.ForeignKey(Initiative, verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="partnerships")
    organisation = models.ForeignKey(
        "participants.Organisation", verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="partnerships"
    )
    role = models.CharField(_("role"), max_length=14, choices=Role)

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        constraints = [models.UniqueConstraint(fields=["initiative", "organisation", "role"], name="partnership_once")]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_role_display()}"


class StatusChange(models.Model):
    """One move of an initiative: from what, to what, who, when, why; a trigger refuses changes."""

    initiative = models.ForeignKey(Initiative, verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(_("from"), max_length=16, choices=Initiative.Status, blank=True)
    after = models.CharField(_("to"), max_length=16, choices=Initiative.Status)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after}"

    @property
    def granted(self) -> int | None:
        """The grosze a call gave with this move; None for every other move."""
        if self.after != Initiative.Status.ACCEPTED or self.initiative.grant_call_id is None:
            return None
        result = self.initiative.grant_call.results.filter(initiative=self.initiative_id, call__results_published_at=self.at).first()
        return result.grosze if result else None
