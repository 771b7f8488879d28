"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from projects.current import current_project
from projects.rules import is_staff

# Pages whose address opens somebody's data: it is not printed beneath them.
SECRET = frozenset({
    "registration", "party", "guardian", "receipt", "access_request", "own_overview", "consents", "newsletter_confirm", "newsletter_end",
})  # fmt: skip


def _is_secret(request: HttpRequest) -> bool:
    match = getattr(request, "resolver_match", None)
    return match is not None and match.url_name in SECRET


def portal(request: HttpRequest) -> dict[str, Any]:
    """``portal``: the current project (asked for only when shown), the demo flag, and whether the visitor works here."""
    user = getattr(request, "user", None)
    return {
        "portal": {
            "project": SimpleLazyObject(lambda: current_project(request)),
            "demo": settings.DEMO,
            "site_url": settings.SITE_URL,
            "prints_address": not _is_secret(request),
            "is_staff": SimpleLazyObject(lambda: user is not None and user.is_authenticated and is_staff(user)),
        }
    }
