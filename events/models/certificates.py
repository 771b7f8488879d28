from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def live(self) -> "CertificateQuerySet":
        return self.filter(annulled_at=None)


class Certificate(Timestamped):
    """Hours of the learning journey, said on paper: figures as they stood when it was issued, under a number never used again."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="certificates")
    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.PROTECT, related_name="certificates")
    # Numbers of a year follow one another: the pair is what is counted, the text is what is printed.
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    sequence = models.PositiveIntegerField(_("number in the year"), editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="pl")
    minutes = models.PositiveIntegerField(_("minutes"))
    threshold = models.PositiveSmallIntegerField(_("threshold when it was issued (%)"))
    # [{"number": 1, "title": "Ja", "minutes": 120}, …]: nothing about the person.
    modules = models.JSONField(_("modules"), default=list)
    issued_on = models.DateField(_("issued on"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("issued by"), on_delete=models.PROTECT, related_name="+")
    annulled_at = models.DateTimeField(_("annulled"), null=True, blank=True, editable=False)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("annulled by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    annul_reason = models.CharField(_("why annulled"), max_length=300, blank=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-year", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="certificate_one_per_number"),
            models.UniqueConstraint(fields=["person", "project"], condition=Q(annulled_at=None), name="certificate_one_live_per_person"),
            models.CheckConstraint(condition=Q(threshold__range=(1, 100)), name="certificate_threshold_is_percent"),
            models.CheckConstraint(
                condition=Q(annulled_at=None, annulled_by=None, annul_reason="")
                | Q(annulled_at__isnull=False, annulled_by__isnull=False) & ~Q(annul_reason=""),
                name="certificate_annulled_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        return self.annulled_at is None
