from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class Training(Timestamped):
    """A training of facilitators: who trained whom, when, for how long (domain.md 4.2)."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="trainings")
    title = models.CharField(_("title"), max_length=160)
    held_on = models.DateField(_("first day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), help_text=_("60 minutes to the hour, all days together."))
    trained_by = models.CharField(_("who trained, in words"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        "participants.Organisation", verbose_name=_("organisation that trained"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="trainings",
    )  # fmt: skip
    place = models.CharField(_("place"), max_length=200, blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = _("training of facilitators")
        verbose_name_plural = _("trainings of facilitators")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1), name="training_takes_time"),
            models.CheckConstraint(condition=~Q(trained_by="") | Q(organisation__isnull=False), name="training_says_who_trained"),
        ]

    def __str__(self) -> str:
        return self.title


class TrainingPerson(models.Model):
    """Somebody who was trained: one of the team by account, a guest by name."""

    training = models.ForeignKey(Training, verbose_name=_("training"), on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="trainings"
    )
    name = models.CharField(_("name, without an account"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("who was trained")
        verbose_name_plural = _("who was trained")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) ^ ~Q(name=""), name="training_person_is_account_or_name"),
            models.UniqueConstraint(fields=["training", "user"], name="training_person_once"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.user)
