"""Privacy notices and consent texts: versions are added; what has been published is never rewritten."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import ConsentText, Notice, User
from projects.admin_base import RuledAdmin


class VersionedTextAdmin(RuledAdmin):
    list_filter = ["purpose", "language"]

    def may_change(self, user: User, obj: Any = None) -> bool:
        """Residents were shown the published words; a correction is a new version."""
        return self.may_see(user) and (obj is None or obj.published_at is None)

    def may_delete(self, user: User, obj: Any) -> bool:
        return self.may_change(user, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "published_at":
            field.help_text = _("From this moment it is shown to residents and cannot be changed any more. Empty: a draft.")
        return field


@admin.register(Notice)
class NoticeAdmin(VersionedTextAdmin):
    list_display = ["title", "purpose", "language", "version", "published_at"]
    ordering = ["purpose", "language", "-version"]
    fields = ["purpose", "language", "version", "title", "summary", "body", "published_at"]


@admin.register(ConsentText)
class ConsentTextAdmin(VersionedTextAdmin):
    list_display = ["purpose", "language", "version", "published_at"]
    ordering = ["purpose", "language", "-version"]
    fields = ["purpose", "language", "version", "text", "published_at"]
