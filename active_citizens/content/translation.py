from modeltranslation.translator import TranslationOptions, register

from active_citizens.content.models import AccessibilityDeclaration, Page


@register(Page)
class PageTranslation(TranslationOptions):
    fields = ("title", "lead", "body")


@register(AccessibilityDeclaration)
class AccessibilityDeclarationTranslation(TranslationOptions):
    fields = (
        "body_name", "site_name", "method", "gaps", "burden", "conveniences", "contact_name", "architecture", "communication",
    )  # fmt: skip
