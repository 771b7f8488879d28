"""The modules of the learning journey: the coordinator's desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from projects.admin.programme import SOURCE
from projects.admin_base import RuledTranslationAdmin, languages
from projects.models import Module


@admin.register(Module)
class ModuleAdmin(RuledTranslationAdmin):
    list_display = ["title", "number", "project", "planned_minutes"]
    list_select_related = ["project"]
    ordering = ["project", "number"]
    empty_sentence = _("No modules yet. Add the first one, if the project has a learning journey.")
    fieldsets = [
        (None, {"fields": ["project", "number", "title_pl", "about_pl", "planned_minutes"]}),
        languages("title", "about"),
        SOURCE,
    ]
