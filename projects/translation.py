from modeltranslation.translator import TranslationOptions, register

from projects.models import GrantCall, HistoryItem, Module, Neighbourhood, Project, Stage, Venue


@register(Project)
class ProjectTranslation(TranslationOptions):
    fields = ("title", "summary", "description", "period_note", "funder", "controller", "protection_officer", "phone_hours")


@register(Stage)
class StageTranslation(TranslationOptions):
    fields = ("title", "summary", "description", "date_note", "source_note")


@register(HistoryItem)
class HistoryItemTranslation(TranslationOptions):
    fields = ("title", "date_text", "place", "organiser", "note")


@register(Neighbourhood)
class NeighbourhoodTranslation(TranslationOptions):
    fields = ("district", "summary", "description", "streets_note", "boundary_source")


@register(Venue)
class VenueTranslation(TranslationOptions):
    fields = ("directions", "access_note")


@register(Module)
class ModuleTranslation(TranslationOptions):
    fields = ("title", "about")


@register(GrantCall)
class GrantCallTranslation(TranslationOptions):
    fields = ("title", "summary", "rules")
