"""Initiatives as the team sees them: the text in a form, the state behind buttons, the moves below."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.admin import reviews
from projects.admin.initiative_moves import move, steps_for
from projects.admin.initiative_steps import PAGES, file_of, idea
from projects.admin.programme import MORE
from projects.admin.promises import promise_context
from projects.admin.running import ReportFilter, RunningPages
from projects.admin_base import OwnNeighbourhoods, Refusable, RuledAdmin
from projects.domain import workflow
from projects.models import Initiative

Status = Initiative.Status


# What is seldom needed, or only later.
LATER = ["project", "stage", "case_mark", "paper_supporters", "starts_on", "ends_on", "lang", "source_label", "source_url"]


class InitiativeForm(Refusable):
    """An animator's initiative lies in one of their own neighbourhoods, or it would be out of their reach at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "neighbourhoods" in self.fields:
            self.fields["neighbourhoods"].required = not rules.sees_everywhere(self.user)
        if "paper_supporters" in self.fields:
            self.fields["paper_supporters"].required = False

    def clean_paper_supporters(self) -> int:
        return self.cleaned_data["paper_supporters"] or 0


@admin.register(Initiative)
class InitiativeAdmin(RunningPages, RuledAdmin):
    form = InitiativeForm
    list_display = ["title", "status_shown", "waits", "reviewer", "kind", "places"]
    search_fields = ["title", "summary"]
    change_form_template = "admin/initiative.html"
    change_list_template = "admin/initiatives.html"
    empty_sentence = gettext_lazy("No initiatives yet. Ideas residents send will wait here.")
    fieldsets = [
        (None, {"fields": ["title", "kind", "neighbourhoods", "summary", "place", "date_note"]}),
        (MORE, {"classes": ["collapse"], "fields": (*LATER,)}),
    ]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_change(self, user: User, obj: Initiative | None = None) -> bool:
        return rules.is_staff(user) and (obj is None or rules.may_manage_initiative(user, obj))

    def scope(self, user: User) -> QuerySet[Initiative]:
        return rules.manageable_initiatives(user).select_related("project", "grant_call", "reviewer").prefetch_related("neighbourhoods")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["status_since", "pk"] if request.GET.get("review") else ["-status_since", "-pk"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [reviews.ReviewFilter, "status", "kind", ReportFilter, ("neighbourhoods", OwnNeighbourhoods)]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = rules.own_neighbourhoods(request.user).order_by("name_order")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Initiative, form: Any, change: bool) -> None:
        if changed := {"kind", "project"} & set(form.changed_data):
            locked = workflow.lock(obj)
            if "kind" in changed and locked.status != Status.IDEA:
                raise RuleBroken("kind_is_set", _("The kind is chosen while it is an idea: its moves depend on it."), field="kind")
            if locked.grant_call_id:
                raise RuleBroken("in_call", _("Its plan is for a call: take it out of the call first."), field="kind")
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Neighbourhoods the account does not work for are not in its form, and stay."""
        others = list(form.instance.neighbourhoods.exclude(pk__in=rules.own_neighbourhoods(request.user)))
        super().save_related(request, form, formsets, change)
        form.instance.neighbourhoods.add(*others)

    def get_urls(self) -> list[Any]:
        pages = (("<int:pk>/move/", move, "move"), *PAGES, *reviews.PAGES)
        steps = [
            path(where, self.admin_site.admin_view(partial(page, self)), name=f"projects_initiative_{name}") for where, page, name in pages
        ]
        return [*steps, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Every initiative begins as somebody's idea: one way in, so that none is without an author to answer."""
        return idea(self, request)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        initiative = self.get_object(request, object_id)
        if initiative is not None:
            moves = initiative.changes.select_related("actor")
            team = list(initiative.members.values_list("person", flat=True))
            if team and request.method == "GET":
                access_log.record(AccessLog.Action.READ, "participants.person", actor=request.user, ids=team, row_count=len(team))
            steps = steps_for(request.user, initiative)
            shown = {"steps": steps, "moves": moves, **file_of(initiative), **reviews.review_of(initiative, request.user, steps)}
            extra_context = {**shown, **promise_context(request.user, initiative), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def status_shown(self, initiative: Initiative) -> str:
        return initiative.get_status_display()

    @admin.display(description=gettext_lazy("waits"))
    def waits(self, initiative: Initiative) -> str:
        if initiative.status not in Initiative.WAITING:
            return ""
        days = initiative.days_in_state()
        some = ngettext("waits %(days)s day", "waits %(days)s days", days) % {"days": days}
        waits = some if days else _("waits less than a day")
        return _("%(waits)s, overdue") % {"waits": waits} if initiative.is_overdue() else waits

    @admin.display(description=gettext_lazy("neighbourhoods"))
    def places(self, initiative: Initiative) -> str:
        return ", ".join(place.name for place in initiative.neighbourhoods.all())
