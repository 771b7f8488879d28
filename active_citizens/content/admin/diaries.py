"""Diaries of initiatives in the panel: what authors wrote waits for a look; the team writes too, and hides what must go."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from active_citizens.content.domain import diary
from active_citizens.content.forms import DiaryForm
from active_citizens.content.models import DiaryEntry
from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin


class DiaryFilter(admin.SimpleListFilter):
    """What waits for a look comes first in the team's mind."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("to be looked at")), ("shown", _("shown")), ("hidden", _("hidden"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found = {"waiting": queryset.waiting, "shown": queryset.shown, "hidden": lambda: queryset.filter(hidden_at__isnull=False)}
        return found.get(self.value() or "", lambda: queryset)()


@admin.register(DiaryEntry)
class DiaryAdmin(RuledAdmin):
    """Entries are read and shown or hidden; nobody rewrites what residents said."""

    list_display = ["initiative", "on", "text_shown", "state"]
    list_filter = [DiaryFilter]
    list_select_related = ["initiative"]
    change_form_template = "admin/diary_entry.html"
    pages = (("<int:pk>/show/", "show"), ("<int:pk>/hide/", "hide"), ("write/<int:pk>/", "write"))
    empty_sentence = gettext_lazy("Nothing stands in any diary yet.")
    fields = ["initiative", "on", "text"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """From the page of the initiative alone."""
        return False

    def may_change(self, user: User, obj: DiaryEntry | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[DiaryEntry]:
        own = rules.manageable_initiatives(user).values("pk")
        return DiaryEntry.objects.filter(initiative__in=own).select_related("initiative", "author")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-on", "-pk"]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        entry = self.get_object(request, object_id)
        context = {"photos": list(entry.photos.order_by("pk")) if entry else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def show(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let everybody read it."""
        entry = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            diary.show(entry)
            return self.address("change", pk), _("Everybody can read it now.")

        sentence = _("Look at the text and at each photo: no names, and nobody recognisable without consent.")
        return self.confirm(request, entry, verb, title=_("Show the entry"), button=_("Show"), sentence=sentence)

    def hide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it off the page."""
        entry = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            diary.hide(entry)
            return self.address("change", pk), _("Hidden: nobody reads it any more.")

        sentence = _("The entry disappears from the page at once. Its photos stay in the library: hide them there if they must go.")
        return self.confirm(request, entry, verb, title=_("Hide the entry"), button=_("Hide"), sentence=sentence)

    def write(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A day written by the team, for an initiative it runs."""
        initiative = get_object_or_404(rules.manageable_initiatives(request.user), pk=pk)
        form = DiaryForm(request.POST or None, request.FILES or None, by_team=True)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            entry = diary.write(
                initiative, typed["text"], on=typed["on"], lang=get_language() or "pl", pictures=form.pictures(), author=request.user,
                key=typed["key"],
            )  # fmt: skip
            return self.address("change", entry.pk), _("Everybody can read it now.")

        back = reverse("admin:projects_initiative_change", args=[pk])
        sentence = _("What the team writes is public at once.")
        return self.step(
            request, initiative, form, verb, title=_("Write in the diary"), button=_("Write down"), sentence=sentence, back=back
        )

    @admin.display(description=gettext_lazy("text"))
    def text_shown(self, entry: DiaryEntry) -> str:
        return Truncator(entry.text).chars(80)

    @admin.display(description=gettext_lazy("state"))
    def state(self, entry: DiaryEntry) -> str:
        if entry.hidden_at:
            return _("hidden")
        return _("shown") if entry.shown_at else _("to be looked at")
