"""The weekly letter: asking for it, following an initiative, confirming it from the mailbox, ending it with one click, and the switches of
an account."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from participants.domain import consents
from participants.models import User
from projects.domain import subscriptions
from projects.forms import FollowForm, NewsletterForm
from projects.models import Initiative, Neighbourhood, Subscription

# Asked for by one visitor or for one address within an hour.
PER_VISITOR, PER_EMAIL = 60, 6


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter(request: HttpRequest) -> HttpResponse:
    """Ask for the letters; the answer is the same whatever the address. An account has switches of its own."""
    if request.user.is_authenticated and subscriptions.owns(request.user):
        return redirect("newsletter_own")
    form = NewsletterForm(request.POST or None)
    language = translation.get_language() or "pl"
    context = {"form": form, "text": consents.current_text(subscriptions.NEWSLETTER, language)}
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            _count(request, email)
            subscriptions.ask(email, form.chosen(), language=language)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
            return render(request, "projects/subscription_form.html", context, status=429 if broken.code == "throttled" else 409)
        return redirect("newsletter_sent")
    return render(request, "projects/subscription_form.html", context)


@require_safe
def newsletter_sent(request: HttpRequest) -> HttpResponse:
    """The same words whether or not the address is known."""
    return render(request, "projects/subscription_sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter_confirm(request: HttpRequest, key: str) -> HttpResponse:
    """GET shows what waits for the reader's word, POST begins it: scanners that follow links agree to nothing."""
    row = _row(request, key)
    if not isinstance(row, Subscription):
        return row
    if row.ended_at is not None:
        return redirect("newsletter_end", key)
    if request.method == "POST":
        language = translation.get_language() or ""
        subscriptions.confirm(key, only=request.POST.getlist("letter"), language=language)
        return redirect(request.path)
    rows = list(subscriptions.open_ones(row.email))
    context = {
        "subscription": row,
        "waiting": [one for one in rows if not one.is_live],
        "standing": [one for one in rows if one.is_live],
        "text": consents.current_text(subscriptions.NEWSLETTER, translation.get_language() or row.language),
    }
    return render(request, "projects/subscription_confirm.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow an initiative: by an account at once, by an address once its mailbox has confirmed."""
    alive = Initiative.objects.published().exclude(status=Initiative.Status.HISTORICAL)
    initiative = get_object_or_404(alive, slug=slug)
    account = request.user if request.user.is_authenticated and subscriptions.owns(request.user) else None
    form, status = (None if account else FollowForm(request.POST or None)), 200
    language = translation.get_language() or "pl"
    context = {"initiative": initiative, "form": form, "text": consents.current_text(subscriptions.NEWSLETTER, language)}
    if request.method == "POST" and account is not None:
        subscriptions.subscribe(account, initiative, language=language)
        return redirect(request.path)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _count(request, form.cleaned_data["email"])
            subscriptions.ask(form.cleaned_data["email"], [initiative], language=language)
            return redirect("newsletter_sent")
        except RuleBroken as broken:
            form.add_error(None, str(broken))
            status = 429 if broken.code == "throttled" else 409
    if account is not None:
        context["follows"] = any(row.initiative_id == initiative.pk for row in subscriptions.standing_of(account))
    return render(request, "projects/initiative_follow.html", context, status=status)


def _count(request: HttpRequest, email: str) -> None:
    throttle.count("newsletter", throttle.client_address(request, settings.TRUSTED_PROXIES), PER_VISITOR)
    throttle.count("newsletter-email", email, PER_EMAIL)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter_end(request: HttpRequest, key: str) -> HttpResponse:
    """The address of ``List-Unsubscribe``: a bare POST ends all the letter brings, twice as well as once (RFC 8058).

    A mail program posts without cookies, so the key is the only proof; it stands in the reader's mails alone. The
    page's buttons may name one neighbourhood, or say that the reader has changed their mind.
    """
    row = _row(request, key)
    if not isinstance(row, Subscription):
        return row
    asked_again = request.method == "POST" and request.POST.get("act") == "again"
    if asked_again:
        try:
            throttle.count("newsletter-email", row.email, PER_EMAIL)
        except RuleBroken as broken:
            return render(request, "refusal.html", {"message": broken.message, "code": broken.code}, status=429)
        subscriptions.again(key)
        return redirect("newsletter_sent")
    if request.method == "POST":
        subscriptions.end_by_key(key, only=request.POST.getlist("letter") or None)
        row.refresh_from_db()
    context = {"subscription": row, "standing": subscriptions.standing_for(row.email), "ended": row.ended_at is not None}
    return render(request, "projects/subscription_end.html", context)


def _row(request: HttpRequest, key: str) -> Subscription | HttpResponse:
    """The subscription behind the key, or the page that says it is gone."""
    try:
        return subscriptions.by_key(key)
    except RuleBroken:
        return render(request, "projects/subscription_gone.html", status=404)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter_own(request: HttpRequest) -> HttpResponse:
    """The account's switches, one per neighbourhood and per initiative it follows; POST turns one."""
    assert isinstance(request.user, User)
    if request.method == "POST":
        scope = request.POST.get("letter", "")
        subject = subscriptions.subject_of(scope)
        if subject is None:
            raise Http404
        if request.POST.get("act") == "subscribe":
            if not subscriptions.is_offered(subject):
                raise Http404
            subscriptions.subscribe(request.user, subject, language=translation.get_language() or "pl")
        else:
            for row in subscriptions.standing_of(request.user):
                if row.scope == scope:
                    subscriptions.end(row)
        return redirect("newsletter_own")
    return render(request, "projects/subscription_own.html", {"subscriptions": own_subscriptions(request.user)})


def own_subscriptions(user: User) -> dict[str, Any]:
    """What ``projects/_my_subscriptions.html`` shows: neighbourhoods with their letter on or off, what is followed, the consent."""
    standing = {row.scope: row for row in subscriptions.standing_of(user)}
    places = {place.slug: place for place in Neighbourhood.objects.published().in_order().for_links()}
    rows = [{"scope": slug, "name": place.name, "subscription": standing.get(slug)} for slug, place in places.items()]
    for scope, row in standing.items():
        if scope not in places:
            url = row.initiative.get_absolute_url() if row.initiative and row.initiative.is_public else ""
            rows.append({"scope": scope, "name": row.name, "subscription": row, "url": url})
    return {
        "rows": rows,
        "email": user.email,
        "text": consents.current_text(subscriptions.NEWSLETTER, translation.get_language() or user.language),
        "may": subscriptions.owns(user),
    }
