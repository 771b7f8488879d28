from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from active_citizens.core.text import PolishOrderField
from participants.models import AgeBand


class SeatQuerySet(models.QuerySet["Seat"]):
    def taking(self, at: datetime | None = None) -> "SeatQuerySet":
        """Those that use up capacity: confirmed, and held while the hold lasts; extra ones are counted apart."""
        held = Q(status=Seat.Status.HELD, held_until__gt=at or timezone.now())
        return self.filter(Q(status=Seat.Status.CONFIRMED) | held, extra=False)

    def waiting(self) -> "SeatQuerySet":
        return self.filter(status=Seat.Status.WAITING)

    def expired(self, at: datetime | None = None) -> "SeatQuerySet":
        return self.filter(status=Seat.Status.HELD, held_until__lte=at or timezone.now())

    def live(self) -> "SeatQuerySet":
        return self.filter(status__in=Seat.LIVE)


class Seat(Timestamped):
    """One head at one event: every place given or waited for is a row, even for a single person."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting list")
        HELD = "held", _("held")
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")
        LAPSED = "lapsed", _("lapsed")

    class HeldFor(models.TextChoices):
        VERIFICATION = "verification", _("confirmation of the contact")
        OFFER = "offer", _("answer to an offer")
        GUARDIAN = "guardian", _("agreement of a guardian")

    class Attendance(models.TextChoices):
        UNKNOWN = "", _("not noted")
        CAME = "came", _("came")
        EXCUSED = "excused", _("excused")
        ABSENT = "absent", _("did not come")

    LIVE = (Status.WAITING, Status.HELD, Status.CONFIRMED)

    registration = models.ForeignKey("events.Registration", verbose_name=_("sign-up"), on_delete=models.CASCADE, related_name="seats")
    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField(_("number in the party"), default=1)
    group = models.PositiveSmallIntegerField(
        _("group"), default=1, help_text=_("Those added later wait as a group of their own, behind everybody who came before.")
    )
    name = models.CharField(_("first and last name"), max_length=150)
    name_order = PolishOrderField("name")
    age_band = models.CharField(_("age"), max_length=10, choices=AgeBand, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.WAITING, editable=False)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True, editable=False)
    held_for = models.CharField(_("held for"), max_length=14, choices=HeldFor, blank=True, editable=False)
    # The one-time key of the form that added the group, on its first seat.
    key = models.UUIDField(null=True, blank=True, editable=False)
    extra = models.BooleanField(_("beyond the number of places"), default=False, editable=False)
    attendance = models.CharField(_("attendance"), max_length=8, choices=Attendance, blank=True)
    # When somebody ticked it, by the clock of the phone at the door; a later tick wins over an earlier one.
    attendance_at = models.DateTimeField(_("attendance noted"), null=True, blank=True, editable=False)
    attendance_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("noted by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    attendance_from_paper = models.BooleanField(_("typed in from the paper list"), default=False, editable=False)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        indexes = [
            models.Index(fields=["event", "status"], name="seat_live", condition=Q(status__in=["waiting", "held", "confirmed"])),
            models.Index(fields=["held_until"], name="seat_held", condition=Q(status="held")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="seat_one_per_number"),
            models.CheckConstraint(
                condition=Q(status="held", held_until__isnull=False) & ~Q(held_for="")
                | ~Q(status="held") & Q(held_until=None, held_for=""),
                name="seat_held_has_deadline",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="seat_has_name"),
            models.UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="seat_one_group_per_form"),
            models.CheckConstraint(condition=Q(group__range=(1, 99)), name="seat_group_fits"),
            models.CheckConstraint(condition=Q(extra=False) | Q(status__in=["confirmed", "cancelled"]), name="seat_extra_is_certain"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_status_display()})"

    @property
    def is_live(self) -> bool:
        return self.status in Seat.LIVE


class SeatMove(models.Model):
    """Why a seat is where it is: from what, to what, when, by whom; a trigger refuses changes."""

    class Why(models.TextChoices):
        SIGNED_UP = "signed_up", _("signed up")
        FULL = "full", _("no free place: waiting list")
        VERIFIED = "verified", _("contact confirmed")
        HOLD_ENDED = "hold_ended", _("not confirmed in time")
        NEXT_IN_ORDER = "next_in_order", _("a place came free, next in order")
        PASSED_OVER = "passed_over", _("passed over: the party is larger than the free places")
        OWN_WISH = "own_wish", _("cancelled by the person")
        BY_STAFF = "by_staff", _("cancelled by the team")
        EVENT_CANCELLED = "event_cancelled", _("the event was cancelled")
        LATE_CLICK = "late_click", _("confirmed late: back in the old position")
        OFFERED = "offered", _("a place came free and was offered, next in order")
        CALLED = "called", _("called for the first time: the time to answer runs")
        ACCEPTED = "accepted", _("the offer was accepted")
        DECLINED = "declined", _("the offered place was declined")
        OFFER_ENDED = "offer_ended", _("no answer to the offer in time")
        ANY_OF_QUEUE = "any_of_queue", _("a place is free: whoever of the queue answers first gets it")
        FIRST_TO_ANSWER = "first_answer", _("answered first for a place that came free late")
        IN_DRAW = "in_draw", _("signed up for the draw")
        DRAWN = "drawn", _("drawn")
        ADDED = "added", _("added to the party")
        GUARDIAN_AGREED = "guardian_agreed", _("the guardian agreed")
        GUARDIAN_REFUSED = "no_agreement", _("the guardian did not agree")
        NO_GUARDIAN = "no_guardian", _("the guardian did not answer in time")
        OVER_CAPACITY = "over_capacity", _("taken on beyond the number of places")
        EVENT_MOVED = "event_moved", _("the event was moved: the time to answer changed")
        NOT_REACHED = "not_reached", _("not reached in two calls")
        WALKED_IN = "walked_in", _("came without signing up")
        JOINED = "joined", _("two records of one person were joined")

    seat = models.ForeignKey(Seat, verbose_name=_("place"), on_delete=models.CASCADE, related_name="moves")
    before = models.CharField(_("from"), max_length=10, choices=Seat.Status, blank=True)
    after = models.CharField(_("to"), max_length=10, choices=Seat.Status)
    why = models.CharField(_("why"), max_length=16, choices=Why)
    note = models.CharField(_("reason in words"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("move of a place")
        verbose_name_plural = _("moves of places")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after}: {self.get_why_display()}"
