from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class InitiativeAgreement(Timestamped):
    """Who signs and pays for the group, and what was agreed: an informal group has a patron organisation or an adult who answers."""

    class Signer(models.TextChoices):
        ORGANISATION = "organisation", _("a patron organisation")
        ADULT = "adult", _("an adult on behalf of the group")

    initiative = models.OneToOneField(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="agreement"
    )
    signer = models.CharField(_("who signs"), max_length=14, choices=Signer)
    organisation = models.ForeignKey(
        "participants.Organisation", verbose_name=_("patron organisation"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="agreements",
    )  # fmt: skip
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("adult who signs"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="agreements",
    )  # fmt: skip
    payer_note = models.CharField(_("who pays, and how"), max_length=300, blank=True)
    number = models.CharField(_("number of the agreement"), max_length=80, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    grosze = models.PositiveIntegerField(_("money (grosze)"), null=True, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements with groups")
        constraints = [
            models.CheckConstraint(
                condition=Q(signer="organisation", organisation__isnull=False, person=None)
                | Q(signer="adult", person__isnull=False, organisation=None),
                name="agreement_has_one_signer",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")), name="agreement_starts_before_end"
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.initiative)

    @property
    def is_complete(self) -> bool:
        """Whether everything an agreement must say stands in it: number, day, money, from–to."""
        return bool(self.number and self.signed_on and self.grosze is not None and self.starts_on and self.ends_on)


class Ground(Timestamped):
    """Whose ground the initiative stands on, and whether its manager agreed."""

    class Manager(models.TextChoices):
        CO_OPERATIVE = "co_operative", _("housing co-operative")
        CITY = "city", _("unit of the city")
        SCHOOL = "school", _("school")
        OTHER = "other", _("somebody else")

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="grounds")
    place = models.CharField(_("which ground or room"), max_length=200)
    manager = models.CharField(_("whose it is"), max_length=14, choices=Manager)
    manager_name = models.CharField(_("name of the manager"), max_length=200, help_text=_("An office or a body, not a private person."))
    consented_on = models.DateField(_("agreed on"), null=True, blank=True)
    reference = models.CharField(_("where the consent is"), max_length=120, blank=True, help_text=_("Number or sign of the letter."))

    class Meta:
        verbose_name = _("ground and consent")
        verbose_name_plural = _("grounds and consents")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(consented_on=None) | ~Q(reference=""), name="ground_consent_has_reference")]

    def __str__(self) -> str:
        return self.place


class Filing(Timestamped):
    """The course of a statutory local initiative outside the portal: filed on paper, decided by the office, settled in the same year.

    Source: art. 19b–19h of the act of 24 April 2003; Kraków assesses, carries out and settles within one calendar year (domain.md 6.2).
    """

    initiative = models.OneToOneField("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="filing")
    filed_on = models.DateField(_("filed on"), null=True, blank=True)
    filed_mark = models.CharField(_("sign given by the office"), max_length=80, blank=True)
    decided_on = models.DateField(_("outcome of"), null=True, blank=True)
    outcome = models.TextField(_("outcome, as the office wrote it"), blank=True)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)

    class Meta:
        verbose_name = _("filing of a statutory initiative")
        verbose_name_plural = _("filings of statutory initiatives")
        constraints = [
            models.CheckConstraint(
                condition=Q(filed_on=None, filed_mark="") | Q(filed_on__isnull=False) & ~Q(filed_mark=""), name="filing_has_day_and_mark"
            ),
            models.CheckConstraint(
                condition=Q(decided_on=None, outcome="")
                | Q(filed_on__isnull=False, decided_on__isnull=False, decided_on__gte=F("filed_on")) & ~Q(outcome=""),
                name="filing_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None)
                | Q(decided_on__isnull=False, settled_on__gte=F("decided_on"))
                & Q(Exact(ExtractYear("settled_on"), ExtractYear("filed_on"))),
                name="filing_settled_in_its_year",
            ),
        ]

    def __str__(self) -> str:
        return self.filed_mark or str(self.initiative)
