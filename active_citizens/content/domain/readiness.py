"""What the texts' floor adds to an edition's checklist: the accessibility declaration and the pages the law asks for."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.content.models import AccessibilityDeclaration
from projects.domain.readiness import check
from projects.models import Project

# Addresses and numbers of the try-out: nobody answers there.
PLACEHOLDERS = ("example.org", "12 000 00 00")


@check("declaration", gettext_lazy("Accessibility declaration"), page="admin:content_accessibilitydeclaration_changelist")
def _declaration(project: Project, on: date) -> str:
    """Act of 4 April 2019 on digital accessibility, art. 10: published with the portal, with a contact that answers (A11Y-01, A11Y-06)."""
    found = AccessibilityDeclaration.objects.order_by("-pk").first()
    if found is None:
        return _("Write the accessibility declaration.")
    if any(text in f"{found.contact_email} {found.contact_phone}" for text in PLACEHOLDERS):
        return _("The declaration still names the example e-mail or phone: write the true ones.")
    return ""
