"""The list at the door: ticked on a phone with or without scripts, walk-ins, heads counted. For whoever runs the event, and its helpers."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import plain
from events.domain import attendance, noting
from events.domain import heads as counts
from events.domain.attendance import Tick
from events.forms import HeadsForm, WalkInForm
from events.models import Event, HeadCount, Seat
from events.rules import may_manage_event, may_note_attendance
from participants.domain import access_log
from participants.models import AccessLog, Notice

# A phone sends what it noted in batches; a larger one was not made by our page.
MOST_TICKS = 500
# What fits into the key of a row; the database refuses to compare with more.
LARGEST_KEY = 2**63 - 1
Status = Seat.Status
# What can be noted: the value, the word on the button, and what it says to those who hear it.
CHOICES = (
    (Seat.Attendance.CAME, pgettext_lazy("at the door", "Here"), ""),
    (Seat.Attendance.EXCUSED, pgettext_lazy("at the door", "Exc."), Seat.Attendance.EXCUSED.label),
    (Seat.Attendance.ABSENT, pgettext_lazy("at the door", "Not here"), ""),
    (Seat.Attendance.UNKNOWN, "–", Seat.Attendance.UNKNOWN.label),
)


def door(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody with a place in the order of names, each with what was noted; POST saves the whole form at once."""
    event = _event(request, pk)
    if request.method == "POST":
        return _save_form(request, event)
    runs = may_manage_event(request.user, event)
    refusal = _refusal(event)
    seats = [] if refusal else list(_seats(event, Seat.LIVE if runs else [Status.CONFIRMED]))
    _note_reading(request, event, seats)
    certain = [seat for seat in seats if seat.status == Status.CONFIRMED]
    sought = request.GET.get("q", "")
    for seat in certain:
        seat.folded = plain(seat.name)
        seat.is_found = plain(sought.strip()) in seat.folded
    context = {
        **_frame(request, event), "title": _("At the door"), "refusal": refusal, "seats": certain, "sought": sought,
        "found": sum(seat.is_found for seat in certain), "waiting": [seat for seat in seats if seat.status != Status.CONFIRMED],
        "shown": " ".join(f"{seat.pk}={seat.attendance}" for seat in certain), "choices": CHOICES, "runs": runs,
        "heads": counts.heads_of(event), "walk_in": _walk_in_form(event), "notice": Notice.objects.current(Notice.Purpose.PHONE, "pl"),
    }  # fmt: skip
    return TemplateResponse(request, "admin/door.html", context)


def ticks(request: HttpRequest, pk: int) -> HttpResponse:
    """What is noted now (GET), and more ticks from a phone (POST): said for each whether it was written, or why it never will be."""
    event = _event(request, pk)
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    done: list[str] = []
    refused: list[dict[str, str]] = []
    if request.method == "POST":
        sent = _sent(request)
        if sent is None:
            return JsonResponse({"why": _("The page is out of date. Open it again.")}, status=400)
        told, from_paper = sent
        try:
            why = _note(request, event, told.values(), from_paper)
        except RuleBroken as broken:
            return JsonResponse({"why": str(broken)}, status=409)
        done = [name for name, tick in told.items() if tick.seat not in why]
        refused = [{"id": name, "why": why[tick.seat]} for name, tick in told.items() if tick.seat in why]
    return JsonResponse({"done": done, "refused": refused, **_state(request, event)})


def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody who came without signing up; a script is answered with the new line of the list."""
    event = _event(request, pk)
    if request.method != "POST":
        return redirect("admin:door", pk)
    form = _walk_in_form(event, request.POST)
    by_script = request.headers.get("Accept", "") == "application/json"
    seat, why = None, ""
    if form.is_valid():
        typed = form.cleaned_data
        try:
            seat = attendance.walk_in(
                event, typed["name"], typed["age_band"], key=typed["key"], from_paper=typed.get("from_paper", False),
                notice=Notice.objects.current(Notice.Purpose.PHONE, "pl"), actor=request.user,
            )  # fmt: skip
        except RuleBroken as broken:
            why = str(broken)
    else:
        why = " ".join(sentence for errors in form.errors.values() for sentence in errors)
    if by_script:
        if seat is None:
            return JsonResponse({"why": why}, status=409)
        seat.folded, seat.is_found = plain(seat.name), True
        row = render_to_string("admin/_door_row.html", {"seat": seat, "choices": CHOICES}, request)
        return JsonResponse({"row": row, "seat": seat.pk, "key": str(_walk_in_form(event)["key"].value()), **_state(request, event)})
    if seat is None:
        messages.error(request, why)
        return redirect("admin:door", pk)
    messages.success(request, _("Written down: %(name)s.") % {"name": seat.name})
    return redirect("admin:door", pk)


def heads(request: HttpRequest, pk: int) -> HttpResponse:
    """Heads without names: how people were reached, and by age and gender those who were there."""
    event = _event(request, pk)
    now = counts.heads_of(event)
    form = HeadsForm(request.POST if request.method == "POST" else None, counted=now.counted)
    if request.method == "POST" and form.is_valid():
        numbers = {dimension.value: form.numbers(dimension) for dimension in HeadCount.Dimension}
        try:
            counts.count_heads(event, actor=request.user, **numbers)
        except RuleBroken as broken:
            names = [field.name for field in form.of(broken.field or "")]
            form.add_error(names[0] if names else None, str(broken))
        else:
            messages.success(request, _("The counts are saved."))
            return redirect("admin:door_heads", pk)
    context = {
        **_frame(request, event), "title": _("Counted heads"), "heads": now, "form": form, "refusal": _refusal(event),
        "groups": [
            (dimension.label, form.of(dimension), now.counted.get(dimension, {}).get(HeadCount.NO_ANSWER))
            for dimension in HeadCount.Dimension
        ],
    }  # fmt: skip
    return TemplateResponse(request, "admin/door_heads.html", context)


# --- Who and what ----------------------------------------------------------------------------------------------------------


def _event(request: HttpRequest, pk: int) -> Event:
    """The event, for those who note its attendance; for everybody else it is not there."""
    event = Event.objects.exclude(status=Event.Status.DRAFT).select_related("project", "venue").filter(pk=pk).first()
    if event is None or not may_note_attendance(request.user, event):
        raise Http404
    return event


def _frame(request: HttpRequest, event: Event) -> dict[str, Any]:
    """What every page at the door stands in; a helper gets no menu, for there is nothing to open."""
    return {
        **admin.site.each_context(request),
        "event": event,
        "is_over": event.is_over(),
        "is_after": noting.is_after(event, timezone.now()),
    }


def _refusal(event: Event) -> str:
    """Why nothing can be noted now; empty when it can."""
    try:
        noting.check_time(event, timezone.now())
    except RuleBroken as broken:
        return str(broken)
    return ""


def _seats(event: Event, statuses: Iterable[str]) -> Iterable[Seat]:
    return event.seats.filter(status__in=statuses).select_related("registration").order_by("name_order", "pk")


def _note_reading(request: HttpRequest, event: Event, seats: Iterable[Seat]) -> None:
    shown = {seat.registration.person_id for seat in seats}
    if shown:
        access_log.record(
            AccessLog.Action.READ, "participants.person", actor=request.user, ids=shown, row_count=len(shown), detail={"event": event.pk}
        )


def _walk_in_form(event: Event, data: Any = None) -> WalkInForm:
    return WalkInForm(data, minors=event.open_to_minors, paper=event.is_over())


# --- Ticks -----------------------------------------------------------------------------------------------------------------


def _save_form(request: HttpRequest, event: Event) -> HttpResponse:
    """The plain form: what differs from what the page showed is a tick of now, so an old page undoes nobody's work."""
    now = timezone.now()
    told = []
    for shown in request.POST.get("shown", "").split():
        pk, _is, before = shown.partition("=")
        what = request.POST.get(f"seat-{pk}", before)
        if what != before and pk.isdecimal() and int(pk) <= LARGEST_KEY:
            told.append(Tick(int(pk), what, now))
    why = _note(request, event, told, "from_paper" in request.POST)
    for sentence in dict.fromkeys(why.values()):
        messages.error(request, sentence)
    if len(why) < len(told) or not told:
        messages.success(request, _("Saved."))
    return redirect("admin:door", event.pk)


def _note(request: HttpRequest, event: Event, told: Iterable[Tick], from_paper: bool) -> dict[int, str]:
    """Note what can be noted; for the seats that cannot, why. One bad tick keeps no good one back."""
    why: dict[int, str] = {}
    left = list(told)
    while left:
        try:
            attendance.mark(event, left, from_paper=from_paper, actor=request.user)
        except RuleBroken as broken:
            seats = broken.context.get("seats")
            if not seats:
                raise
            why |= dict.fromkeys(seats, str(broken))
            left = [tick for tick in left if tick.seat not in why]
        else:
            break
    return why


def _sent(request: HttpRequest) -> tuple[dict[str, Tick], bool] | None:
    """What a phone sent: ticks by their ids, and whether they come from paper; None when our page cannot have made it.

    Only how long ago a tick was made is taken from the phone, so a clock that is hours wrong does no harm.
    """
    now = timezone.now()
    try:
        sent = json.loads(request.body)
        clock = datetime.fromisoformat(sent["now"])
        told = {
            str(tick["id"]): Tick(int(tick["seat"]), str(tick["what"]), now - max(clock - datetime.fromisoformat(tick["at"]), timedelta()))
            for tick in sent["ticks"][:MOST_TICKS]
        }
        if any(not 0 < tick.seat <= LARGEST_KEY for tick in told.values()):
            return None
        return told, bool(sent.get("from_paper"))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _state(request: HttpRequest, event: Event) -> dict[str, Any]:
    """What stands for each seat, by number alone, and a token that holds after signing in again."""
    seats = event.seats.filter(status=Status.CONFIRMED).values_list("pk", "attendance")
    return {"seats": {str(pk): what for pk, what in seats}, "token": get_token(request)}
