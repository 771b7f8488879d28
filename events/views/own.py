"""„Moje zapisy”: the link by mail, one sign-up by its code, and everything under one mailbox behind the mailed link."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.sheets import EXCEL_CSV, make_file
from events import links, own_data, own_links
from events.domain import overlaps, own, places, queue, series, sign_up
from events.domain.own import Holder
from events.forms import CodeForm, LinkForm
from events.forms.corrections import CorrectionForm
from events.models import Registration, Seat
from events.views.mailed import behind
from participants.domain.consents import scope_names
from participants.domain.people import person_of
from participants.links import consents_path
from participants.models import Consent
from projects.domain import ideas

# Of the initiatives under one mailbox so many are listed, the newest first.
INITIATIVES_SHOWN = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registrations_link(request: HttpRequest) -> HttpResponse:
    """„Moje zapisy”: ask for the link by mail, or open one sign-up by its code."""
    asked = request.method == "POST" and request.POST.get("act")
    link_form = LinkForm(request.POST if asked == "link" else None, prefix="link")
    code_form = CodeForm(request.POST if asked == "code" else None, prefix="code")
    try:
        if asked:
            throttle.count_visitor("my_sign_ups", request, 60)
        if asked == "link" and link_form.is_valid():
            own.send_links(link_form.cleaned_data["email"])
            return redirect("registrations_link_sent")
        if asked == "code" and code_form.is_valid():
            throttle.count("code", code_form.cleaned_data["contact"], 10)
            found = sign_up.by_code(code_form.cleaned_data["code"], code_form.cleaned_data["contact"])
            return redirect("registration", links.token(found))
    except RuleBroken as broken:
        broken.show_in(code_form if asked == "code" else link_form)
        status = 429 if broken.code == "throttled" else 200
        return render(request, "events/registrations_link.html", {"link_form": link_form, "code_form": code_form}, status=status)
    return render(request, "events/registrations_link.html", {"link_form": link_form, "code_form": code_form})


@require_safe
def registrations_link_sent(request: HttpRequest) -> HttpResponse:
    """The same words whether or not the address is known."""
    return render(request, "events/registrations_link_sent.html")


# --- Everything under one mailbox ----------------------------------------------------------------------------------------


@behind(own_links.email_of, expired="events/own_expired.html")
def own_overview(request: HttpRequest, email: str, token: str) -> HttpResponse:
    """All sign-ups and data of a mailbox: GET shows, POST confirms, cancels, corrects (mail scanners follow links)."""
    now = timezone.now()
    found = own.holders(email, now)
    context: dict[str, Any] = {"email": email, "token": token, "now": now, "until": own_links.ends_at(token)}
    status = 200
    if request.method == "POST":
        try:
            wrong = _act(request.POST, found)
            if wrong is None:
                return redirect(request.path)
            context["form"] = wrong
        except RuleBroken as broken:
            context["refusal"], status = broken.message, 409
            found = own.holders(email, now)
    context["holders"] = _shown(found, context.get("form"), now)
    context["initiatives"] = ideas.of_mailbox(email)[:INITIATIVES_SHOWN]
    return render(request, "events/own_overview.html", context, status=status)


@require_safe
@behind(own_links.email_of, expired="events/own_expired.html")
def own_data_file(request: HttpRequest, email: str, token: str, extension: str) -> HttpResponseBase:
    """What the overview shows, to take away (GDPR-10): JSON for machines, CSV for a spreadsheet."""
    now = timezone.now()
    found = own.holders(email, now)
    positions = queue.positions(_live(found, now))
    name = f"moje-zapisy_{timezone.localdate(now).isoformat()}.{extension}"
    if extension == "json":
        content = json.dumps(own_data.as_json(email, found, positions), ensure_ascii=False, indent=2)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type="application/json; charset=utf-8", headers=headers)
    file, _count = make_file(own_data.as_table(found, positions), EXCEL_CSV)
    return FileResponse(file, as_attachment=True, filename=name, content_type=EXCEL_CSV.content_type)


def _act(sent: QueryDict, found: Sequence[Holder]) -> CorrectionForm | None:
    """Do what a button asked for; a form with mistakes comes back. What is not the mailbox's own is not found.

    Raises RuleBroken as the verbs do.
    """
    act = sent.get("act", "")
    if act in ("confirm", "cancel"):
        mine = (one for holder in found for one in holder.registrations if str(one.pk) == sent.get("registration"))
        registration = _or_404(next(mine, None))
        if act == "confirm":
            series.confirm_all(registration)
        else:
            places.cancel(registration)
        return None
    holder = _or_404(next((one for one in found if one.editable and str(one.person.pk) == sent.get("person")), None))
    if act == "correct":
        form = CorrectionForm(sent, holder=holder)
        if not form.is_valid():
            return form
        typed = form.cleaned_data
        own.correct(holder.people, name=typed["name"], phone=typed["phone"], language=typed["language"])
    elif act == "calendar":
        own.renew_calendar(holder.people)
    elif act == "calendar_off":
        own.end_calendar(holder.people)
    elif act == "withdraw":
        purpose, _colon, scope = sent.get("consent", "").partition(":")
        own.withdraw(holder, purpose, scope)
    return None


def _or_404(found: Any) -> Any:
    if found is None:
        raise Http404
    return found


def _live(found: Sequence[Holder], now: datetime) -> list[Registration]:
    return [one for holder in found for one in holder.registrations if is_coming(one, now)]


def _shown(found: Sequence[Holder], wrong: CorrectionForm | None, now: datetime) -> list[dict[str, Any]]:
    """One section a name: the sign-ups to come, those that were, the data and the calendar's address."""
    live = _live(found, now)
    positions, clashes = queue.positions(live), overlaps.among(live)
    agreed = [consent for one in found for consent in one.consents]
    scopes = {consent.scope for consent in agreed}
    names = {purpose: scope_names(purpose, scopes) for purpose in {consent.text.purpose for consent in agreed}}
    sections = []
    for holder in found:
        form = wrong if wrong is not None and wrong.prefix == f"person-{holder.person.pk}" else CorrectionForm(None, holder=holder)
        mine = [one for one in holder.registrations if is_coming(one, now)]
        sections.append({
            "holder": holder,
            "coming": [own_row(one, positions.get(one.pk), now, clashes.get(one.pk, ())) for one in mine],
            "others": [one for one in reversed(holder.registrations) if not is_coming(one, now)],
            "consents": [{"consent": consent, "name": _consent_name(consent, names)} for consent in holder.agreed()],
            "form": form,
            "calendar_url": calendar_url(holder.person),
            "consents_url": consents_path(holder.person),
        })  # fmt: skip
    return sections


def _consent_name(consent: Consent, names: Mapping[str, Mapping[str, str]]) -> str:
    """What the consent is for, and for which list or event when there are several."""
    scope = names[consent.text.purpose].get(consent.scope, consent.scope)
    return ": ".join(filter(None, [str(consent.text.get_purpose_display()), scope]))


# --- One's own account ---------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_calendar_address(request: HttpRequest) -> HttpResponse:
    """Make, renew or take away the calendar's address of the account; whoever comes by a link goes to my page."""
    act = request.POST.get("act") if request.method == "POST" else ""
    if act == "calendar":
        own.renew_calendar([person_of(request.user)])
    elif act == "calendar_off":
        own.end_calendar([person_of(request.user)])
    return redirect(reverse("my_page") + "#calendar")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_claim(request: HttpRequest) -> HttpResponse:
    """Take over the chosen name's sign-ups; refuses in words what is not under a verified e-mail of the account."""
    if request.method == "POST":
        chosen = {int(number) for number in request.POST.getlist("person") if number.isdecimal() and len(number) < 19}
        own.claim(request.user, chosen)
    return redirect("my_page")


# --- A line of one's own sign-ups ----------------------------------------------------------------------------------------


def is_coming(registration: Registration, now: datetime) -> bool:
    return registration.closed_at is None and not registration.event.is_over(now)


def own_row(registration: Registration, position: int | None, now: datetime, clashes: Sequence[Registration] = ()) -> dict[str, Any]:
    """What a line of „my sign-ups” says: how many places of each state, till when they are held, the turn in the queue."""
    seats = [seat for seat in registration.seats.all() if seat.is_live]
    held = [seat for seat in seats if seat.status == Seat.Status.HELD and seat.held_until and seat.held_until > now]
    by_mail = [seat for seat in held if seat.held_for == Seat.HeldFor.VERIFICATION]
    return {
        "registration": registration,
        "event": registration.event,
        "seats": seats,
        "url": links.registration_url(registration).removeprefix(settings.SITE_URL),
        "confirmed": sum(seat.status == Seat.Status.CONFIRMED for seat in seats),
        "waiting": sum(seat.status == Seat.Status.WAITING for seat in seats),
        "held": len(held),
        "expired": sum(seat.status == Seat.Status.HELD for seat in seats) - len(held),
        "until": min((seat.held_until for seat in held if seat.held_until), default=None),
        "offered": any(seat.held_for == Seat.HeldFor.OFFER for seat in held),
        "to_confirm": bool(by_mail) and bool(registration.person.email),
        "position": position,
        "clashes": clashes,
    }


def calendar_url(person: Any) -> str:
    """The full address of somebody's own calendar; empty while there is none."""
    return settings.SITE_URL + reverse("own_calendar", args=[person.calendar_key]) if person and person.calendar_key else ""
