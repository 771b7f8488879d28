"""The edition residents meet, asked for once in a page's life."""

from django.http import HttpRequest

from active_citizens.core.moments import kept
from projects.models import Project


def current_project(request: HttpRequest) -> Project | None:
    """The current project; the page's view and its frame share one answer."""
    if not hasattr(request, "_current_project"):
        request._current_project = kept("current-project", Project.objects.current)  # type: ignore[attr-defined]
    return request._current_project  # type: ignore[attr-defined]
