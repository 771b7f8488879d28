"""„Moje zapisy” without an account: the link by mail, or one sign-up by its code."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import sign_up
from events.forms import CodeForm, LinkForm


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
