"""What every answer of the portal has in common."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from active_citizens.core.refusal import RuleBroken

Respond = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """Adds the headers Django has no setting for (SEC-04)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PrivatePagesMiddleware:
    """Keeps pages made for a signed-in person out of every cache."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "portal_session" in request.COOKIES and not isinstance(request.user, AnonymousUser):
            add_never_cache_headers(response)
        return response


class RefusalMiddleware:
    """Shows a rule's sentence as a page when a view let it pass: never a 500 for something a person can be told."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ValueError) and "NUL" in str(exception):
            # No keyboard types it, and no column of PostgreSQL holds it.
            return render(request, "400.html", status=400)
        if not isinstance(exception, RuleBroken):
            return None
        return render(request, "refusal.html", {"message": exception.message, "code": exception.code}, status=exception.status)
