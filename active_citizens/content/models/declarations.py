from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class AccessibilityDeclaration(Timestamped):
    """The declaration as data, in the structure of the technical conditions 2.0 (poland.md 1.2); one row, one portal."""

    class Conformance(models.TextChoices):
        FULL = "full", _("fully conformant")
        PARTIAL = "partial", _("partially conformant")
        NONE = "none", _("non-conformant")

    body_name = models.CharField(_("public body"), max_length=200)
    site_name = models.CharField(_("name of the site"), max_length=200)
    site_published_on = models.DateField(_("site published on"))
    site_changed_on = models.DateField(_("last significant change on"))
    drawn_up_on = models.DateField(_("declaration drawn up on"))
    reviewed_on = models.DateField(_("last reviewed on"), null=True, blank=True)
    method = models.TextField(_("how it was assessed"))
    conformance = models.CharField(_("conformance"), max_length=8, choices=Conformance, default=Conformance.PARTIAL)
    gaps = models.TextField(_("what is not accessible and why"), blank=True, help_text=_("Markdown."))
    burden = models.TextField(_("disproportionate burden"), blank=True, help_text=_("Markdown."))
    conveniences = models.TextField(_("conveniences and limits"), blank=True, help_text=_("Markdown."))
    contact_name = models.CharField(_("contact person or unit"), max_length=200)
    contact_email = models.EmailField(_("e-mail"))
    contact_phone = models.CharField(_("phone"), max_length=40)
    architecture = models.TextField(_("accessibility of the building"), help_text=_("Markdown."))
    communication = models.TextField(_("accessibility of communication"), help_text=_("Markdown."))

    class Meta:
        verbose_name = _("accessibility declaration")
        verbose_name_plural = _("accessibility declaration")
        constraints = [
            models.CheckConstraint(condition=Q(site_published_on__lte=F("site_changed_on")), name="declaration_published_before_changed"),
            models.CheckConstraint(condition=Q(conformance="full") | ~Q(gaps=""), name="declaration_names_gaps"),
            models.CheckConstraint(
                condition=Q(reviewed_on=None) | Q(reviewed_on__gte=F("drawn_up_on")), name="declaration_reviewed_after_drawn_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_name} ({self.get_conformance_display()})"
