"""Study trips as the coordinator writes of them."""

from django.contrib import admin

from events.models import StudyTrip
from projects.admin.programme import MORE, SOURCE
from projects.admin_base import RuledTranslationAdmin, languages


@admin.register(StudyTrip)
class StudyTripAdmin(RuledTranslationAdmin):
    list_display = ["title", "destination", "date_note", "is_published"]
    fieldsets = [
        (
            None,
            {"fields": ["project", "title_pl", "slug", "destination_pl", "summary_pl", "starts_on", "ends_on", "places", "is_published"]},
        ),
        (MORE, {"classes": ["collapse"], "fields": ["host_pl", "date_note_pl", "known_pl", "unknown_pl"]}),
        languages("title", "destination", "host", "summary", "known", "unknown", "date_note"),
        SOURCE,
    ]
