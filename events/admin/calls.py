"""The call list: whom to ring, about what, and how it went."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import PhoneField
from active_citizens.core.refusal import RuleBroken
from events.domain import desk
from events.reasons import Saying, reason_of, sayings, when, with_news
from events.visibility import visible_calls
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.admin_base import OwnNeighbourhoods, RuledAdmin
from projects.models import CallMatter, CallTask, Project

Outcome = CallTask.Outcome
# A question the person has yet to make up their mind about.
UNDECIDED = "later"


class CallForm(forms.Form):
    """What was said to each matter of the call, and how the call went; one form, whatever the outcome."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did it go?"),
        widget=forms.RadioSelect,
        choices=[
            (Outcome.REACHED, gettext_lazy("reached: the answers are noted above")),
            (Outcome.NO_ANSWER, gettext_lazy("no answer")),
            (Outcome.HOUSEHOLD, gettext_lazy("told a member of the household to ask them to ring back")),
            (Outcome.DECLINED, gettext_lazy("comes to none of it")),
            (Outcome.NEW_NUMBER, gettext_lazy("wrong number: the right one is below")),
        ],
    )
    phone = PhoneField(label=gettext_lazy("The right number"))

    def __init__(self, data: Any = None, *, matters: list[CallMatter], asking: set[int]) -> None:
        super().__init__(data)
        self.matters = {matter.pk: matter for matter in matters}
        self.asking = asking
        self.fields["seen"].initial = ",".join(map(str, self.matters))
        for pk in asking:
            is_guardian = self.matters[pk].reason == "guardian_asked"
            yes, no = (_("agrees"), _("does not agree")) if is_guardian else (_("comes"), _("does not come"))
            self.fields[f"answer_{pk}"] = forms.ChoiceField(
                label=_("What did they say?"),
                required=False,
                widget=forms.RadioSelect,
                choices=[(CallMatter.Answer.YES, yes), (CallMatter.Answer.NO, no), (UNDECIDED, _("did not say"))],
            )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        outcome = typed.get("outcome")
        answered = [pk for pk in self.asking if typed.get(f"answer_{pk}")]
        if outcome == Outcome.REACHED:
            for pk in self.asking - set(answered):
                self.add_error(f"answer_{pk}", _("Say what they answered."))
        elif outcome in CallTask.FAILED and answered:
            self.add_error("outcome", _("An answer is noted above: choose “reached”, or take the answer back."))
        return typed

    def answers(self) -> dict[int, str]:
        """What was said to each matter the caller saw; what came to the list meanwhile is not among them."""
        seen = [int(number) for number in self.cleaned_data["seen"].split(",") if number.isdecimal()]
        said = {pk: self.cleaned_data.get(f"answer_{pk}", "") for pk in seen}
        return {pk: "" if answer == UNDECIDED else answer for pk, answer in said.items()}

    def answer_field(self, matter: CallMatter) -> forms.BoundField | None:
        return self[f"answer_{matter.pk}"] if matter.pk in self.asking else None


class OpenFilter(admin.SimpleListFilter):
    """The list is what is still to do; what is done shows when asked for."""

    title = gettext_lazy("state")
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("done"))]

    def choices(self, changelist: Any) -> Any:
        yield {"selected": self.value() is None, "query_string": changelist.get_query_string(remove=["done"]), "display": _("to do")}
        yield {"selected": self.value() == "yes", "query_string": changelist.get_query_string({"done": "yes"}), "display": _("done")}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(done_at__isnull=self.value() != "yes")


@admin.register(CallTask)
class CallTaskAdmin(RuledAdmin):
    """One row for each person to ring; the page of a row is the call: the number, what to say, how it went."""

    holds_people = True
    list_display = ["person", "phone", "what", "due", "tries"]
    list_select_related = ["person", "neighbourhood"]
    change_form_template = "admin/call.html"
    empty_sentence = gettext_lazy("Nobody to call. People without e-mail appear here when there is news for them.")
    fields = ["person"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: CallTask | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[CallTask]:
        matters = Prefetch("matters", with_news(CallMatter.objects.all()))
        return visible_calls(user).in_order().prefetch_related(matters)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-done_at", "-pk"] if request.GET.get("done") == "yes" else CallTask.ORDER

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [OpenFilter, ("neighbourhood", OwnNeighbourhoods)]

    def get_urls(self) -> list[Any]:
        outcome = path("<int:pk>/outcome/", self.admin_site.admin_view(self.outcome_view), name="projects_calltask_outcome")
        return [outcome, *super().get_urls()]

    # --- The call ---------------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        call = context["original"]
        said = sayings(call, request.user)
        context |= {**self._call(call, said, self._form(said)), "title": str(call.person), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)

    def outcome_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note how the call went; whatever is refused, what was typed stays."""
        call = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])
        said = sayings(call, request.user)
        form = self._form(said, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    message = self._note(request, call, form)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                messages.success(request, message)
                still = call.matters.open().exists() and form.cleaned_data["outcome"] in (Outcome.REACHED, Outcome.NEW_NUMBER)
                return redirect(self.address("change", pk) if still else self.address("changelist"))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": call, "title": str(call.person)}
        return TemplateResponse(request, "admin/call.html", context | self._call(call, said, form))

    def _note(self, request: HttpRequest, call: CallTask, form: CallForm) -> str:
        outcome = form.cleaned_data["outcome"]
        if outcome == Outcome.NEW_NUMBER:
            changed = desk.correct_number(call, form.cleaned_data["phone"], actor=request.user)
            people = [person.pk for person in changed]
            access_log.record(AccessLog.Action.CHANGE, "participants.person", actor=request.user, ids=people, row_count=len(people))
            said = _("The number is corrected. Ring it now: the tries begin anew.")
        else:
            desk.answer_call(call, outcome, answers=form.answers(), actor=request.user)
            said = _("Noted.")
        self.log_change(request, call, _("The call"))
        return said

    def _form(self, said: list[Saying], data: Any = None) -> CallForm:
        still = [each for each in said if each.matter.settled_at is None]
        return CallForm(data, matters=[each.matter for each in still], asking={each.matter.pk for each in still if each.asks})

    def _call(self, call: CallTask, said: list[Saying], form: CallForm) -> dict[str, Any]:
        """Everything the page of a call shows."""
        project = next((each.event.project for each in said if each.event), None) or Project.objects.filter(is_current=True).first()
        return {
            "call": call, "form": form, "project": project,
            "open": [(each, form.answer_field(each.matter)) for each in said if each.matter.settled_at is None],
            "settled": [each for each in said if each.matter.settled_at is not None],
            "rang": list(call.tries.select_related("by")), "today": call.done_at is None and _by_tonight(call.due_at),
        }  # fmt: skip

    # --- The list ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, call: CallTask) -> str:
        return format_html('<a href="tel:{}">{}</a>', call.person.phone, call.person.phone_shown) if call.person.phone else ""

    @admin.display(description=gettext_lazy("what to say"))
    def what(self, call: CallTask) -> str:
        """A line for each matter: the event with its date, and what to say."""
        matters = [matter for matter in call.matters.all() if call.done_at or matter.settled_at is None]
        return format_html_join(mark_safe("<br>"), "{}", ((_in_short(matter),) for matter in matters))

    @admin.display(description=gettext_lazy("call before"), ordering="due_at")
    def due(self, call: CallTask) -> str:
        """What is due by tonight is marked."""
        if call.done_at is not None or not _by_tonight(call.due_at):
            return when(call.due_at)
        return format_html('<span class="badge badge-warning">{}</span> {}', _("today"), when(call.due_at))

    @admin.display(description=gettext_lazy("attempts"), ordering="attempts")
    def tries(self, call: CallTask) -> str:
        return _("tried %(times)s times") % {"times": call.attempts} if call.attempts else ""


def _in_short(matter: CallMatter) -> str:
    event = f"{matter.event_title}, {when(matter.about_at)}: " if matter.event_title and matter.about_at else ""
    return f"{event}{reason_of(matter)}" + (f" ({matter.get_answer_display()})" if matter.answer else "")


def _by_tonight(moment: datetime) -> bool:
    return timezone.localdate(moment) <= timezone.localdate()
