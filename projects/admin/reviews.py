"""Seeing to initiatives: what waits for me, who sees to what, notes of the team, the call of a plan, prepared answers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import User
from projects import rules
from projects.admin.initiative_moves import lacking
from projects.admin_base import Refusable, RuledAdmin
from projects.domain import grant_calls, reviews, workflow
from projects.models import AnswerTemplate, GrantCall, Initiative

Status = Initiative.Status
Page = Callable[..., HttpResponse]
# The rest of what nobody sees to is in the list.
SHOWN = 50


class ReviewFilter(admin.SimpleListFilter):
    """Whose turn it is: what I see to, and what nobody does; longest waiting first (``InitiativeAdmin.get_ordering``)."""

    title = gettext_lazy("who sees to it")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", _("me, not done yet")), ("nobody", _("nobody yet"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "mine":
            return queryset.filter(pk__in=reviews.mine(request.user).order_by().values("pk"))
        if self.value() == "nobody":
            return queryset.filter(pk__in=reviews.nobodys(request.user).order_by().values("pk"))
        return queryset


class ReviewerForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Who sees to it"), required=False, empty_label=gettext_lazy("nobody yet"),
        help_text=gettext_lazy("People who work for its neighbourhoods now, and the office."),
    )  # fmt: skip

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, initial={"reviewer": initiative.reviewer_id}, **kwargs)
        self.fields["reviewer"].queryset = rules.accounts_to_review(initiative).order_by("name", "email")


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("New note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the team alone; it cannot be changed later. Write nothing about anybody's health or family."),
    )  # fmt: skip


class CallForm(forms.Form):
    grant_call = forms.ModelChoiceField(
        GrantCall.objects.none(), label=gettext_lazy("Call"), required=False, empty_label=gettext_lazy("none yet"),
        help_text=gettext_lazy("Calls of its project that have not closed."),
    )  # fmt: skip

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, initial={"grant_call": initiative.grant_call_id}, **kwargs)
        self.fields["grant_call"].queryset = grant_calls.calls_to_choose(initiative.project)


def my_initiatives(panel: RuledAdmin, request: HttpRequest) -> HttpResponse:
    """What the account sees to, by whose turn it is, and what waits for somebody to take it on."""
    if not panel.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    own, free = list(reviews.mine(request.user)), list(reviews.nobodys(request.user)[:SHOWN])
    for initiative in (*own, *free):
        initiative.overdue = initiative.is_overdue(now)
    parts = [
        ("answer", _("Waiting for my answer"), [each for each in own if each.status in Initiative.WAITING]),
        ("returned", _("Being completed by their authors"), [each for each in own if each.status == Status.RETURNED]),
        ("others", _("On their way"), [each for each in own if each.status not in (*Initiative.WAITING, Status.RETURNED)]),
        ("free", _("Waiting, and nobody sees to it yet"), free),
    ]
    context = {
        **panel.admin_site.each_context(request), "opts": panel.opts, "title": _("My initiatives"),
        "parts": [part for part in parts if part[2]], "today": timezone.localdate(now),
    }  # fmt: skip
    return TemplateResponse(request, "admin/my_initiatives.html", context)


def reviewer(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Say who sees to the initiative."""
    initiative = panel.one(request, pk)
    form = ReviewerForm(request.POST if request.method == "POST" else None, initiative=initiative)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        seen_to = reviews.assign(initiative, typed["reviewer"]).reviewer
        said = _("It is seen to by: %(name)s.") % {"name": seen_to} if seen_to else _("Nobody sees to it now.")
        return panel.address("change", pk), said

    return panel.step(request, initiative, form, verb, title=_("Who sees to it"), button=_("Save"))


def take(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """See to the initiative oneself."""
    initiative = panel.one(request, pk)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        reviews.assign(initiative, request.user)
        return panel.address("change", pk), _("You see to it now.")

    sentence = _("Now seen to by: %(name)s.") % {"name": initiative.reviewer or _("nobody yet")}
    return panel.confirm(request, initiative, verb, title=_("I see to it"), button=_("I see to it"), sentence=sentence)


def note(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Add a note of the team; nothing changes one or takes it away."""
    initiative = panel.one(request, pk)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        reviews.note(initiative, typed["text"], actor=request.user)
        return f"{panel.address('change', pk)}#notes", _("The note has been written down.")

    return panel.step(request, initiative, NoteForm(request.POST or None), verb, title=_("Add a note"), button=_("Add a note"))


def call(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Say which call the plan is for."""
    initiative = panel.one(request, pk)
    form = CallForm(request.POST if request.method == "POST" else None, initiative=initiative)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        chosen = grant_calls.choose_call(initiative, typed["grant_call"]).grant_call
        return panel.address("change", pk), _("Its call: %(call)s.") % {"call": chosen.title} if chosen else _("It is for no call now.")

    return panel.step(request, initiative, form, verb, title=_("Which call the plan is for"), button=_("Save"))


PAGES: tuple[tuple[str, Page, str], ...] = (
    ("mine/", my_initiatives, "mine"),
    ("<int:pk>/reviewer/", reviewer, "reviewer"),
    ("<int:pk>/take/", take, "take"),
    ("<int:pk>/note/", note, "note"),
    ("<int:pk>/call/", call, "call"),
)


def review_of(initiative: Initiative, user: User, steps: list[tuple[str, str]]) -> dict[str, Any]:
    """What the page of an initiative shows of its review: who, by when, in which call, what is missing, the notes."""
    may_take = initiative.reviewer_id != user.pk and rules.accounts_to_review(initiative).filter(pk=user.pk).exists()
    is_open = not initiative.has_ended
    return {
        "is_open": is_open,
        "may_take": is_open and may_take,
        "overdue": initiative.is_overdue(),
        "takes_calls": initiative.kind == Initiative.Kind.MINI_PROJECT,
        "may_choose_call": initiative.status in grant_calls.BEFORE_HANDING_IN,
        "lacking": lacking(initiative, steps),
        "notes": initiative.review_notes.select_related("author"),
        "note_form": NoteForm(auto_id="id_note_%s"),
    }


MOVED_TO = frozenset(after for table in workflow.MOVES.values() for afters in table.values() for after in afters)


class AnswerTemplateForm(Refusable):
    status = forms.ChoiceField(label=gettext_lazy("For moving to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [("", _("every state")), *((state.value, state.label) for state in Status if state in MOVED_TO)]


@admin.register(AnswerTemplate)
class AnswerTemplateAdmin(RuledAdmin):
    """Prepared answers: the office writes them, the whole team begins from them when it moves an initiative."""

    form = AnswerTemplateForm
    list_display = ["title", "for_what", "updated_at"]
    ordering = ["title"]
    fields = ["title", "status", "text"]
    empty_sentence = gettext_lazy("No prepared answers yet. Add what you find yourselves writing again and again.")

    def may_see(self, user: User) -> bool:
        return rules.may_write_answers(user)

    def may_delete(self, user: User, obj: Any) -> bool:
        """Nothing leads to a template: what was sent was copied."""
        return self.may_see(user)

    @admin.display(description=gettext_lazy("for moving to"), ordering="status")
    def for_what(self, template: AnswerTemplate) -> str:
        return str(Status(template.status).label if template.status else _("every state"))
