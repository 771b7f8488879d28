"""Surveys in the panel: opened from an event, told, typed in from paper, read together."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core.forms import MomentField
from active_citizens.core.refusal import RuleBroken
from events.admin.exports import ExportForm, file_of
from events.domain import answers, surveys
from events.forms.surveys import PaperForm
from events.models import Event, Moment, Questionnaire, Survey
from events.rules import manageable_surveys
from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin


class OpenForm(forms.Form):
    """Which questionnaire, on which days."""

    questionnaire = forms.ModelChoiceField(Questionnaire.objects.none(), label=gettext_lazy("Questionnaire"))
    opens_at = MomentField(
        label=gettext_lazy("Answers from"), required=False, help_text=gettext_lazy("Empty: as the dates of the event or series say.")
    )
    closes_at = MomentField(label=gettext_lazy("Answers until"), required=False)
    pairing = forms.BooleanField(
        label=gettext_lazy("Pair answers before and after (only for a series)"), required=False,
        help_text=gettext_lazy("People give two things only they know; we keep a sign that nobody can read."),
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Questionnaire.objects.published().filter(project=event.project_id)
        if event.series_id is None:
            offered = offered.filter(purpose=Moment.EVENT)
            del self.fields["pairing"]
        field = self.fields["questionnaire"]
        field.queryset = offered.order_by("purpose", "-pk")
        field.label_from_instance = lambda row: f"{row}, {row.get_purpose_display()}"


class DaysForm(forms.Form):
    opens_at = MomentField(label=gettext_lazy("Answers from"))
    closes_at = MomentField(label=gettext_lazy("Answers until"))


class SurveyPages(RuledAdmin):
    """The page of EventAdmin with the surveys of an event and of its series."""

    own_pages = (("surveys", "surveys"),)

    def surveys(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is asked about the event, and a form to ask."""
        event = self.one(request, pk)
        form = OpenForm(request.POST or None, event=event)
        if request.method == "POST" and form.is_valid():
            typed = {"pairing": False, **form.cleaned_data}
            questionnaire = typed.pop("questionnaire")
            subject = event if questionnaire.purpose == Moment.EVENT else event.series
            try:
                made = surveys.open_survey(questionnaire, subject, **typed)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                self.log_change(request, event, str(Survey._meta.verbose_name))
                messages.success(request, _("The survey is ready. Give people its address, or send it to them."))
                return redirect("admin:events_survey_change", made.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "form": form, "title": _("Surveys"), "surveys": surveys.surveys_about(event),
            "offered": form.fields["questionnaire"].queryset.exists(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/event_surveys.html", context)


@admin.register(Survey)
class SurveyAdmin(RuledAdmin):
    """A survey is opened from its event; here one tells people, types papers in and reads what came."""

    list_display = ["about", "moment", "opens_at", "closes_at", "sheets_so_far"]
    list_select_related = ["event", "series"]
    list_filter = ["moment"]
    fields = ["about", "asked_with", "moment", "opens_at", "closes_at", "pairing"]
    readonly_fields = ["about", "asked_with"]
    change_form_template = "admin/survey.html"
    pages = (
        ("<int:pk>/results/", "results"),
        ("<int:pk>/enter/", "enter"),
        ("<int:pk>/paper/", "paper"),
        ("<int:pk>/send/", "send"),
        ("<int:pk>/days/", "days"),
        ("<int:pk>/export/", "export"),
    )
    empty_sentence = gettext_lazy("No surveys yet. Open one from the page of an event.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: Survey | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Survey]:
        return manageable_surveys(user).select_related("event", "series", "questionnaire").annotate(count=Count("sheets", distinct=True))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-opens_at", "-pk"]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        survey = context["original"]
        context |= {
            "title": capfirst(str(self.opts.verbose_name)),
            "public_address": settings.SITE_URL + survey.get_absolute_url(),
            "is_closed": survey.closes_at <= timezone.now(),
            "uninvited": len(surveys.uninvited(survey)),
            "is_before": survey.moment == Moment.BEFORE,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Reading ----------------------------------------------------------------------------------------------------

    def results(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Figures of everybody together; a few sheets tell only their number."""
        survey = self.one(request, pk, to_change=False)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "survey": survey, "title": _("What people answered"), "results": answers.results(survey),
            "comparison": answers.comparison(survey), "fewest": answers.FEWEST, "export_form": ExportForm(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/survey_results.html", context)

    def export(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The answers as a file: shuffled, without days and signs, and not of a few."""
        survey = self.one(request, pk, to_change=False)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ExportForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Write what the file is for, and choose its kind."))
            return redirect(self.address("results", pk))
        if not answers.results(survey).is_told:
            raise RuleBroken("too_few", _("There are too few sheets to show any of them."))
        return file_of(answers.answers_table(survey), form, "ankieta", actor=request.user, ids=[], detail={"survey": pk})

    # --- Papers -----------------------------------------------------------------------------------------------------

    def enter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One paper after another: saved, counted, and the next empty form."""
        survey = self.one(request, pk, to_change=False)
        form = PaperForm(
            request.POST or None, questions=surveys.questions_of(survey), pairing=survey.pairing, initial={"key": uuid.uuid4()}
        )
        form.order_fields(["key", *(name for name in form.fields if name not in ("key", "language")), "language"])
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            try:
                surveys.fill(
                    survey, form.answers(), key=typed["key"], language=typed["language"], pair=form.pair(), entered_by=request.user
                )
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                messages.success(request, _("Saved. Here is the next one."))
                return redirect(self.address("enter", pk))
        first = next(iter(form.visible_fields()))
        first.field.widget.attrs["autofocus"] = True
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "survey": survey, "form": form, "title": _("Type in from paper"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/survey_enter.html", context)

    def paper(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The questions on a sheet to print."""
        survey = self.one(request, pk, to_change=False)
        context = {"survey": survey, "questions": surveys.questions_of(survey), "back": self.address("change", pk)}
        return TemplateResponse(request, "admin/survey_paper.html", context)

    # --- Verbs ------------------------------------------------------------------------------------------------------

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One mail to everybody concerned who has not had it; after an event the worker does it the next day by itself."""
        survey = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            count = surveys.invite(survey)
            said = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", count) % {"count": count}
            return self.address("change", pk), said

        count = len(surveys.uninvited(survey))
        sentence = ngettext("It goes to %(count)s address.", "It goes to %(count)s addresses.", count) % {"count": count}
        return self.confirm(request, survey, verb, title=_("Send the survey"), button=_("Send"), sentence=sentence)

    def days(self, request: HttpRequest, pk: int) -> HttpResponse:
        survey = self.one(request, pk, to_change=False)
        initial = {name: timezone.localtime(getattr(survey, name)) for name in ("opens_at", "closes_at")}

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            surveys.change_days(survey, **typed)
            return self.address("change", pk), _("The days are changed.")

        form = DaysForm(request.POST or None, initial=initial)
        return self.step(request, survey, form, verb, title=_("Change the days"), button=_("Save"))

    @admin.display(description=gettext_lazy("what is asked about"))
    def about(self, survey: Survey) -> str:
        return survey.about

    @admin.display(description=gettext_lazy("questionnaire"))
    def asked_with(self, survey: Survey) -> str:
        return str(survey.questionnaire)

    @admin.display(description=gettext_lazy("sheets"))
    def sheets_so_far(self, survey: Any) -> int:
        return survey.count
