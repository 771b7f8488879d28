import secrets
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped

if TYPE_CHECKING:
    from events.models.seats import Seat

# Read aloud over the phone without a doubt: no 0/O, 1/I/L, 5/S, 2/Z, 8/B.
CODE_LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _position in range(8))


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def live(self) -> "RegistrationQuerySet":
        return self.filter(closed_at=None)

    def with_places(self) -> "RegistrationQuerySet":
        return self.select_related("event__venue", "event__project", "person", "guardian").prefetch_related("seats")

    def standing_for(self, pk: int) -> "Registration | None":
        """The sign-up of that number, or the one it was joined to when two records of one person became one."""
        found = self.filter(pk=pk).first()
        while found is not None and found.joined_to_id is not None:
            found = self.filter(pk=found.joined_to_id).first()
        return found


class Registration(Timestamped):
    """The envelope of a sign-up: who to reach, how it came in, which notice was shown; its seats hold the places.

    Its number is given under the event's lock, so the order of numbers is the order of the queue, whatever the clocks
    of several machines say.
    """

    class Channel(models.TextChoices):
        WEB = "web", _("on-line")
        PHONE = "phone", _("by phone")
        PAPER = "paper", _("on paper")
        COUNTER = "counter", _("in person")
        WALK_IN = "walk_in", _("came without signing up")

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.PROTECT, related_name="registrations")
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("contact person"), on_delete=models.PROTECT, related_name="registrations"
    )
    contact = models.CharField(_("contact"), max_length=254, editable=False)
    # Whose of a shared contact, folded: the team may sign up both of a couple under one e-mail or phone. Empty: the first.
    sharer = models.CharField(_("whose of a shared contact"), max_length=150, blank=True, editable=False)
    channel = models.CharField(_("came in"), max_length=8, choices=Channel, default=Channel.WEB)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    key = models.UUIDField(_("one-time key of the form"), default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=8, default=new_code, unique=True, editable=False)
    notice = models.ForeignKey(
        "participants.Notice", verbose_name=_("notice shown"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    notice_read_at = models.DateTimeField(_("notice read aloud"), null=True, blank=True, editable=False)
    guardian = models.ForeignKey(
        "participants.Person", verbose_name=_("guardian"), null=True, blank=True, on_delete=models.PROTECT, related_name="guarded"
    )
    guardian_confirmed_at = models.DateTimeField(_("guardian agreed"), null=True, blank=True, editable=False)
    draw_rank = models.PositiveIntegerField(_("place in the draw"), null=True, blank=True, editable=False)
    series_key = models.UUIDField(_("signed up for the whole series"), null=True, blank=True, editable=False)
    reminded_for = models.DateTimeField(_("reminded of the date"), null=True, blank=True, editable=False)
    all_or_none = models.BooleanField(_("all together or none"), default=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    # Two records of one person were joined: the older sign-up for the event holds the places of both.
    joined_to = models.ForeignKey(
        "self", verbose_name=_("joined to"), null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="joined"
    )

    objects = RegistrationQuerySet.as_manager()

    # The seats just made by ``places.register``; not stored.
    given: "list[Seat]"

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        indexes = [
            models.Index(fields=["contact", "created_at"], name="registration_contact"),
            models.Index(fields=["series_key"], name="registration_series", condition=Q(series_key__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "contact", "sharer"], condition=Q(closed_at=None), name="registration_one_live_per_contact"
            ),
            models.CheckConstraint(condition=~Q(contact=""), name="registration_has_contact"),
            models.CheckConstraint(
                condition=Q(guardian_confirmed_at=None) | Q(guardian__isnull=False), name="registration_guardian_agrees_once_named"
            ),
            models.CheckConstraint(condition=Q(joined_to=None) | Q(closed_at__isnull=False), name="registration_joined_is_closed"),
            models.UniqueConstraint(fields=["event", "draw_rank"], name="registration_one_per_draw_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.event}"

    @property
    def awaits_guardian(self) -> bool:
        """Whether a 16- or 17-year-old signed up alone and a guardian has yet to agree (GDPR-07)."""
        return self.guardian_id is not None and self.guardian_confirmed_at is None

    @property
    def code_shown(self) -> str:
        """The code in two groups, as it is read aloud."""
        return f"{self.code[:4]} {self.code[4:]}"
