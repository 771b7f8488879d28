"""What those behind an initiative write down while it runs, and its report; below the page their key opens."""

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from projects.domain import reporting, running
from projects.forms.running import STEPS, TITLES, ExpenseForm, WorkForm, as_typed, report_form
from projects.models import Expense, Initiative, InitiativeReport
from projects.views.own_initiatives import by_key

# Files of receipts that are looked at for one key in an hour.
RECEIPTS_PER_KEY = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_spending(request: HttpRequest, key: str) -> HttpResponse:
    """What was spent against the budget, and a form for one more receipt."""
    initiative, status = by_key(key), 200
    refusal = _refusal_of_file(request, initiative)
    form = ExpenseForm(request.POST or None, None if refusal else request.FILES or None, initiative=initiative)
    if refusal:
        status = _refused(form, refusal)
    elif request.method == "POST" and form.is_valid():
        try:
            running.spend(initiative, form.spent(), picture=form.cleaned_data["picture"], key=form.cleaned_data["key"])
            return redirect(request.path)
        except RuleBroken as broken:
            status = _refused(form, broken)
    expenses = list(initiative.expenses.select_related("budget_line"))
    context = {"form": form, "expenses": expenses, "account": running.account(initiative, expenses)}
    return _page(request, initiative, "own_spending", context, status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_expense(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Put a receipt right."""
    initiative = by_key(key)
    expense = get_object_or_404(initiative.expenses, pk=number)
    refusal = _refusal_of_file(request, initiative)
    form = ExpenseForm(request.POST or None, None if refusal else request.FILES or None, initiative=initiative, expense=expense)

    def verb() -> None:
        if refusal:
            raise refusal
        running.correct_expense(initiative, number, form.spent(), picture=form.cleaned_data["picture"])

    return _correct(request, initiative, form, verb, "own_spending", _("Put the receipt right"))


@never_cache
@require_POST
def own_expense_off(request: HttpRequest, key: str, number: int) -> HttpResponse:
    return _take_off(request, running.take_off_expense, key, number, "own_spending")


@never_cache
@require_safe
def own_receipt(request: HttpRequest, key: str, number: int) -> FileResponse:
    """The picture of a receipt, for whoever has the key."""
    return receipt_file(by_key(key), number)


def receipt_file(initiative: Initiative, number: int) -> FileResponse:
    """The picture of a receipt of the initiative. Raises Http404."""
    expense = Expense.objects.filter(initiative=initiative, pk=number).exclude(receipt="").first()
    if expense is None:
        raise Http404
    try:
        return FileResponse(expense.receipt.open(), content_type="image/webp")
    except FileNotFoundError:
        raise Http404 from None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_hours(request: HttpRequest, key: str) -> HttpResponse:
    """Who worked how long for nothing, and a form for one more day."""
    initiative, status = by_key(key), 200
    form = WorkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            running.note_work(initiative, **form.cleaned_data)
            return redirect(request.path)
        except RuleBroken as broken:
            status = _refused(form, broken)
    rows = list(initiative.volunteer_work.all())
    return _page(request, initiative, "own_hours", {"form": form, "rows": rows, "worked": running.worked(initiative, rows)}, status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_work(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Put the hours of a day right."""
    initiative = by_key(key)
    form = WorkForm(request.POST or None, initial=as_typed(get_object_or_404(initiative.volunteer_work, pk=number)))

    def verb() -> None:
        running.correct_work(initiative, number, **form.cleaned_data)

    return _correct(request, initiative, form, verb, "own_hours", _("Put the hours right"))


@never_cache
@require_POST
def own_work_off(request: HttpRequest, key: str, number: int) -> HttpResponse:
    return _take_off(request, running.take_off_work, key, number, "own_hours")


def _refusal_of_file(request: HttpRequest, initiative: Initiative) -> RuleBroken | None:
    """Why a file is not even looked at: drawing a PDF costs seconds, and anybody who gave an idea has a key."""
    if not request.FILES:
        return None
    try:
        running.check_open(initiative)
        throttle.count("own-receipt", initiative.own_key, RECEIPTS_PER_KEY)
    except RuleBroken as broken:
        return broken
    return None


def _refused(form: Any, broken: RuleBroken) -> int:
    broken.show_in(form)
    if isinstance(form, ExpenseForm):
        form.choose_again()
    return broken.status


def _correct(request: HttpRequest, initiative: Initiative, form: Any, verb: Callable[[], None], page: str, title: str) -> HttpResponse:
    """GET shows what stands, POST puts it right; what is refused stays typed."""
    back, status = reverse(page, args=[initiative.own_key]), 200
    if request.method == "POST" and form.is_valid():
        try:
            verb()
            return redirect(back)
        except RuleBroken as broken:
            status = _refused(form, broken)
    return _page(request, initiative, "own_correct", {"form": form, "title": title, "back": back}, status)


def _take_off(request: HttpRequest, verb: Any, key: str, number: int, page: str) -> HttpResponse:
    initiative = by_key(key)
    try:
        verb(initiative, number)
    except RuleBroken as broken:
        return render(request, "projects/own_refused.html", {"initiative": initiative, "refusal": broken.message}, status=409)
    return redirect(page, initiative.own_key)


def _page(request: HttpRequest, initiative: Initiative, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    shown = {"initiative": initiative, "may_write": running.is_open(initiative), **context}
    return render(request, f"projects/{name}.html", shown, status=status)


# --- The report -------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_report(request: HttpRequest, key: str) -> HttpResponse:
    """The report in steps, what money and hours add up to, and the button that hands it in."""
    initiative, refusal = by_key(key), ""
    if request.method == "POST":
        try:
            reporting.hand_in(initiative)
            return redirect(request.path)
        except RuleBroken as broken:
            refusal = broken.message
    report = reporting.report_of(initiative)
    steps = [{"step": step, "title": TITLES[step], "is_filled": _is_filled(report, names)} for step, names in STEPS.items()]
    worked = running.worked(initiative)
    context = {
        "initiative": initiative, "report": report, "steps": steps, "refusal": refusal, "lacking": reporting.lacking(report),
        "may_write": reporting.is_writable(initiative, report), "takes_report": reporting.takes_report(initiative),
        "account": running.account(initiative), "worked": worked, "own": running.own_part(initiative, worked),
    }  # fmt: skip
    return render(request, "projects/own_report.html", context, status=409 if refusal else 200)


def _is_filled(report: InitiativeReport, names: tuple[str, ...]) -> bool:
    return all(getattr(report, name) not in (None, "") for name in names)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_report_step(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """One step of the report: kept when sent, then the next one; what is wrong stays as it was typed."""
    if step not in STEPS:
        raise Http404
    initiative, refusal = by_key(key), ""
    report = reporting.report_of(initiative)
    form = report_form(step, request.POST or None, report)
    names = list(STEPS)
    following = names[names.index(step) + 1 :]
    if request.method == "POST" and form.is_valid():
        try:
            reporting.write(initiative, form.cleaned_data)
            if following and request.POST.get("then") == "next":
                return redirect("own_report_step", key, following[0])
            return redirect("own_report", key)
        except RuleBroken as broken:
            refusal = broken.message
    context = {
        "initiative": initiative, "report": report, "step": step, "title": TITLES[step], "number": names.index(step) + 1,
        "count": len(names), "form": form, "refusal": refusal, "is_last": not following,
        "may_write": reporting.is_writable(initiative, report), "account": running.account(initiative) if step == "pieniadze" else None,
    }  # fmt: skip
    return render(request, "projects/own_report_step.html", context, status=409 if refusal else 200)
