"""Reports on the screen and as files."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import sheets
from active_citizens.core.sheets import FileType
from participants.domain import access_log
from participants.models import AccessLog, User
from projects.rules import roles
from reports.definitions import REPORTS, Filters, Report
from reports.forms import ExportForm, FilterForm
from reports.rules import may_export, may_see_reports

PER_PAGE = 50
CSV_FLAVOURS = {"excel": sheets.EXCEL_CSV, "open": sheets.OPEN_CSV}

View = Callable[..., HttpResponseBase]


def for_staff(view: View) -> View:
    """Visitors sign in and come back, residents find nothing here, colleagues without the right are told so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not roles(request.user):
            raise Http404
        if not may_see_reports(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_staff
def report_list(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/report_list.html", {"reports": REPORTS.values()})


@require_safe
@for_staff
def report_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The report with its filters, sums over everything asked for, one page of rows, and the way to the files."""
    report = _report(slug)
    return _screen(request, report, FilterForm(request.GET, user=request.user), ExportForm())


@require_http_methods(["GET", "POST"])
@for_staff
def report_export(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    """The whole report as a file: from the form with its purpose (POST), or from a kept address (GET).

    The file is first made on the disk, then logged with the exact number of its rows, and only then sent. So nothing
    leaves unlogged, a fault gives a page instead of half a file, and a slow line holds no cursor open. The log tells of
    the looking; a GET changes nothing else. ``?format=open`` asks for the CSV for machines.
    """
    report = _report(slug)
    if not may_export(request.user):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    form, export = FilterForm(sent, user=request.user), ExportForm(sent)
    if not (form.is_valid() and export.is_valid()):
        return _screen(request, report, form, export, status=400)
    file_type = sheets.XLSX if extension == "xlsx" else CSV_FLAVOURS.get(request.GET.get("format", ""), sheets.EXCEL_CSV)
    return _send(request.user, report, form.filters(), file_type, export.cleaned_data["purpose"])


def _send(user: User, report: Report, filters: Filters, file_type: FileType, purpose: str) -> FileResponse:
    now = timezone.now()
    file, row_count = sheets.make_file(report.table(user, filters, now), file_type)
    name = _file_name(report, filters, file_type, now)
    detail = {"filters": filters.as_query(), "file": name, "version": report.version}
    try:
        access_log.record(AccessLog.Action.EXPORT, report.slug, actor=user, purpose=purpose, row_count=row_count, detail=detail)
    except BaseException:
        file.close()
        raise
    # Sent as it is: a spreadsheet is compressed already, and whoever waits wants to see how much is left.
    headers = {"Content-Encoding": "identity"}
    return FileResponse(file, as_attachment=True, filename=name, content_type=file_type.content_type, headers=headers)


def _report(slug: str) -> Report:
    if slug not in REPORTS:
        raise Http404
    return REPORTS[slug]


def _file_name(report: Report, filters: Filters, file_type: FileType, at: datetime) -> str:
    """The report, what was asked for and the day it was made, so that two files never share a name by mistake."""
    parts = [report.slug, *filters.as_query().values()]
    parts += ["dane-otwarte"] if file_type is sheets.OPEN_CSV else []
    return f"{'_'.join(parts)}_stan-{timezone.localdate(at).isoformat()}.{file_type.extension}"


def _screen(request: HttpRequest, report: Report, form: FilterForm, export: ExportForm, status: int = 200) -> HttpResponse:
    """The page of the report; with a filter that makes no sense it shows the sentence and no figures."""
    context: dict[str, Any] = {
        "report": report,
        "form": export if export.errors else form,
        "filter_form": form,
        "export_form": export,
        "may_export": may_export(request.user),
        "address": reverse("report_detail", args=[report.slug]),
        "columns": [column for column in report.columns if column.on_screen],
    }
    if form.is_valid():
        filters, now = form.filters(), timezone.now()
        totals = report.totals(request.user, filters, now)
        page = _page(report, request.user, filters, now, totals["rows"], request.GET.get("page"))
        context |= {
            "page": page,
            "lines": [_line(report, row) for row in report.rows(page.object_list)],
            "totals": [_cell(report, column, totals.get(column.key)) for column in context["columns"]],
            "has_totals": len(totals) > 1,
            "chosen": filters.as_query(),
            "period": filters.period(),
            "now": now,
        }
    return render(request, "reports/report_detail.html", context, status=status)


def _page(report: Report, user: User, filters: Filters, at: datetime, count: int, number: str | None) -> Page[Any]:
    """One page of rows. Their number is known from the totals: asking again would cost a query and could disagree."""
    paginator = Paginator(report.queryset(user, filters, at), PER_PAGE)
    paginator.__dict__["count"] = count
    return paginator.get_page(number)


def _line(report: Report, row: Any) -> dict[str, Any]:
    pairs = zip(report.columns, row, strict=True)
    cells = [_cell(report, column, value) for column, value in pairs if column.on_screen]
    return {"address": report.address(row), "cells": cells}


def _cell(report: Report, column: Any, value: Any) -> dict[str, Any]:
    return {"text": column.show(value), "number": column.is_number, "heading": column.key == report.row_heading}
