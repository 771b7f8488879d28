from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from active_citizens.content.models.photos import Photo
from active_citizens.core.models import CanBeTakenDown, Timestamped


class DiaryEntryQuerySet(models.QuerySet["DiaryEntry"]):
    def shown(self) -> "DiaryEntryQuerySet":
        """What anybody may read: looked at by the team, and neither hidden nor taken down."""
        return self.filter(shown_at__isnull=False, hidden_at=None, taken_down_at=None)

    def waiting(self) -> "DiaryEntryQuerySet":
        """What the authors wrote and the team has not looked at yet."""
        return self.filter(shown_at=None, hidden_at=None)


class DiaryEntry(Timestamped, CanBeTakenDown):
    """One day of an initiative that runs, in words and photos; what its authors write is public once the team has looked at it."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="diary")
    on = models.DateField(_("day"))
    text = models.TextField(_("What happened?"), max_length=3000, help_text=_("No names without consent."))
    lang = models.CharField(_("language of the text"), max_length=5, choices=settings.LANGUAGES, default="pl")
    photos = models.ManyToManyField(Photo, verbose_name=_("photos"), related_name="diary_entries", blank=True)
    # Of the team; nobody for what the authors wrote by their key.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    shown_at = models.DateTimeField(_("shown since"), null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True, editable=False)
    # The key of the form it came from: sent twice, it is the same entry.
    entry_key = models.UUIDField(_("key of the form"), null=True, blank=True, unique=True, editable=False)

    objects = DiaryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a diary")
        verbose_name_plural = _("diaries of initiatives")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["created_at"], name="diary_waiting", condition=Q(shown_at=None, hidden_at=None))]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="diary_entry_says_something")]

    def __str__(self) -> str:
        return f"{self.initiative}, {date_format(self.on)}"
