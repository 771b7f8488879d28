from active_citizens.content.models.declarations import AccessibilityDeclaration
from active_citizens.content.models.pages import Page, Revision

__all__ = ["AccessibilityDeclaration", "Page", "Revision"]
