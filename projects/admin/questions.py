"""Pytania: what residents asked about initiatives of one's neighbourhoods; look, then show, hide with a reason or answer, on one page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import dialogue
from projects.domain.cautions import private_in
from projects.domain.subscriptions import is_number
from projects.forms.questions import SaidField
from projects.models import Answer, Assignment, Question

KINDS = {"waiting": "warning", "shown": "success", "hidden": "plain"}


class HideForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is hidden"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Whoever wrote it will read the reason, and may reply once."),
    )  # fmt: skip


class TeamAnswerForm(forms.Form):
    text = SaidField(
        label=gettext_lazy("Answer"), required=False,
        help_text=gettext_lazy("Everybody reads it at once, as the words of the team or of the office, without your name."),
    )  # fmt: skip


@dataclass
class Looked:
    """Something said, as the moderator looks at it: what to mind in it, and the form that hides it."""

    said: Question | Answer
    target: str
    hide: HideForm
    takedown: Mapping[str, Any] | None = None

    @property
    def private(self) -> str:
        return ", ".join(private_in(self.said.text))

    @property
    def has_links(self) -> bool:
        return self.said.held_why == "links"


class LookFilter(admin.SimpleListFilter):
    """The list is what waits to be looked at; everything shows when asked for."""

    title = gettext_lazy("state")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("to look at")), ("unanswered", _("shown, without an answer")), ("hidden", _("hidden"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "waiting":
            return queryset.to_look_at()
        if self.value() == "unanswered":
            answered = Answer.objects.shown().exclude(by=Answer.By.ASKER)
            return queryset.shown().exclude(pk__in=answered.values("question"))
        return queryset.filter(status=Question.Status.HIDDEN) if self.value() == "hidden" else queryset


@admin.register(Question)
class QuestionAdmin(RuledAdmin):
    """Texts of residents: looking is logged, and the history keeps numbers only. Who asked stands nowhere."""

    holds_people = True
    list_display = ["text_shown", "initiative", "state_shown", "created_at"]
    list_filter = [LookFilter]
    list_select_related = ["initiative"]
    search_fields = ["text", "initiative__title"]
    empty_sentence = gettext_lazy("No questions here.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: Question | None = None) -> bool:
        return rules.is_staff(user) and (obj is None or rules.may_moderate(user, obj))

    def scope(self, user: User) -> QuerySet[Question]:
        return rules.manageable_questions(user).waits_first().select_related("initiative__project", "person")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-waits", "created_at", "pk"]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """One page: GET shows what was said and what to mind in it, POST does one thing; what is refused stays typed."""
        if not is_number(object_id):
            raise Http404
        question = self.one(request, int(object_id))
        answers = list(question.answers.select_related("decided_by"))
        act, target = request.POST.get("act", ""), request.POST.get("said", "")
        rows = [_looked(question, "question", request, target)]
        rows += [_looked(each, str(each.pk), request, target) for each in answers]
        form, refusal = TeamAnswerForm(request.POST if act == "answer" else None), ""
        if request.method == "POST":
            try:
                said = self._act(request, question, act, form, next((row for row in rows if row.target == target), rows[0]))
            except RuleBroken as broken:
                refusal = str(broken)
            else:
                if said:
                    self.log_change(request, question, act)
                    messages.success(request, said)
                    return redirect(self.address("change", question.pk))
        self.note_reading(request, [question.pk])
        for row in rows:
            row.takedown = self.takedown_of(request, row.said)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": question, "title": _("Question about an initiative"),
            "rows": rows, "form": form, "refusal": refusal, "may_answer": not (question.is_hidden or question.taken_down_at),
        }  # fmt: skip
        return TemplateResponse(request, "admin/question.html", context, status=409 if refusal else 200)

    def _act(self, request: HttpRequest, question: Question, act: str, form: TeamAnswerForm, row: Looked) -> str:
        """Do what the button says; the sentence that says so, or nothing where the form has to be mended."""
        if act == "answer":
            if not form.is_valid():
                return ""
            dialogue.answer(question, form.cleaned_data["text"], by=voice_of(request.user), actor=request.user)
            return _("The answer is shown.")
        if act == "hide":
            if not row.hide.is_valid():
                return ""
            dialogue.hide(row.said, reason=row.hide.cleaned_data["reason"], actor=request.user)
            return _("It is hidden. Whoever wrote it is told why, if they left an e-mail.")
        verb: Callable[..., Any] | None = {"show": dialogue.show, "restore": dialogue.restore}.get(act)
        if verb is None:
            raise RuleBroken("no_such_act", _("Choose what to do."))
        verb(row.said, actor=request.user)
        return _("Everybody can read it now.")

    @admin.display(description=gettext_lazy("question"))
    def text_shown(self, question: Question) -> str:
        return Truncator(question.text).chars(120)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, question: Question) -> str:
        label = question.get_status_display()
        kind = KINDS[question.status]
        if question.waits and not question.is_waiting:
            kind, label = "warning", _("something new below it")
        badge = format_html('<span class="badge badge-{}">{}</span>', kind, label)
        return format_html("{} {}", badge, _("contains a link")) if question.held_why else badge


def _looked(said: Question | Answer, target: str, request: HttpRequest, chosen: str) -> Looked:
    is_sent = request.method == "POST" and request.POST.get("act") == "hide" and target == chosen
    return Looked(said, target, HideForm(request.POST if is_sent else None, auto_id=f"id_{target}_%s"))


def voice_of(user: User) -> str:
    """In whose name the account answers: officers in the office's, everybody else in the team's."""
    return Answer.By.OFFICE if Assignment.Role.OFFICER in rules.roles(user) else Answer.By.TEAM
