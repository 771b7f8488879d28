"""The page of those behind an initiative: opened by its key, acted on by POST alone; where it stands, what is next, the plan."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import pdf, throttle
from active_citizens.core.refusal import RuleBroken
from projects import papers
from projects.current import current_account
from projects.domain import plans, promises, reporting, requirements, running, telling, workflow
from projects.forms.plans import STEPS, TITLES, lines_formset, texts_form
from projects.models import Filing, Initiative

Status = Initiative.Status
# Anybody who gives an idea has a key, and setting a paper is dear: so many an hour.
PAPERS_PER_KEY = 30


def by_key(key: str) -> Initiative:
    """The initiative behind the key. Raises Http404."""
    return get_object_or_404(Initiative.objects.select_related("project", "grant_call", "joined_to", "proposed_by"), own_key=key)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_initiative(request: HttpRequest, key: str) -> HttpResponse:
    """Where it stands, and the steps its authors may take; GET shows, POST acts (mail scanners follow links)."""
    initiative, refusal, typed = by_key(key), "", ""
    if request.method == "POST":
        to, typed = request.POST.get("to", ""), request.POST.get("reason", "")[:4000]
        try:
            if to not in workflow.author_steps(initiative):
                raise RuleBroken("no_such_move", _("This initiative cannot move to that state from where it is now."))
            actor = current_account(request)
            workflow.move(initiative, to, actor=actor, reason=typed, rings=False)
            return redirect(request.path)
        except RuleBroken as broken:
            refusal = broken.message
    context = {"initiative": initiative, "refusal": refusal, "typed": typed, **standing_of(initiative)}
    return render(request, "projects/own_initiative.html", context, status=409 if refusal else 200)


def standing_of(initiative: Initiative) -> dict[str, Any]:
    """What its page shows: the steps with what they still need, the history, the plan once there is one."""
    now, steps = timezone.now(), workflow.author_steps(initiative)
    has_plan = initiative.status not in (Status.IDEA, Status.HISTORICAL) and initiative.kind != Initiative.Kind.GRASSROOTS
    changes, report = list(initiative.changes.all()), reporting.report_of(initiative)
    return {
        "steps": [(Status(to), requirements.missing(initiative, to, now)) for to in steps if to != Status.WITHDRAWN],
        "may_withdraw": Status.WITHDRAWN in steps,
        "changes": changes,
        "meaning": telling.MEANING.get(Status(initiative.status)),
        "granted": next((change.granted for change in changes if change.after == Status.ACCEPTED), None),
        "reason": changes[-1].reason if changes else "",
        "promises": promises.promises_of(initiative),
        **(_plan_shown(initiative) if has_plan else {}),
        "may_write": plans.is_writable(initiative),
        "filing": Filing.objects.filter(initiative=initiative).first() if initiative.kind == Initiative.Kind.STATUTORY else None,
        "runs": initiative.status in running.RUNS,
        "report": report if report.handed_in_at or reporting.takes_report(initiative) else None,
    }


def _plan_shown(initiative: Initiative) -> dict[str, Any]:
    """The steps of the plan, with whether each says what is asked, whether it may stay empty, and what the plan adds up to."""
    plan, totals = plans.plan_of(initiative), plans.totals(initiative)
    filled = {step: all(getattr(plan, name) for name in names if name in plan.NEEDED) for step, names in STEPS.items()}
    filled |= {"koszty": totals.asked > 0, "wklad": totals.has_own}
    free = "koszty" if initiative.kind == Initiative.Kind.STATUTORY else "wklad"
    steps = [{"step": step, "title": TITLES[step], "is_filled": filled[step], "is_free": step == free} for step in STEPS]
    return {"plan": plan, "plan_steps": steps, "totals": totals}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_plan(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """One step of the plan: kept when sent, then the next one; what is wrong stays as it was typed."""
    if step not in STEPS:
        raise Http404
    initiative, data, refusal = by_key(key), request.POST or None, ""
    has_lines = not STEPS[step]
    rows = initiative.budget.all() if step == "koszty" else initiative.contributions.all()
    form = lines_formset(step, data, rows) if has_lines else texts_form(step, data, plans.plan_of(initiative))
    if request.method == "POST" and form.is_valid():
        try:
            _keep(initiative, form)
            return redirect(*_after(initiative, step, request.POST.get("then", "")))
        except RuleBroken as broken:
            refusal = broken.message
    names = list(STEPS)
    place = names.index(step)
    context = {
        "initiative": initiative, "step": step, "title": TITLES[step], "number": place + 1, "count": len(names), "form": form,
        "rows": rows, "has_lines": has_lines, "refusal": refusal,
        "may_write": plans.is_writable(initiative), "totals": plans.totals(initiative),
        "previous": names[place - 1] if place else "",
    }  # fmt: skip
    return render(request, "projects/own_plan.html", context, status=409 if refusal else 200)


@never_cache
@require_safe
def own_application(request: HttpRequest, key: str) -> HttpResponse:
    """The plan as a paper to sign and file."""
    initiative = by_key(key)
    throttle.count("own-paper", key, PAPERS_PER_KEY)
    return pdf.answer(papers.application(initiative), papers.file_name(initiative, "wniosek"))


def _keep(initiative: Initiative, form: Any) -> None:
    if hasattr(form, "management_form"):
        lines = form.save(commit=False)
        plans.write_lines(initiative, lines, form.deleted_objects, shown=form.initial_form_count())
    else:
        plans.write(initiative, form.cleaned_data)


def _after(initiative: Initiative, step: str, then: str) -> tuple[str, ...]:
    """Where to go: the same step for more lines, the next one, the one before, or the page of the initiative."""
    names = list(STEPS)
    place = names.index(step)
    following = names[place + 1 :]
    if then == "more":
        return ("own_plan", initiative.own_key, step)
    if then == "next" and following:
        return ("own_plan", initiative.own_key, following[0])
    if then == "back" and place:
        return ("own_plan", initiative.own_key, names[place - 1])
    return ("own_initiative", initiative.own_key)
