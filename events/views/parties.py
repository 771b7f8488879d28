"""Who is coming: people added to a sign-up, taken out, corrected; behind the same mailed link."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import members, places
from events.forms import AddForm, HeadForm
from events.models import Registration, Seat
from events.views.mailed import behind


@behind(links.registration_of)
def party(request: HttpRequest, found: Registration, token: str) -> HttpResponse:
    """The people of one sign-up, each with a form of their own; what was typed stays whatever is refused."""
    now = timezone.now()
    seats = [seat for seat in found.seats.all() if seat.is_live]
    add, rows = _forms(request, found, seats)
    refusal = ""
    if request.method == "POST":
        try:
            if _act(request, found, seats, add, dict(rows)):
                return redirect(request.path)
        except RuleBroken as broken:
            refusal = broken.message
    context = {
        "registration": found, "event": found.event, "token": token, "rows": rows, "add": add, "refusal": refusal, "now": now,
        "may_change": found.closed_at is None and not found.event.is_cancelled and not found.event.is_over(now),
    }  # fmt: skip
    return render(request, "events/party.html", context, status=409 if refusal else 200)


def _forms(request: HttpRequest, found: Registration, seats: list[Seat]) -> tuple[AddForm, list[tuple[Seat, HeadForm]]]:
    """The form to add somebody, and one per person; only the one that was sent holds what was typed."""
    with_age, act = found.event.open_to_minors and found.guardian_id is None, request.POST.get("act", "")
    rows = [
        (
            seat,
            HeadForm(
                request.POST if act == f"change:{seat.pk}" else None,
                prefix=f"seat-{seat.pk}",
                initial={"name": seat.name, "age": seat.age_band},
                with_age=with_age,
            ),
        )
        for seat in seats
    ]
    return AddForm(request.POST if act == "add" else None, prefix="add", with_age=with_age), rows


def _act(request: HttpRequest, found: Registration, seats: list[Seat], add: AddForm, rows: dict[Seat, HeadForm]) -> bool:
    """Do what the pressed button says; whether there is nothing left to correct."""
    act, _colon, number = request.POST.get("act", "").partition(":")
    chosen: Any = next((seat for seat in seats if str(seat.pk) == number), None)
    if act == "add":
        if not add.is_valid():
            return False
        members.add_heads(found, [add.head()], key=add.cleaned_data["key"])
    elif act == "together":
        members.stay_together(found, request.POST.get("together") != "no")
    elif act == "remove" and chosen is not None:
        places.cancel(found, seats=[chosen])
    elif act == "change" and chosen is not None:
        if not rows[chosen].is_valid():
            return False
        members.change_head(chosen, rows[chosen].head())
    return True
