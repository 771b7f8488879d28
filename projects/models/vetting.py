from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class VettingQuerySet(models.QuerySet["Vetting"]):
    def valid(self, on: date | None = None) -> "VettingQuerySet":
        day = on or timezone.localdate()
        return self.filter(checked_on__lte=day, next_due_on__gte=day)


class Vetting(Timestamped):
    """That somebody was looked up in the register before working with children: when, by whom, till when it counts (GDPR-16).

    Act of 13 May 2016 on countering sexual crime and protecting minors, art. 21.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.PROTECT, related_name="vettings")
    checked_on = models.DateField(_("register checked on"))
    next_due_on = models.DateField(_("check again by"))
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("checked by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    reference = models.CharField(
        _("where the printout is kept"), max_length=120, help_text=_("The file’s number; the printout itself stays out of the portal.")
    )

    objects = VettingQuerySet.as_manager()

    class Meta:
        verbose_name = _("check in the register")
        verbose_name_plural = _("checks in the register")
        ordering = ["-checked_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(checked_on__lt=F("next_due_on")), name="vetting_lasts"),
            models.CheckConstraint(condition=~Q(reference=""), name="vetting_names_its_file"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.checked_on:%Y-%m-%d}"
