"""The edition residents meet, asked for once per request."""

from django.http import HttpRequest

from projects.models import Project


def current_project(request: HttpRequest) -> Project | None:
    """The current project; the page's view and its frame share one query."""
    if not hasattr(request, "_current_project"):
        request._current_project = Project.objects.current()  # type: ignore[attr-defined]
    return request._current_project  # type: ignore[attr-defined]
