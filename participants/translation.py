from modeltranslation.translator import TranslationOptions, register

from participants.models import Organisation


@register(Organisation)
class OrganisationTranslation(TranslationOptions):
    fields = ("about",)
