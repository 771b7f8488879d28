"""A table of the panel taken out as a file: what for is asked, the log tells of it before it leaves (REP-05, SEC-01)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core import sheets
from active_citizens.core.tables import Table
from participants.domain import access_log
from participants.models import AccessLog, User

FILE_TYPES = {"xlsx": sheets.XLSX, "csv": sheets.EXCEL_CSV}


class ExportForm(forms.Form):
    purpose = forms.CharField(
        label=_("What is the file for?"), max_length=300, help_text=_("It is noted in the log of exports, together with your name.")
    )
    kind = forms.ChoiceField(
        label=_("Kind of file"), choices=[("xlsx", _("Excel (XLSX)")), ("csv", _("CSV for Excel"))], widget=forms.RadioSelect,
        initial="xlsx",
    )  # fmt: skip


def file_of(table: Table, form: ExportForm, name: str, *, actor: User, ids: Iterable[int], detail: dict[str, Any]) -> FileResponse:
    """The table as the chosen kind of file, logged with its rows and its purpose; the form is one without errors."""
    file_type, purpose = FILE_TYPES[form.cleaned_data["kind"]], form.cleaned_data["purpose"]
    file, row_count = sheets.make_file(table, file_type)
    called = f"{name}_stan-{timezone.localdate().isoformat()}.{file_type.extension}"
    try:
        access_log.record(
            AccessLog.Action.EXPORT, name, actor=actor, ids=ids, purpose=purpose, row_count=row_count, detail={**detail, "file": called}
        )
    except BaseException:
        file.close()
        raise
    headers = {"Content-Encoding": "identity"}
    return FileResponse(file, as_attachment=True, filename=called, content_type=file_type.content_type, headers=headers)
