from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Whoever joined two people by mistake can part them so long; afterwards the name and contact of the second record are emptied.
UNDO_WITHIN = timedelta(days=30)


class PersonMergeQuerySet(models.QuerySet["PersonMerge"]):
    def standing(self) -> "PersonMergeQuerySet":
        return self.filter(undone_at=None)

    def to_empty(self, at: datetime | None = None) -> "PersonMergeQuerySet":
        """Those that can no longer be undone and whose second record still has a name."""
        return self.standing().filter(emptied_at=None, at__lte=(at or timezone.now()) - UNDO_WITHIN).order_by("at", "pk")


class PersonMerge(models.Model):
    """The journal of one joining: two records of one person became one; ``moved`` says what came over, in ids only.

    ``moved`` is {mover: {label: [ids]}}, as the movers of ``participants.privacy`` gave it; they read it again to undo.
    """

    kept = models.ForeignKey("participants.Person", verbose_name=_("record that stays"), on_delete=models.CASCADE, related_name="joinings")
    gone = models.ForeignKey(
        "participants.Person", verbose_name=_("record joined to it"), on_delete=models.CASCADE, related_name="joined_by"
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    moved = models.JSONField(_("what came over"), default=dict, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("undone by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    emptied_at = models.DateTimeField(_("second record emptied"), null=True, blank=True, editable=False)

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("joining of two records")
        verbose_name_plural = _("joined records")
        indexes = [models.Index(fields=["at"], name="person_merge_to_empty", condition=Q(undone_at=None, emptied_at=None))]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="person_merge_of_two"),
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="person_merge_once"),
            models.CheckConstraint(condition=Q(undone_at=None) | Q(emptied_at=None), name="person_merge_undone_or_emptied"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="person_merge_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone} → {self.kept}"

    def undo_until(self) -> datetime:
        return self.at + UNDO_WITHIN

    def can_be_undone(self, at: datetime | None = None) -> bool:
        return self.undone_at is None and self.emptied_at is None and (at or timezone.now()) < self.undo_until()
