"""Signing up, its answer, and one sign-up behind its mailed link."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.moments import kept
from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import places, sign_up
from events.forms import SignUpForm
from events.models import Event, Registration, Seat
from events.views.events import own_registration, shown
from participants.models import Notice

# Refusals that close the form: the page says them in its own words, as it does to whoever opens it now.
SAYS_THE_PAGE = frozenset({"cancelled", "over", "closed", "not_open_yet", "no_sign_up"})


def _again(event: Event) -> Event:
    """The event as it stands now, with all the page around a form shows."""
    return shown(timezone.now()).get(pk=event.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def event_sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """The sign-up form, with an account or without; what was typed is kept whatever is refused."""
    now = timezone.now()
    # A form sent needs to know that the event is there; the page around the form needs how it stands.
    events = shown(now) if request.method == "GET" else Event.objects.published().only("slug")
    event = get_object_or_404(events, slug=slug)
    user = request.user if request.user.is_authenticated else None
    language = translation.get_language() or "pl"
    notice = kept(f"notice:{language}", lambda: Notice.objects.current(Notice.Purpose.SIGN_UP, language))
    form = SignUpForm(request.POST or None, user=user)
    context = {"event": event, "form": form, "notice": notice, "now": now, "hold_hours": settings.HOLD_HOURS}
    if user is not None and request.method == "GET":
        context["own"] = own_registration(event, user)
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count("sign_up", throttle.client_address(request, settings.TRUSTED_PROXIES), settings.SIGN_UPS_PER_ADDRESS_PER_HOUR)
            return redirect(_sign_up(event, form, request, notice))
        except RuleBroken as broken:
            if broken.code in SAYS_THE_PAGE:
                return render(
                    request, "events/event_sign_up.html", {**context, "form": SignUpForm(user=user), "event": _again(event)}, status=409
                )
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
            context["own"] = broken.context.get("registration") if user else None
            if broken.code == "throttled":
                return render(request, "events/event_sign_up.html", {**context, "event": _again(event)}, status=429)
    if request.method == "POST":
        context["event"] = _again(event)
    return render(request, "events/event_sign_up.html", context)


def _sign_up(event: Event, form: SignUpForm, request: HttpRequest, notice: Notice | None) -> str:
    """Call the verb and say where the answer stands."""
    typed = form.cleaned_data
    if request.user.is_authenticated:
        known = sign_up.Newcomer(typed["name"], phone=typed["phone"], home=typed["home"])
        registration = sign_up.sign_up_account(event, request.user, known, key=typed["key"], notice=notice)
        return links.registration_url(registration).removeprefix(settings.SITE_URL)
    language = translation.get_language() or "pl"
    newcomer = sign_up.Newcomer(typed["name"], typed["email"], typed["phone"], typed["home"], language)
    return sign_up.sign_up_newcomer(event, newcomer, key=typed["key"], notice=notice).url()


@never_cache
@require_safe
def receipt(request: HttpRequest, text: str) -> HttpResponse:
    """What the form answered, at an address of its own: reading it again changes nothing."""
    answer = links.receipt_of(text)
    event = get_object_or_404(shown(timezone.now()), pk=answer.event)
    until = datetime.fromisoformat(answer.until) if answer.until else None
    return render(request, "events/receipt.html", {"receipt": answer, "event": event, "until": until})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, text: str) -> HttpResponse:
    """One sign-up behind its mailed link: GET shows, POST confirms or cancels (mail scanners follow links)."""
    now = timezone.now()
    try:
        found = links.registration_of(text, now)
    except Http404:
        return render(request, "events/link_expired.html", status=404)
    if request.method == "POST":
        verbs = {"confirm": places.confirm, "cancel": places.cancel}
        verb = verbs.get(request.POST.get("act", ""))
        try:
            if verb is not None:
                verb(found)
            return redirect(request.path)
        except RuleBroken as broken:
            return render(request, "events/registration.html", {**_registration_context(found, now), "refusal": broken.message}, status=409)
    return render(request, "events/registration.html", _registration_context(found, now))


def _registration_context(found: Registration, now: datetime) -> dict[str, Any]:
    seats = list(found.seats.all())
    statuses = {seat.status for seat in seats}
    held = next((seat for seat in seats if seat.status == Seat.Status.HELD and seat.held_until and seat.held_until > now), None)
    settled = statuses & {Seat.Status.CONFIRMED, Seat.Status.WAITING}
    return {
        "registration": found,
        "event": found.event,
        "seats": seats,
        "now": now,
        "held": held,
        "confirmed": Seat.Status.CONFIRMED in statuses,
        "waiting": Seat.Status.WAITING in statuses,
        "lapsed": not held and not settled and bool(statuses & {Seat.Status.HELD, Seat.Status.LAPSED}),
        "unverified": found.person.verified_at is None and bool(found.person.email),
        "by_call": not found.person.email,
        "position": places.position(found) if Seat.Status.WAITING in statuses else None,
        "is_over": found.event.is_over(now),
        "own": True,
    }
