"""Lists of people from files: brought, corrected, looked through, taken in one step; and the report of what was not taken."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core import sheets
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.tables import Column, Kind, Table
from events.admin.list_forms import ColumnsForm, UploadForm, letter_of
from events.visibility import visible_people
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import list_judging, lists
from projects.models import ListImport

PER_PAGE = 50
# So many rows of the file help to say what a column is.
SAMPLE = 4
FILES = {"xlsx": sheets.XLSX, "csv": sheets.EXCEL_CSV}


@admin.register(ListImport)
class ListImportAdmin(RuledAdmin):
    """Everybody of the team brings lists for their own neighbourhoods and sees those of them."""

    holds_people = True
    list_display = ["created_at", "neighbourhood", "file_name", "status", "rows_taken", "rows_left"]
    pages = (("<int:pk>/columns/", "columns"), ("<int:pk>/rest/<slug:extension>/", "rest"))
    list_select_related = ["neighbourhood"]
    ordering = ["-created_at", "-pk"]
    empty_sentence = gettext_lazy("No list yet. Bring one you keep in a spreadsheet.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_change(self, user: User, obj: ListImport | None = None) -> bool:
        return self.may_see(user)

    def scope(self, user: User) -> QuerySet[ListImport]:
        return ListImport.objects.filter(neighbourhood__in=rules.own_neighbourhoods(user)).defer("sealed", "sealed_rest")

    # --- Coming -----------------------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The file comes, is read and sealed; nobody is written yet."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
        if request.method == "POST" and form.is_valid():
            typed, file = form.cleaned_data, form.cleaned_data["file"]
            how = {"source": typed["source"], "key": typed["key"], "actor": request.user}
            try:
                brought = lists.upload(file.read(), file.name, typed["neighbourhood"], **how)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                return redirect(self.address("columns", brought.pk))
        return self._page(request, "admin/list_upload.html", title=_("Bring a list of people"), form=form)

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What each column is, as recognised, to be corrected."""
        brought = self.one(request, pk)
        layout = lists.layout_of(brought)
        rows = lists.first_rows(brought, layout.heading + SAMPLE)
        if not rows:
            return redirect(self.address("change", pk))
        samples = [[row[number] for row in rows[-SAMPLE - 1 :] if number < len(row)] for number in range(len(layout.fields))]
        form = ColumnsForm(request.POST or None, layout=layout, samples=samples)
        if request.method == "POST" and form.is_valid():
            try:
                lists.set_layout(brought, form.layout())
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                return redirect(self.address("change", pk))
        self.note_reading(request, [pk])
        return self._page(request, "admin/list_columns.html", title=_("What the columns are"), form=form, brought=brought)

    # --- Looking through, and the end -------------------------------------------------------------------------------

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Before the end: what becomes of the rows, and the buttons. Afterwards: what became of them."""
        brought = self.one(request, int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0)
        if request.method == "POST":
            return self._act(request, brought)
        if brought.status != ListImport.Status.UPLOADED:
            self.note_reading(request, [brought.pk])
            return self._page(request, "admin/list_result.html", title=str(brought), brought=brought, until=self._kept_until(brought))
        return self._preview(request, brought)

    def _preview(self, request: HttpRequest, brought: ListImport) -> HttpResponse:
        seen = lists.judged(brought, visible_people(request.user))
        kinds = [(kind, label, len(seen.of_kind(kind))) for kind, label in self._kinds()]
        asked = request.GET.get("show", "")
        shown = asked if asked in {kind for kind, _label in self._kinds()} else list_judging.Kind.GOOD
        page = Paginator(seen.of_kind(shown), PER_PAGE).get_page(request.GET.get("page"))
        known = {verdict.twin.person for verdict in page if verdict.twin and verdict.twin.person}
        self.note_reading(request, [brought.pk])
        if known:
            access_log.record(AccessLog.Action.READ, "participants.person", actor=request.user, ids=known, row_count=len(known))
        rows = [{"verdict": verdict, "cells": " · ".join(filter(None, seen.rows[verdict.number - 1]))} for verdict in page]
        context = {
            "brought": brought, "seen": seen, "kinds": kinds, "shown": shown, "page": page, "rows": rows,
            "taken": len(seen.taken), "named": seen.layout.names_somebody,
        }  # fmt: skip
        return self._page(request, "admin/list_preview.html", title=str(brought), **context)

    def _act(self, request: HttpRequest, brought: ListImport) -> HttpResponse:
        """Take, give up, or keep what was chosen on this page of doubles."""
        act, back = request.POST.get("act"), request.get_full_path()
        try:
            if act == "take":
                brought = lists.take(brought, visible_people(request.user), actor=request.user)
                said = ngettext("%(count)s person is here now.", "%(count)s people are here now.", brought.rows_taken)
                messages.success(request, said % {"count": brought.rows_taken})
                back = self.address("change", brought.pk)
            elif act == "drop":
                lists.drop(brought, actor=request.user)
                messages.success(request, _("The list is given up, and its rows are wiped."))
                back = self.address("change", brought.pk)
            elif act == "choose":
                shown, chosen = (_numbers(request, name) for name in ("shown", "chosen"))
                lists.choose(brought, shown, chosen)
                messages.success(request, _("Saved."))
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(back)

    def _kinds(self) -> list[tuple[str, str]]:
        kinds = list_judging.Kind
        return [(kinds.GOOD, _("to be taken")), (kinds.DOUBLE, _("perhaps here already")), (kinds.ERROR, _("cannot be taken"))]

    def _kept_until(self, brought: ListImport) -> Any:
        has_rest = ListImport.objects.filter(pk=brought.pk, sealed_rest__isnull=False).exists()
        return brought.settled_at + lists.KEPT if has_rest and brought.settled_at else None

    # --- What was not taken -----------------------------------------------------------------------------------------

    def rest(self, request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
        """The rows that were not taken, as a file; logged as every file with people in it."""
        brought = self.one(request, pk)
        rows = lists.left_out(brought)
        if extension not in FILES or not rows:
            raise Http404
        file_type = FILES[extension]
        file, count = sheets.make_file(_table(brought, rows), file_type)
        name = f"nie-przejete_{brought.pk}_stan-{timezone.localdate().isoformat()}.{extension}"
        detail = {"file": name, "rest": True}
        try:
            access_log.record(AccessLog.Action.EXPORT, lists.SUBJECT, actor=request.user, ids=[pk], row_count=count, detail=detail)
        except BaseException:
            file.close()
            raise
        return FileResponse(file, as_attachment=True, filename=name, content_type=file_type.content_type)

    # --- Inside -----------------------------------------------------------------------------------------------------

    def _page(self, request: HttpRequest, template: str, **values: Any) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, **values})


def _numbers(request: HttpRequest, name: str) -> set[int]:
    return {int(number) for number in request.POST.getlist(name) if number.isdecimal() and len(number) < 10}


def _table(brought: ListImport, rows: list[lists.LeftOut]) -> Table:
    """The row's number in the file, why it was not taken, and the row as it was."""
    named = lists.headings(brought)
    width = max(len(row.cells) for row in rows)
    named += [""] * (width - len(named))
    columns = [Column("row", _("Row in the file"), Kind.INTEGER), Column("why", _("Why it was not taken"))]
    columns += [Column(f"cell{number}", named[number].strip() or letter_of(number)) for number in range(width)]
    lines = ((row.number, row.why, *row.cells, *[""] * (width - len(row.cells))) for row in rows)
    return Table(_("Rows that were not taken"), tuple(columns), lines)
