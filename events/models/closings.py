from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class EventClosing(Timestamped):
    """What an event was: heads, hours, cost, five sentences and photos, written down once it is over (domain.md 4.3).

    Without ``heads`` those count who are noted as present, and the people counted without a name.
    """

    QUESTIONS = ("what_happened", "who_came", "best", "next_step", "differently")
    # What the public story is told from; the last sentence is the team's own lesson.
    TOLD = QUESTIONS[:4]

    event = models.OneToOneField("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="closing")
    heads = models.PositiveIntegerField(_("people"), null=True, blank=True, validators=[MaxValueValidator(100_000)])
    volunteer_minutes = models.PositiveIntegerField(_("minutes of volunteers"), null=True, blank=True)
    cost_grosze = models.PositiveBigIntegerField(_("cost in grosze"), null=True, blank=True)
    what_happened = models.CharField(_("What did we do?"), max_length=400, blank=True)
    who_came = models.CharField(_("Who came?"), max_length=400, blank=True)
    best = models.CharField(_("What worked best?"), max_length=400, blank=True)
    next_step = models.CharField(_("What comes next?"), max_length=400, blank=True)
    differently = models.CharField(_("What would we do differently?"), max_length=400, blank=True)
    is_story_public = models.BooleanField(_("show the story on the event’s page"), default=False)
    photos = models.ManyToManyField("content.Photo", verbose_name=_("photos"), through="events.ClosingPhoto", related_name="closings")
    news = models.ForeignKey(
        "content.News", verbose_name=_("piece of news"), null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("closed by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("closing of an event")
        verbose_name_plural = _("closings of events")
        constraints = [
            models.CheckConstraint(condition=Q(heads=None) | Q(heads__lte=100_000), name="closing_heads_plausible"),
            models.CheckConstraint(
                condition=Q(volunteer_minutes=None) | Q(volunteer_minutes__lte=6_000_000), name="closing_hours_plausible"
            ),
        ]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def story(self) -> list[str]:
        """The sentences everybody may read, in their order."""
        return [text for name in self.TOLD if (text := getattr(self, name))]


class ClosingPhoto(models.Model):
    """A photo of an event in its place."""

    closing = models.ForeignKey(EventClosing, on_delete=models.CASCADE, related_name="placed_photos")
    photo = models.ForeignKey("content.Photo", on_delete=models.CASCADE, related_name="placed_in_closings")
    position = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["closing", "photo"], name="closing_photo_once")]

    def __str__(self) -> str:
        return str(self.photo)


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def open(self) -> "AgreementQuerySet":
        return self.filter(done_at=None).order_by("follow_up_on", "pk")


class Agreement(Timestamped):
    """What two sides agreed at an event, what is still open, and who follows it up until when (peers.md D4)."""

    WORDS = ("residents_want", "others_want", "agreed", "still_open")

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="agreements")
    residents_want = models.TextField(_("what residents want"), max_length=600, blank=True)
    others_want = models.TextField(_("what the office or organisation wants"), max_length=600, blank=True)
    agreed = models.TextField(_("what was agreed"), max_length=600, blank=True)
    still_open = models.TextField(_("what is still open"), max_length=600, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who of the team follows up"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    owner_name = models.CharField(_("or which office or organisation"), max_length=120, blank=True)
    follow_up_on = models.DateField(_("until when"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("done by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        indexes = [models.Index(fields=["follow_up_on"], name="agreement_open", condition=Q(done_at=None))]
        constraints = [
            models.CheckConstraint(condition=~Q(agreed="") | ~Q(still_open=""), name="agreement_says_something"),
            models.CheckConstraint(
                condition=Q(owner=None) & ~Q(owner_name="") | Q(owner__isnull=False, owner_name=""), name="agreement_has_one_owner"
            ),
            models.UniqueConstraint(fields=["event"], condition=Q(done_at=None), name="agreement_one_open"),
        ]

    def __str__(self) -> str:
        return self.agreed or self.still_open

    @property
    def who(self) -> str:
        return str(self.owner) if self.owner else self.owner_name
