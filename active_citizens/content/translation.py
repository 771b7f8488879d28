from modeltranslation.translator import TranslationOptions, register

from active_citizens.content.models import AccessibilityDeclaration, News, Page, Photo


@register(Page)
class PageTranslation(TranslationOptions):
    fields = ("title", "lead", "body")


@register(AccessibilityDeclaration)
class AccessibilityDeclarationTranslation(TranslationOptions):
    fields = (
        "body_name", "site_name", "method", "gaps", "burden", "conveniences", "contact_name", "architecture", "communication",
    )  # fmt: skip


@register(News)
class NewsTranslation(TranslationOptions):
    fields = ("title", "lead", "body")


@register(Photo)
class PhotoTranslation(TranslationOptions):
    fields = ("alt", "caption")
