"""Signing up, its answer, and one sign-up behind its mailed link."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.moments import kept
from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import guardians, offers, places, queue, series, sign_up, story
from events.domain.overlaps import overlapping
from events.forms import SignUpForm
from events.models import Event, Registration, Seat
from events.models.events import EventQuerySet
from events.views.events import own_registration, shown
from events.views.mailed import behind, refusal_of
from participants.models import Notice
from projects.current import current_account

# Refusals that close the form: the page says them in its own words, as it does to whoever opens it now.
SAYS_THE_PAGE = frozenset({"cancelled", "over", "closed", "not_open_yet", "no_sign_up"})
# What the form's questions depend on.
FORM_NEEDS = ("slug", "open_to_minors", "project__phone_line", "series__whole")


def _again(event: Event) -> Event:
    """The event as it stands now, with all the page around a form shows."""
    return shown(timezone.now()).get(pk=event.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def event_sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """The sign-up form, with an account or without; what was typed is kept whatever is refused."""
    now = timezone.now()
    # A form sent needs to know what it asks; the page around the form needs how the event stands.
    asked = EventQuerySet(Event).published().select_related("series", "project").only(*FORM_NEEDS)
    event = get_object_or_404(shown(now) if request.method == "GET" else asked, slug=slug)
    user = current_account(request)
    language = translation.get_language() or "pl"
    notice = kept(f"notice:{language}", lambda: Notice.objects.current(Notice.Purpose.SIGN_UP, language))
    form = SignUpForm(request.POST or None, event=event, user=user)
    context = {"event": event, "form": form, "notice": notice, "now": now, "hold_hours": settings.HOLD_HOURS}
    if user is not None and request.method == "GET":
        context["own"] = own_registration(event, user)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count_visitor("sign_up", request, settings.SIGN_UPS_PER_ADDRESS_PER_HOUR)
            return redirect(_sign_up(event, form, request, notice))
        except RuleBroken as broken:
            status = _refused(broken, form)
            if status == 409:
                context["form"] = SignUpForm(event=event, user=user)
            context["own"] = broken.context.get("registration") if user else None
    if request.method == "POST":
        context["event"] = _again(event)
    return render(request, "events/event_sign_up.html", context, status=status)


def _refused(broken: RuleBroken, form: SignUpForm) -> int:
    """Put the rule's sentence where it belongs; the status of the answer."""
    if broken.code in SAYS_THE_PAGE:
        return 409
    broken.show_in(form)
    return 429 if broken.code == "throttled" else 200


def _sign_up(event: Event, form: SignUpForm, request: HttpRequest, notice: Notice | None) -> str:
    """Call the verb and say where the answer stands."""
    newcomer, party, wishes = form.newcomer(translation.get_language() or "pl"), form.party(), form.wishes()
    how = {"key": form.cleaned_data["key"], "notice": notice}
    if newcomer.guardian is not None:
        # Somebody else types the guardian's address: nobody may flood it with our questions.
        throttle.count("guardian", newcomer.guardian.email or newcomer.guardian.phone, settings.SIGN_UPS_PER_CONTACT_PER_HOUR)
    if request.user.is_authenticated:
        registration = sign_up.sign_up_account(event, request.user, newcomer, party, wishes, **how)
        return links.registration_url(registration).removeprefix(settings.SITE_URL)
    return sign_up.sign_up_newcomer(event, newcomer, party, wishes, **how).url()


@never_cache
@require_safe
def receipt(request: HttpRequest, text: str) -> HttpResponse:
    """What the form answered, at an address of its own: reading it again changes nothing."""
    answer = links.receipt_of(text)
    event = get_object_or_404(shown(timezone.now()), pk=answer.event)
    until = datetime.fromisoformat(answer.until) if answer.until else None
    return render(request, "events/receipt.html", {"receipt": answer, "event": event, "until": until})


@behind(links.registration_of)
def registration(request: HttpRequest, found: Registration, token: str) -> HttpResponse:
    """One sign-up behind its mailed link: GET shows, POST acts."""
    refusal = ""
    if request.method == "POST":
        verbs = {
            "confirm": series.confirm_all, "accept": offers.accept, "decline": offers.decline, "cancel": places.cancel,
            "cancel all": series.cancel_rest,
        }  # fmt: skip
        refusal = refusal_of(request, verbs, found)
        if not refusal:
            return redirect(request.path)
    context = {**standing_of(found, timezone.now()), "token": token, "refusal": refusal}
    return render(request, "events/registration.html", context, status=409 if refusal else 200)


def standing_of(found: Registration, now: datetime) -> dict[str, Any]:
    """How a sign-up stands, for its page: what is held and for what, the turn in the queue, the story so far."""
    seats = list(found.seats.all())
    event, statuses = found.event, {seat.status for seat in seats}
    held = next((seat for seat in seats if seat.status == Seat.Status.HELD and seat.held_until and seat.held_until > now), None)
    waiting, settled = Seat.Status.WAITING in statuses, statuses & {Seat.Status.CONFIRMED, Seat.Status.WAITING}
    last_hours = event.promotion == Event.Promotion.OFFER and event.offers_end_at() <= now < event.starts_at
    return {
        "registration": found,
        "event": event,
        "seats": seats,
        "live": [seat for seat in seats if seat.is_live],
        "now": now,
        "held": held,
        "offered": held is not None and held.held_for == Seat.HeldFor.OFFER,
        "guardian_asked": held is not None and held.held_for == Seat.HeldFor.GUARDIAN,
        "first_answer": waiting and not held and last_hours and places.free_places(event, now) != 0,
        "confirmed": Seat.Status.CONFIRMED in statuses,
        "waiting": waiting,
        "in_draw": waiting and event.waits_for_draw,
        "lapsed": not held and not settled and bool(statuses & {Seat.Status.HELD, Seat.Status.LAPSED}),
        "unverified": found.person.verified_at is None and bool(found.person.email),
        "by_call": not found.person.email,
        "position": queue.position(found) if waiting else None,
        "story": story.of(found),
        "overlaps": overlapping(found) if settled or held else [],
        "may_change": found.closed_at is None and not event.is_cancelled and not event.is_over(now),
        "is_over": event.is_over(now),
        "own": True,
    }


@behind(links.guarded_by)
def guardian(request: HttpRequest, found: Registration, token: str) -> HttpResponse:
    """The guardian of a young person is asked to agree: GET shows what it is about, POST answers."""
    refusal = ""
    if request.method == "POST":
        refusal = refusal_of(request, {"agree": series.agree_for_all, "refuse": guardians.refuse}, found)
        if not refusal:
            return redirect(request.path)
    now, event = timezone.now(), found.event
    context = {"registration": found, "event": event, "now": now, "is_over": event.is_over(now), "refusal": refusal}
    context["is_live"] = any(seat.is_live for seat in found.seats.all())
    return render(request, "events/guardian.html", context, status=409 if refusal else 200)
