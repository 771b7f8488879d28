"""Papers for the board, the stairwell and the table at the door."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.admin.sign_ups import SignUpPages
from events.models import Event
from events.papers import attendance
from events.papers.kinds import KINDS
from events.views.papers import LARGE, as_file, asked_language
from projects import rules

ATTENDANCE = "lista-obecnosci"
# This month and the two after it.
MONTHS = 3


class PaperPages(SignUpPages):
    """The pages of EventAdmin from which something is printed."""

    own_pages = (("papers", "papers"),)

    def papers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every paper of the event in words, each as a file in three languages."""
        event = self.one(request, pk)
        draft = event.status == Event.Status.DRAFT
        kinds = [] if draft else [{"address": address, "label": kind.label, "about": kind.about} for address, kind in KINDS.items()]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "draft": draft, "kinds": kinds, "attendance": ATTENDANCE, "languages": _languages(),
            "months": _months(event.neighbourhoods.all(), timezone.localdate(event.starts_at), 1), "title": _("Papers"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/papers.html", context)

    def paper(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """One paper as a file. A poster of a draft is refused: its code would lead nowhere. Raises RuleBroken ``draft``."""
        event = self.one(request, pk)
        language = asked_language(request)
        if kind == ATTENDANCE:
            seats = attendance.confirmed(event)
            self.note_people(request, event, [seat.registration.person_id for seat in seats])
            made = attendance.attendance_list(event, seats, language)
        elif kind not in KINDS:
            raise Http404
        elif event.status == Event.Status.DRAFT:
            raise RuleBroken("draft", _("Publish the event first: the code on the paper would lead nowhere."))
        else:
            made = KINDS[kind].make(event, language)
        response = as_file(made, made.file())
        add_never_cache_headers(response)
        return response

    def month_papers(self, request: HttpRequest) -> HttpResponse:
        """The months of one's own neighbourhoods, to be hung on their boards."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = rules.own_neighbourhoods(request.user).filter(is_published=True).in_order()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "months": _months(own, timezone.localdate(), MONTHS), "languages": _languages(),
            "title": _("Notices of the month"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/month_papers.html", context)


def _languages() -> list[dict[str, str]]:
    return [{"code": code, "name": get_language_info(code)["name_local"]} for code, _name in settings.LANGUAGES]


def _months(places: Any, day: date, count: int) -> list[dict[str, Any]]:
    """For every place and every month from the day's on: the place, the first day, and the names in the addresses."""
    first = day.replace(day=1)
    firsts = [date(first.year + (first.month - 1 + ahead) // 12, (first.month - 1 + ahead) % 12 + 1, 1) for ahead in range(count)]
    kinds = [{"address": "wydarzenia", "label": _("A4")}, {"address": LARGE, "label": _("in large print")}]
    return [{"place": place, "first": first, "kinds": kinds} for place in places for first in firsts]
