"""When plans break: an event is called off or moved, people are told, and a sheet is hung on the venue's door."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from active_citizens.core.refusal import RuleBroken
from events.admin.forms import PlansForm
from events.domain import plans, rhythm
from events.models import Event, EventChange
from projects.admin.programme import venues_for
from projects.admin_base import RuledAdmin


class PlanPages(RuledAdmin):
    """The pages of EventAdmin for plans that break."""

    own_pages = (("plans", "plans"), ("cancel", "cancel"), ("door-sheet", "door_sheet"))

    def plans(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call the event off or move it, and see what was said last; the other date set in advance is filled in."""
        return self._change_plans(request, pk, "")

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same page at the address of old links, with calling off chosen."""
        return self._change_plans(request, pk, PlansForm.CANCEL)

    def _change_plans(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        event = self.one(request, pk)
        fallback = event.fallback_starts_at
        initial = {"what": what or (PlansForm.MOVE if fallback else ""), "starts_at": fallback}
        data = ({"what": what} if what else {}) | request.POST.dict() if request.method == "POST" else None
        form = PlansForm(data, initial=initial, venues=venues_for(request.user, event.venue))
        told = _whom(event)
        if request.method == "POST" and form.is_valid():
            try:
                _change(event, form.cleaned_data, request.user)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                self.log_change(request, event, _("Call off or move"))
                messages.success(request, _said(told))
                _warn_of_clashes(request, event.pk)
                return redirect(self.address("plans", pk))
        change = event.changes.select_related("venue_before", "actor").first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": event, "form": form, "told": told, "change": change, "title": _("Call off or move"),
            "may_change": event.is_published and not event.is_over(), "back": self.address("change", pk),
        }  # fmt: skip
        return TemplateResponse(request, "admin/move_event.html", context)

    def door_sheet(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One page in huge type for the venue's door; there is one only when plans have broken."""
        event = self.one(request, pk, to_change=False)
        change = event.changes.select_related("venue_before").first()
        if change is None:
            raise Http404
        context = {
            "event": event, "change": change, "back": self.address("plans", pk), "portal": settings.SITE_URL.partition("//")[2],
            "new_date": (change.starts_before, change.ends_before) != (event.starts_at, event.ends_at),
            "new_venue": change.kind == EventChange.Kind.MOVED and change.venue_before_id != event.venue_id,
        }  # fmt: skip
        return TemplateResponse(request, "admin/door_sheet.html", context)


def _change(event: Event, typed: dict[str, Any], actor: Any) -> None:
    if typed["what"] == PlansForm.CANCEL:
        plans.cancel_event(event, typed["reason"], actor=actor)
        return
    starts_at, ends_at = typed["starts_at"] or event.starts_at, typed["ends_at"]
    plans.reschedule_event(event, starts_at=starts_at, ends_at=ends_at, venue=typed["venue"], reason=typed["reason"], actor=actor)


def _warn_of_clashes(request: HttpRequest, pk: int) -> None:
    """Say what else is at the venue at the new time: moving there is allowed, not noticing is not."""
    event = Event.objects.get(pk=pk)
    (found,) = rhythm.clashes([(event.starts_at, event.ends_at, event.venue_id)])
    others = ", ".join(str(other) for other in found if other.pk != pk and event.is_published)
    if others:
        messages.warning(request, _("At the same place and time: %(events)s") % {"events": others})


def _whom(event: Event) -> dict[str, int]:
    """How many contacts learn of it by mail, how many by phone, and how many nobody can reach."""
    no_mail = Q(person__email="")
    return event.registrations.live().aggregate(
        by_mail=Count("pk", filter=~no_mail),
        by_phone=Count("pk", filter=no_mail & ~Q(person__phone="")),
        by_nobody=Count("pk", filter=no_mail & Q(person__phone="")),
    )


def _said(told: dict[str, int]) -> str:
    """The message after it: who is being told, and the way to the calls that are left."""
    if not any(told.values()):
        return _("Nobody is signed up, so there is nobody to tell; the event’s page says it.")
    mails = ngettext("%(count)s person is told by mail.", "%(count)s people are told by mail.", told["by_mail"]) % {
        "count": told["by_mail"]
    }
    if not told["by_phone"]:
        return mails
    calls = ngettext("%(count)s person waits for a call.", "%(count)s people wait for a call.", told["by_phone"])
    address = reverse("admin:projects_calltask_changelist")
    return format_html('{} <a href="{}">{}</a>', mails, address, calls % {"count": told["by_phone"]})
