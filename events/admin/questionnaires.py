"""Questionnaires: the coordinator's desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from modeltranslation.settings import DEFAULT_LANGUAGE

from active_citizens.core.refusal import RuleBroken
from events.domain import questionnaires
from events.models import Question, Questionnaire
from participants.models import User
from projects import rules
from projects.admin_base import Refusable, RuledTranslationAdmin, languages
from projects.models import Project

TEXTS = ("text", "low_label", "high_label", "options")


class StartForm(forms.Form):
    """Which set of questions to begin from, for which project."""

    pattern = forms.ChoiceField(label=gettext_lazy("Pattern"), widget=forms.RadioSelect)
    project = forms.ModelChoiceField(Project.objects.order_by("-starts_on", "pk"), label=gettext_lazy("Project"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pattern"].choices = [(key, told["title"][DEFAULT_LANGUAGE]) for key, told in questionnaires.patterns().items()]
        self.fields["project"].initial = Project.objects.current()


class QuestionInline(admin.StackedInline):
    """Up to ten questions; those of a published version are read only."""

    model = Question
    extra = 1
    fieldsets = [
        (None, {"fields": ["number", "kind", "text_pl", "low_label_pl", "high_label_pl", "options_pl", "pair_code"]}),
        languages(*TEXTS),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return rules.may_write_programme(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return rules.may_write_programme(request.user) and (obj is None or not obj.is_published)

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        original = getattr(db_field, "translated_field", None)
        if field is not None and original is not None:
            name = capfirst(str(original.verbose_name))
            field.label = (
                name if db_field.language == DEFAULT_LANGUAGE else f"{name} – {get_language_info(db_field.language)['name_local']}"
            )
            field.required = db_field.name == f"text_{DEFAULT_LANGUAGE}"
        if db_field.name.startswith("options_"):
            field.widget = forms.Textarea(attrs={"rows": 4})
        return field


@admin.register(Questionnaire)
class QuestionnaireAdmin(RuledTranslationAdmin):
    """Written as a draft, published once, changed by a next version."""

    form = Refusable
    inlines = [QuestionInline]
    list_display = ["title", "version", "purpose", "state", "project"]
    list_select_related = ["project"]
    list_filter = ["purpose", "project"]
    ordering = ["-pk"]
    change_form_template = "admin/questionnaire.html"
    pages = (("start/", "start"), ("<int:pk>/publish/", "publish"), ("<int:pk>/next/", "next_version"))
    change_list_template = "admin/questionnaire_list.html"
    empty_sentence = gettext_lazy("No questionnaires yet. Start from a pattern, or write your own.")
    fieldsets = [(None, {"fields": ["project", "title_pl", "purpose"]}), languages("title")]

    def may_change(self, user: User, obj: Questionnaire | None = None) -> bool:
        return self.may_see(user) and (obj is None or not obj.is_published)

    def may_delete(self, user: User, obj: Questionnaire) -> bool:
        return self.may_change(user, obj)

    def start(self, request: HttpRequest) -> HttpResponse:
        """A draft of one of our own sets of questions."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StartForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            made = questionnaires.start_from(form.cleaned_data["pattern"], form.cleaned_data["project"])
            messages.success(request, _("The draft is here. Change it as you like, then publish it."))
            return redirect(self.address("change", made.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "form": form, "title": _("Start from a pattern"), "button": _("Start"), "original": "",
            "sentence": _("These questions were written for this portal; they are not the British Council’s forms."),
            "back": self.address("changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/step.html", context)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            questionnaires.publish(found)
            return self.address("change", pk), _("Published. It can be used now, and changes only by a next version.")

        sentence = _("Once published the questions stay as they are, so that answers can be compared.")
        return self.confirm(request, found, verb, title=_("Publish the questionnaire"), button=_("Publish"), sentence=sentence)

    def next_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            made = questionnaires.new_version(found)
            return self.address("change", made.pk), _("This is the draft of the next version.")

        sentence = _("A draft with the same questions is made; answers so far stay with this version.")
        return self.confirm(request, found, verb, title=_("Make the next version"), button=_("Make it"), sentence=sentence)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Published by somebody else meanwhile: the database refuses, and the page says it."""
        if change and Questionnaire.objects.filter(pk=form.instance.pk, published_at__isnull=False).exists():
            raise RuleBroken("published", _("Meanwhile it was published. Make the next version."))
        super().save_related(request, form, formsets, change)

    @admin.display(description=gettext_lazy("state"))
    def state(self, questionnaire: Questionnaire) -> str:
        return pgettext("questionnaire", "published") if questionnaire.is_published else _("draft")
