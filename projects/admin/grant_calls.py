"""Calls for mini-projects: the coordinator writes them, the office prepares their results, looks at the page and publishes it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core.amounts import MoneyField, zloty
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import first_free, slug_of
from participants.models import User
from projects import rules
from projects.admin_base import Refusable, RuledTranslationAdmin, languages
from projects.domain import grant_calls
from projects.forms.grant_calls import MOST, VerdictForm
from projects.models import GrantCall, Project
from projects.views.grant_calls import page_of

# So many plans to a page: what is typed for them fits into what a form may send, and into an afternoon.
PER_PAGE = 25


class GrantCallForm(Refusable):
    pool_grosze = MoneyField(label=gettext_lazy("Pool (zł)"), min_value=Decimal("0.01"), max_value=MOST)
    slug = forms.SlugField(
        label=gettext_lazy("Address"), max_length=80, required=False, help_text=gettext_lazy("Empty: made of the title.")
    )
    places = forms.IntegerField(label=gettext_lazy("How many can be chosen"), min_value=1, max_value=1000)

    def clean_slug(self) -> str:
        others = GrantCall.objects.exclude(pk=self.instance.pk)
        slug = self.cleaned_data["slug"] or self.instance.slug
        if not slug:
            return first_free(slug_of(self.cleaned_data.get("title_pl") or "", 70, "nabor"), lambda free: others.filter(slug=free).exists())
        if others.filter(slug=slug).exists():
            raise ValidationError(_("Another call has this address."), code="slug")
        return slug

    def clean(self) -> Any:
        cleaned = super().clean()
        opens, closes = self.cleaned_data.get("opens_at"), self.cleaned_data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", ValidationError(_("The call must close after it opens."), code="moments"))
        return cleaned


@admin.register(GrantCall)
class GrantCallAdmin(RuledTranslationAdmin):
    form = GrantCallForm
    list_display = ["title", "opens_at", "closes_at", "pool", "places", "is_published", "results_published_at"]
    list_select_related = ["project"]
    ordering = ["-opens_at", "pk"]
    change_form_template = "admin/grant_call.html"
    pages = (("<int:pk>/results/", "results"), ("<int:pk>/preview/", "preview"), ("<int:pk>/publish/", "publish"))
    empty_sentence = gettext_lazy("No calls yet. A coordinator adds the first one.")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "project", "title_pl", "slug", "summary_pl", "opens_at", "closes_at", "pool_grosze", "places", "rules_pl",
                    "is_published",
                ]
            },
        ),
        languages("title", "summary", "rules"),
    ]  # fmt: skip

    def may_see(self, user: User) -> bool:
        return rules.may_prepare_results(user)

    def may_add(self, user: User) -> bool:
        return rules.may_write_programme(user)

    def may_change(self, user: User, obj: GrantCall | None = None) -> bool:
        """What the results were published by stays as it was."""
        return rules.may_write_programme(user) and (obj is None or obj.results_published_at is None)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"project": Project.objects.current(), **super().get_changeform_initial_data(request)}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        call = context["original"]
        if call is not None:
            context |= {"standing": grant_calls.standing_of(call), "came": grant_calls.came(call)}
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Results ----------------------------------------------------------------------------------------------------

    def results(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Plan by plan: chosen or not, how much, why. What is sent is kept; nobody outside the office sees it yet."""
        call = self._to_prepare(request, pk)
        if call.results_published_at is not None:
            return redirect(self.address("preview", pk))
        page = Paginator(grant_calls.plans_of(call).prefetch_related("neighbourhoods", "budget"), PER_PAGE).get_page(
            request.GET.get("page")
        )
        lines = self._lines(call, page, request.POST if request.method == "POST" else None)
        if request.method == "POST" and self._keep(request, call, lines):
            to_next = "next" in request.POST and page.has_next()
            return redirect(f"{self.address('results', pk)}?page={page.number + 1 if to_next else page.number}")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Results of the call"), "call": call, "page": page,
            "lines": lines, "wrong": sum(bool(line.is_bound and line.errors) for _each, line in lines),
            "standing": grant_calls.standing_of(call), "returned": grant_calls.returned_of(call), "today": timezone.localdate(),
            "refusal": self._refusal(call), "form": None,
        }  # fmt: skip
        return TemplateResponse(request, "admin/grant_results.html", context)

    def _lines(self, call: GrantCall, page: Any, data: Any) -> list[tuple[Any, VerdictForm]]:
        """The plans of the page with their lines; a plan handed in since the page was opened has nothing sent yet."""
        plans = list(page.object_list)
        drafts = {result.initiative_id: result for result in call.results.filter(initiative__in=plans)}
        lines = []
        for plan in plans:
            prefix = f"plan-{plan.pk}"
            asked = sum(line.grosze for line in plan.budget.all())
            sent = data if data is not None and f"{prefix}-reasons" in data else None
            lines.append((plan, VerdictForm(sent, prefix=prefix, result=drafts.get(plan.pk), asked=asked)))
        return lines

    def _keep(self, request: HttpRequest, call: GrantCall, lines: list[tuple[Any, VerdictForm]]) -> bool:
        """Keep every line that says something whole; the others stay on the page as they were typed, with what is missing."""
        touched = [(plan, line) for plan, line in lines if line.is_bound and line.has_changed()]
        good = {plan.pk: line.verdict() for plan, line in touched if line.is_valid()}
        if good:
            grant_calls.prepare(call, good, actor=request.user)
            self.log_change(request, call, _("Results of the call"))
        if len(good) < len(touched):
            return False
        messages.success(request, _("Kept. Nobody outside the office sees it before you publish the results."))
        return True

    def _refusal(self, call: GrantCall) -> str:
        """What keeps the results from being published now; empty when nothing does."""
        try:
            grant_calls.check_results(call, grant_calls.standing_of(call), timezone.now())
        except RuleBroken as broken:
            return str(broken)
        return ""

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public page as it will be: the same template of the same rows."""
        call = self._to_prepare(request, pk)
        context = page_of(call) | {"is_open": False, "is_coming": False, "outcome": grant_calls.outcome_of(call), "preview": True}
        call.results_published_at = call.results_published_at or timezone.now()
        return render(request, "projects/grant_call_detail.html", context)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        call = self._to_prepare(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            grant_calls.publish_results(call, actor=request.user)
            return self.address("change", pk), _("The results are published. Everybody who handed in a plan is being told.")

        standing = grant_calls.standing_of(call)
        sentence = ngettext(
            "%(plans)s plan, %(chosen)s chosen, %(granted)s of %(pool)s. Its authors are told at once, and there is no way back.",
            "%(plans)s plans, %(chosen)s chosen, %(granted)s of %(pool)s. All authors are told at once, and there is no way back.",
            standing.plans,
        ) % {"plans": standing.plans, "chosen": standing.chosen, "granted": zloty(standing.granted), "pool": zloty(standing.pool)}
        return self.confirm(
            request, call, verb, title=_("Publish the results"), button=_("Publish the results"), sentence=sentence, danger=True,
            back=self.address("results", pk),
        )  # fmt: skip

    def _to_prepare(self, request: HttpRequest, pk: int) -> Any:
        """The call at the address, for the office: it prepares results of calls the coordinator alone may rewrite."""
        return self.one(request, pk, to_change=False)

    def scope(self, user: User) -> QuerySet[GrantCall]:
        return GrantCall.objects.select_related("project")

    @admin.display(description=gettext_lazy("pool"), ordering="pool_grosze")
    def pool(self, call: GrantCall) -> str:
        return zloty(call.pool_grosze)
