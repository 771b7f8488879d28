"""Public pages of events and sign-ups: fetch, form, verb, redirect."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.moments import kept
from active_citizens.core.refusal import RuleBroken
from events import calendars, links
from events.domain import places, sign_up
from events.forms import CodeForm, EventFilterForm, LinkForm, SignUpForm, this_month
from events.models import Event, Registration, Seat, StudyTrip
from participants.models import Notice
from projects.current import current_project
from projects.models import Project

PER_PAGE = 20
# Refusals that close the form: the page says them in its own words, as it does to whoever opens it now.
SAYS_THE_PAGE = frozenset({"cancelled", "over", "closed", "not_open_yet", "no_sign_up"})


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Upcoming events, soonest first; ``?when=past`` shows what was, latest first."""
    now = timezone.now()
    project = current_project(request)
    past = request.GET.get("when") == "past"
    every = Event.objects.published()
    events = every.past(now) if past else every.upcoming(now)
    starts = events.order_by().annotate(month=TruncMonth("starts_at")).values_list("month", flat=True).distinct()
    months = [month.date() for month in starts]
    form = EventFilterForm(request.GET, project=project, months=this_month(months))
    chosen = form.chosen()
    page = Paginator(_filtered(events, chosen, project).for_lists(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "past": past, "filtered": bool(chosen), "now": now, "project": project}
    return render(request, "events/event_list.html", context)


def _filtered(events: Any, chosen: dict[str, Any], project: Project | None) -> Any:
    if place := chosen.get("neighbourhood"):
        events = events.filter(neighbourhoods__slug=place)
    if stage := chosen.get("stage"):
        events = events.filter(stage__number=stage, stage__project=project)
    if kind := chosen.get("kind"):
        events = events.filter(kind=kind)
    if month := chosen.get("month"):
        events = events.between(*EventFilterForm.month_of(month))
    return events


@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    event = get_object_or_404(_shown(now).prefetch_related("organisations"), slug=slug)
    own = _own(event, request.user) if request.user.is_authenticated else None
    return render(request, "events/event_detail.html", {"event": event, "own": own, "now": now})


def _again(event: Event) -> Event:
    """The event as it stands now, with all the page around a form shows."""
    return _shown(timezone.now()).get(pk=event.pk)


def _own(event: Event, user: Any) -> Registration | None:
    """The account's live sign-up for the event."""
    return Registration.objects.live().filter(event=event, person__user=user).prefetch_related("seats").first()


def _shown(now: datetime) -> Any:
    return Event.objects.published().select_related("venue", "project", "stage").prefetch_related("neighbourhoods").with_places(now)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def event_sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """The sign-up form, with an account or without; what was typed is kept whatever is refused."""
    now = timezone.now()
    # A form sent needs to know that the event is there; the page around the form needs how it stands.
    events = _shown(now) if request.method == "GET" else Event.objects.published().only("slug")
    event = get_object_or_404(events, slug=slug)
    user = request.user if request.user.is_authenticated else None
    language = translation.get_language() or "pl"
    notice = kept(f"notice:{language}", lambda: Notice.objects.current(Notice.Purpose.SIGN_UP, language))
    form = SignUpForm(request.POST or None, user=user)
    context = {"event": event, "form": form, "notice": notice, "now": now, "hold_hours": settings.HOLD_HOURS}
    if user is not None and request.method == "GET":
        context["own"] = _own(event, user)
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
    event = get_object_or_404(_shown(timezone.now()), pk=answer.event)
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registrations_link(request: HttpRequest) -> HttpResponse:
    """„Moje zapisy”: ask for the link by mail, or open one sign-up by its code."""
    asked = request.method == "POST" and request.POST.get("act")
    link_form = LinkForm(request.POST if asked == "link" else None, prefix="link")
    code_form = CodeForm(request.POST if asked == "code" else None, prefix="code")
    try:
        if asked:
            throttle.count("my_sign_ups", throttle.client_address(request, settings.TRUSTED_PROXIES), 60)
        if asked == "link" and link_form.is_valid():
            sign_up.send_links(link_form.cleaned_data["email"])
            return redirect("registrations_link_sent")
        if asked == "code" and code_form.is_valid():
            throttle.count("code", code_form.cleaned_data["contact"], 10)
            found = sign_up.by_code(code_form.cleaned_data["code"], code_form.cleaned_data["contact"])
            return redirect("registration", links.token(found))
    except RuleBroken as broken:
        (code_form if asked == "code" else link_form).add_error(broken.field, str(broken))
        status = 429 if broken.code == "throttled" else 200
        return render(request, "events/registrations_link.html", {"link_form": link_form, "code_form": code_form}, status=status)
    return render(request, "events/registrations_link.html", {"link_form": link_form, "code_form": code_form})


@require_safe
def registrations_link_sent(request: HttpRequest) -> HttpResponse:
    """The same words whether or not the address is known."""
    return render(request, "events/registrations_link_sent.html")


@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.published().select_related("venue"), slug=slug)
    return _calendar_file([event], event.title, f"{event.slug}.ics")


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Every upcoming event, for a calendar that subscribes."""
    events = Event.objects.published().upcoming().select_related("venue")
    return _calendar_file(events, _("Neighbourhood events"), "wydarzenia.ics")


def _calendar_file(events: Any, title: str, name: str) -> HttpResponse:
    response = HttpResponse(calendars.calendar(events, title), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_safe
def trip_list(request: HttpRequest) -> HttpResponse:
    trips = StudyTrip.objects.published().select_related("project").order_by("-project__starts_on", "pk")
    return render(request, "events/trip_list.html", {"trips": trips})


@require_safe
def trip_detail(request: HttpRequest, slug: str) -> HttpResponse:
    trip = get_object_or_404(StudyTrip.objects.published().select_related("project"), slug=slug)
    return render(request, "events/trip_detail.html", {"trip": trip})
