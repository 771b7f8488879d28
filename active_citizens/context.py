"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from projects.current import current_project
from projects.rules import is_staff


def portal(request: HttpRequest) -> dict[str, Any]:
    """``portal``: the current project (asked for only when shown), the demo flag, and whether the visitor works here."""
    user = getattr(request, "user", None)
    return {
        "portal": {
            "project": SimpleLazyObject(lambda: current_project(request)),
            "demo": settings.DEMO,
            "site_url": settings.SITE_URL,
            "is_staff": SimpleLazyObject(lambda: user is not None and user.is_authenticated and is_staff(user)),
        }
    }
