from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modeltranslation.utils import get_language

from active_citizens.core.models import Timestamped
from projects.models import Neighbourhood


class EventQuerySet(models.QuerySet["Event"]):
    def published(self) -> "EventQuerySet":
        """What anybody may see; a cancelled event stays, saying so."""
        return self.filter(status__in=(Event.Status.PUBLISHED, Event.Status.CANCELLED), project__is_published=True)

    def upcoming(self, at: datetime | None = None) -> "EventQuerySet":
        return self.filter(ends_at__gte=at or timezone.now()).order_by("starts_at", "pk")

    def past(self, at: datetime | None = None) -> "EventQuerySet":
        return self.filter(ends_at__lt=at or timezone.now()).order_by("-starts_at", "-pk")

    def between(self, first: date, last: date) -> "EventQuerySet":
        """Those starting on a day from first to last, both included, by the clocks of Kraków."""
        zone = timezone.get_default_timezone()
        start = datetime(first.year, first.month, first.day, tzinfo=zone)
        after = last + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=zone)
        return self.filter(starts_at__gte=start, starts_at__lt=end)

    def drawn_or_in_order(self) -> "EventQuerySet":
        """Without lotteries that are yet to be drawn: there everybody waits alike."""
        return self.exclude(promotion=Event.Promotion.LOTTERY, drawn_at=None)

    def in_neighbourhood(self, neighbourhood: Neighbourhood) -> "EventQuerySet":
        return self.filter(neighbourhoods=neighbourhood)

    def in_neighbourhoods(self, neighbourhoods: "models.QuerySet[Neighbourhood]") -> "EventQuerySet":
        """Those touching at least one of the neighbourhoods, each once."""
        through = Event.neighbourhoods.through.objects.filter(event=OuterRef("pk"), neighbourhood__in=neighbourhoods)
        return self.filter(Exists(through))

    def with_places(self, at: datetime | None = None) -> "EventQuerySet":
        """Adds ``taken`` and ``queue``: heads with a place now and heads waiting; rows are counted, no counter is kept."""
        from events.models.seats import Seat  # noqa: PLC0415 - a seat names its event, so this module comes first

        def heads(seats: models.QuerySet[Seat]) -> Coalesce:
            counted = seats.filter(event=OuterRef("pk")).order_by().values("event").annotate(heads=Count("pk")).values("heads")
            return Coalesce(Subquery(counted), 0)

        return self.annotate(taken=heads(Seat.objects.taking(at)), queue=heads(Seat.objects.waiting()))

    def with_extra(self) -> "EventQuerySet":
        """Adds ``extra``: heads taken on beyond the number of places, for the team's eyes."""
        from events.models.seats import Seat  # noqa: PLC0415 - a seat names its event, so this module comes first

        beyond = Seat.objects.filter(event=OuterRef("pk"), extra=True, status=Seat.Status.CONFIRMED)
        counted = beyond.order_by().values("event").annotate(heads=Count("pk")).values("heads")
        return self.annotate(extra=Coalesce(Subquery(counted), 0))

    def for_lists(self) -> "EventQuerySet":
        """With everything a line of a list shows and nothing longer, in a constant number of queries."""
        places = models.Prefetch("neighbourhoods", Neighbourhood.objects.for_links().in_order())
        # The hours in the visitor's language, in Polish where nobody has translated them.
        own = NullIf(F(f"project__phone_hours_{get_language()}"), Value(""), output_field=models.CharField())
        hours = Coalesce(own, F("project__phone_hours_pl"), output_field=models.CharField())
        line = {"phone_line": F("project__phone_line"), "phone_hours": hours}
        shown = self.select_related("venue").prefetch_related(places).with_places().annotate(**line)
        return shown.without_texts("description", "access_note")

    def without_texts(self, *names: str) -> "EventQuerySet":
        """Leaves long texts, in all languages, in the database until somebody asks for them."""
        return self.defer(*names, *(f"{name}_{language}" for name in names for language in ("pl", "en", "uk")))


class Event(Timestamped):
    """Something that happens on the estates at a time and a place, open to all, by sign-up or by invitation."""

    class Kind(models.TextChoices):
        WORKSHOP = "workshop", _("workshop")
        TRAINING = "training", _("training")
        MEETING = "meeting", _("meeting")
        CONSULTATION = "consultation", _("consultation")
        WALK = "walk", _("research walk")
        PICNIC = "picnic", _("picnic or fair")
        GAME = "game", _("urban game")
        CLEAN_UP = "clean_up", _("clean-up")

    class SignUp(models.TextChoices):
        NONE = "none", _("open to all, no sign-up")
        OPEN = "open", _("by sign-up")
        INVITED = "invited", _("by invitation")

    class Promotion(models.TextChoices):
        """What becomes of a place that comes free."""

        AUTOMATIC = "automatic", _("whoever is next moves up at once")
        OFFER = "offer", _("whoever is next is asked first, with a deadline")
        LOTTERY = "lottery", _("places are drawn on a day, the rest wait in the drawn order")

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CANCELLED = "cancelled", _("cancelled")

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="events")
    stage = models.ForeignKey(
        "projects.Stage", verbose_name=_("stage"), null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    module = models.ForeignKey(
        "projects.Module", verbose_name=_("module of the learning journey"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="events",
    )  # fmt: skip
    series = models.ForeignKey(
        "events.Series", verbose_name=_("series"), null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="events"
    )
    neighbourhoods = models.ManyToManyField("projects.Neighbourhood", verbose_name=_("neighbourhoods"), related_name="events")
    organisations = models.ManyToManyField("participants.Organisation", verbose_name=_("organisers"), blank=True, related_name="events")
    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    slug = models.SlugField(_("address"), max_length=120, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.WORKSHOP)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("in short"), max_length=400, blank=True)
    description = models.TextField(_("programme and description"), blank=True, help_text=_("Markdown."))
    venue = models.ForeignKey(
        "projects.Venue", verbose_name=_("venue"), null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    sign_up = models.CharField(_("sign-up"), max_length=8, choices=SignUp, default=SignUp.OPEN)
    capacity = models.PositiveSmallIntegerField(_("number of places"), null=True, blank=True, help_text=_("Empty: no limit."))
    opens_at = models.DateTimeField(_("sign-up from"), null=True, blank=True, help_text=_("Empty: from publication."))
    closes_at = models.DateTimeField(_("sign-up until"), null=True, blank=True, help_text=_("Empty: until the event starts."))
    open_to_minors = models.BooleanField(
        _("open to children and teenagers"), default=False,
        help_text=_("Everybody who leads the event must have been checked in the register first."),
    )  # fmt: skip
    promotion = models.CharField(_("waiting list"), max_length=10, choices=Promotion, default=Promotion.AUTOMATIC)
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to answer an offer"), default=24, help_text=_("Nights between 21 and 8 never end an offer; a phone counts duty hours.")
    )
    offers_end_hours = models.PositiveSmallIntegerField(
        _("last offers, hours before the start"),
        default=24,
        help_text=_("Afterwards a free place goes to whoever of the queue answers first."),
    )
    draw_at = models.DateTimeField(
        _("places are drawn"), null=True, blank=True, help_text=_("For a lottery: sign-up ends then at the latest.")
    )
    drawn_at = models.DateTimeField(_("drawn"), null=True, blank=True, editable=False)
    fallback_starts_at = models.DateTimeField(
        _("other date in case of bad weather"),
        null=True,
        blank=True,
        help_text=_("Shown to people from the start; moving there takes one click."),
    )
    access_contact = models.CharField(
        _("who to ask about access"), max_length=200, blank=True, help_text=_("A phone or an e-mail of somebody who answers.")
    )
    access_note = models.TextField(_("accessibility of this event"), blank=True, help_text=_("What differs from the venue's description."))
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    cancel_reason = models.TextField(_("why cancelled"), blank=True, editable=False)
    moved_at = models.DateTimeField(_("moved to another date"), null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)
    closing_nudged_at = models.DateTimeField(_("reminded of closing"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["starts_at"], name="event_starts"),
            models.Index(fields=["ends_at"], name="event_ends"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="event_starts_before_end"),
            models.CheckConstraint(condition=Q(capacity=None) | Q(capacity__gte=1), name="event_capacity_positive"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")), name="event_opens_before_it_closes"
            ),
            models.CheckConstraint(condition=Q(offer_hours__range=(1, 336)), name="event_offer_lasts_hours"),
            models.CheckConstraint(condition=Q(offers_end_hours__lte=336), name="event_offers_end_before_start"),
            models.CheckConstraint(condition=~Q(promotion="lottery") | Q(draw_at__isnull=False), name="event_lottery_has_a_day"),
            models.CheckConstraint(condition=Q(draw_at=None) | Q(draw_at__lte=F("starts_at")), name="event_drawn_before_it_starts"),
            models.CheckConstraint(condition=Q(drawn_at=None) | Q(promotion="lottery"), name="event_only_a_lottery_is_drawn"),
            models.CheckConstraint(
                condition=Q(fallback_starts_at=None) | Q(fallback_starts_at__gt=F("starts_at")), name="event_fallback_comes_later"
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False, venue__isnull=False) & ~Q(access_contact=""),
                name="event_published_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False) & ~Q(cancel_reason="")
                | ~Q(status="cancelled") & Q(cancelled_at=None),
                name="event_cancelled_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("event_detail", args=[self.slug])

    @property
    def is_cancelled(self) -> bool:
        return self.status == Event.Status.CANCELLED

    @property
    def is_published(self) -> bool:
        return self.status == Event.Status.PUBLISHED

    @property
    def takes_sign_ups(self) -> bool:
        return self.sign_up == Event.SignUp.OPEN

    @property
    def waits_for_draw(self) -> bool:
        """Whether places are yet to be drawn, so that everybody waits alike."""
        return self.promotion == Event.Promotion.LOTTERY and self.drawn_at is None

    def sign_up_ends_at(self) -> datetime:
        """The last moment of sign-up; a lottery's ends with its draw, and the queue stays open to newcomers afterwards."""
        ends = min(self.closes_at or self.starts_at, self.starts_at)
        return min(ends, self.draw_at) if self.waits_for_draw and self.draw_at else ends

    def offers_end_at(self) -> datetime:
        """From then on nobody is asked in turn: a free place goes to whoever of the queue answers first."""
        return self.starts_at - timedelta(hours=self.offers_end_hours)

    def is_over(self, at: datetime | None = None) -> bool:
        return self.ends_at < (at or timezone.now())

    def accepts_sign_ups(self, at: datetime | None = None) -> bool:
        """Whether a resident may sign up at the moment; full events take people onto the waiting list."""
        now = at or timezone.now()
        opened = self.opens_at is None or self.opens_at <= now
        return self.is_published and self.takes_sign_ups and opened and now < self.sign_up_ends_at()
