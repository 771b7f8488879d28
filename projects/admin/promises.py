"""Promises in the panel: given on the page of an initiative; kept, or put off with a reason, by one click."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import promises
from projects.forms.promises import KeepForm, PromiseForm, PutOffForm
from projects.models import Initiative, Milestone


def promise_context(user: User, initiative: Initiative) -> dict[str, Any]:
    """What the page of an initiative shows of its promises, each with ``is_mine``, and whether the account may add one."""
    owners = rules.promise_owners(user, initiative)
    rows = promises.promises_of(initiative)
    for each in rows:
        each.is_mine = each.done_on is None and each.owner in owners  # type: ignore[attr-defined]
    return {"promises": rows, "may_promise": bool(owners) and initiative.status in promises.PROMISABLE}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", _("the day has passed")), ("open", _("to be done")), ("kept", _("kept"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "late":
            return queryset.standing().late()
        if self.value() == "open":
            return queryset.standing().open()
        return queryset.exclude(done_on=None) if self.value() == "kept" else queryset


@admin.register(Milestone)
class MilestoneAdmin(RuledAdmin):
    """Only the words may be mended here; days and keeping go through their verbs, so that the public reads why."""

    list_display = ["what", "initiative", "owner", "due_on", "state_shown"]
    list_filter = [StateFilter, "owner"]
    search_fields = ["what", "initiative__title"]
    ordering = ["done_on", "due_on", "pk"]
    fields = ["what", "initiative", "owner", "due_on", "done_on", "delays_shown"]
    readonly_fields = ["initiative", "owner", "due_on", "done_on", "delays_shown"]
    change_form_template = "admin/milestone.html"
    pages = (("for/<int:pk>/", "give"), ("<int:pk>/keep/", "keep"), ("<int:pk>/put-off/", "put_off"))
    empty_sentence = gettext_lazy("No promises yet. They are given on the page of an initiative.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """Only on the page of an initiative."""
        return False

    def may_change(self, user: User, obj: Milestone | None = None) -> bool:
        if obj is None:
            return rules.is_staff(user)
        return obj.done_on is None and rules.may_promise(user, obj.initiative, obj.owner)

    def scope(self, user: User) -> QuerySet[Milestone]:
        mine = Milestone.objects.filter(initiative__in=rules.manageable_initiatives(user))
        return mine.select_related("initiative").prefetch_related("delays")

    def save_model(self, request: HttpRequest, obj: Milestone, form: Any, change: bool) -> None:
        promises.reword(obj, obj.what)

    def give(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A promise for one initiative."""
        if not rules.is_staff(request.user):
            raise PermissionDenied
        initiative = get_object_or_404(rules.manageable_initiatives(request.user), pk=pk)
        owners = rules.promise_owners(request.user, initiative)
        form = PromiseForm(request.POST or None, owners=owners)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            promises.promise(initiative, typed["what"], typed["owner"], typed["due_on"])
            return back_to(initiative), _("The promise stands on the page of the initiative.")

        return self.step(request, initiative, form, verb, title=_("Add a promise"), button=_("Promise"), back=back_to(initiative))

    def keep(self, request: HttpRequest, pk: int) -> HttpResponse:
        promised = self.one(request, pk)
        form = KeepForm(request.POST or None, initial={"done_on": timezone.localdate()})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            promises.keep(promised, typed["done_on"])
            return back_to(promised.initiative), _("Noted: the promise has been kept.")

        return self._step(request, promised, form, verb, title=_("Note that it has been done"), button=_("It has been done"))

    def put_off(self, request: HttpRequest, pk: int) -> HttpResponse:
        promised = self.one(request, pk)
        form = PutOffForm(request.POST or None)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            promises.put_off(promised, typed["until"], typed["reason"], actor=request.user)
            return back_to(promised.initiative), _("The reason and the new day stand on the page; those behind the initiative are told.")

        return self._step(request, promised, form, verb, title=_("Give a reason and a new day"), button=_("Put off"))

    def _step(self, request: HttpRequest, promised: Milestone, form: Any, verb: Any, **words: str) -> HttpResponse:
        sentence = _("%(owner)s promised it by %(day)s.") % {
            "owner": promised.get_owner_display().capitalize(), "day": date_format(promised.due_on),
        }  # fmt: skip
        return self.step(request, promised, form, verb, sentence=sentence, back=back_to(promised.initiative), **words)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, promised: Milestone) -> str:
        if promised.done_on is not None:
            return _("kept on %(day)s") % {"day": date_format(promised.done_on)}
        if promised.is_late():
            return _("the day has passed: a reason and a new day are owed")
        return _("to be done")

    @admin.display(description=gettext_lazy("put off"))
    def delays_shown(self, promised: Milestone) -> str:
        rows = [(date_format(each.due_before), date_format(each.due_after), each.reason) for each in promised.delays.all()]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} → {}: {}</li>", rows)) if rows else _("never")


def back_to(initiative: Initiative) -> str:
    return reverse("admin:projects_initiative_change", args=[initiative.pk]) + "#promises"
