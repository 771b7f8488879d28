from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class TakeDownQuerySet(models.QuerySet["TakeDown"]):
    def of(self, row: models.Model) -> "TakeDownQuerySet":
        return self.filter(label=row._meta.label_lower, object_id=row.pk)

    def newest_first(self) -> "TakeDownQuerySet":
        return self.order_by("-pk")

    def newest_acts(self) -> "TakeDownQuerySet":
        """The last act on each thing: how it stands now."""
        later = TakeDown.objects.filter(label=OuterRef("label"), object_id=OuterRef("object_id"), number__gt=OuterRef("number"))
        return self.filter(~models.Exists(later))

    def standing(self) -> "TakeDownQuerySet":
        """What is down now: taken down, and not restored since."""
        return self.newest_acts().filter(act=TakeDown.Act.DOWN)


class TakeDown(models.Model):
    """One act of an emergency: something public taken down, or restored; a trigger refuses changes.

    What it is stands as label and number, not as its title, which may be the very thing that had to go. The acts on one
    thing are numbered: the odd ones take down, the even ones restore.
    """

    class Act(models.TextChoices):
        DOWN = "down", _("taken down")
        RESTORED = "restored", _("restored")

    class Why(models.TextChoices):
        PERSONAL_DATA = "personal_data", _("personal data")
        OFFENDS = "offends", _("offends or threatens somebody")
        COPYRIGHT = "copyright", _("somebody else’s work")
        FALSE = "false", _("false and harmful")
        OTHER = "other", _("something else")

    label = models.CharField(_("kind"), max_length=60)
    object_id = models.BigIntegerField(_("number"))
    number = models.PositiveIntegerField(_("which act on it"))
    act = models.CharField(_("what was done"), max_length=8, choices=Act)
    why = models.CharField(_("why"), max_length=13, choices=Why, blank=True)
    sentence = models.CharField(_("reason"), max_length=400)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))

    objects = TakeDownQuerySet.as_manager()

    class Meta:
        verbose_name = _("take-down")
        verbose_name_plural = _("take-downs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["label", "object_id", "number"], name="takedown_acts_in_order"),
            models.CheckConstraint(
                condition=Q(Exact(Mod(F("number"), 2), 1), act="down") & ~Q(why="")
                | Q(Exact(Mod(F("number"), 2), 0), act="restored", why=""),
                name="takedown_down_then_restored",
            ),
            models.CheckConstraint(condition=~Q(sentence=""), name="takedown_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.get_act_display()}"

    @property
    def kind(self) -> str:
        """What kind of thing it is, in words."""
        try:
            return str(apps.get_model(self.label)._meta.verbose_name)
        except LookupError:
            return self.label


def number_of_acts() -> int:
    """Grows with every commit that takes something down or restores it: what the page cache goes by.

    Rows are counted, for the newest number says nothing of an older one whose transaction is still open.
    """
    return TakeDown.objects.count()
