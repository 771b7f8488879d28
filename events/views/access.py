"""What somebody needs in order to take part, behind the mailed link of the sign-up."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import access
from events.forms.access import AccessForm
from events.models import AccessRequest, Registration
from events.views.mailed import behind
from participants.domain import consents


@behind(links.registration_of)
def access_request(request: HttpRequest, registration: Registration, token: str) -> HttpResponse:
    """GET shows the request or the form for it; POST asks, changes, takes back, or erases the reason alone."""
    now = timezone.now()
    asked = access.request_of(registration)
    act = request.POST.get("act")
    if act in ("withdraw", "forget"):
        if asked is not None:
            (access.withdraw if act == "withdraw" else access.forget_reason)(asked)
        return redirect(request.path)
    consent_text = consents.current_text(access.PURPOSE, translation.get_language() or "pl")
    form = AccessForm(request.POST or None, asked=asked, text=consent_text)
    if request.method == "POST" and form.is_valid():
        try:
            _send(registration, asked, form)
            return redirect(request.path)
        except RuleBroken as broken:
            broken.show_in(form)
    event = registration.event
    context = {
        "registration": registration,
        "event": event,
        "asked": asked,
        "form": form,
        "consent_text": consent_text,
        "takes_requests": not event.is_cancelled and not event.is_over(now) and registration.closed_at is None,
        "moved": asked is not None and access.moved_since_answer(asked),
        "late": timezone.localdate(now) > access.last_day_in_time(event),
        "last_day": access.last_day_in_time(event),
        "wipe_days": settings.ACCESS_WIPE_DAYS,
        "token": token,
    }
    return render(request, "events/access_request.html", context)


def _send(registration: Registration, asked: AccessRequest | None, form: AccessForm) -> None:
    """Ask, or say differently what was asked; a form sent twice is the second."""
    if asked is not None:
        access.change(asked, **form.needs())
        return
    try:
        access.ask(registration, **form.needs())
    except RuleBroken as broken:
        # Two windows sent at once: the page shows what the other one asked.
        if broken.code != "already_asked":
            raise
