from modeltranslation.translator import TranslationOptions, register

from events.models import Event, Question, Questionnaire, Series, StudyTrip


@register(Event)
class EventTranslation(TranslationOptions):
    fields = ("title", "summary", "description", "access_note")


@register(Series)
class SeriesTranslation(TranslationOptions):
    fields = ("title",)


@register(StudyTrip)
class StudyTripTranslation(TranslationOptions):
    fields = ("title", "destination", "host", "summary", "known", "unknown", "date_note")


@register(Questionnaire)
class QuestionnaireTranslation(TranslationOptions):
    fields = ("title",)


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("text", "low_label", "high_label", "options")
