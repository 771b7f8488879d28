"""What is answered when something broke: 503 while the database is away, 500 for a fault of ours."""

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

RETRY_AFTER_SECONDS = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of last resort; while the database restarts it says so, and when to come back."""
    if not _is_away(sys.exc_info()[1]):
        return defaults.server_error(request)
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_away(broken: BaseException | None) -> bool:
    # A connection that breaks in the middle of an answer is a DatabaseError of no kind in particular.
    return isinstance(broken, (OperationalError, InterfaceError)) or type(broken) is DatabaseError
