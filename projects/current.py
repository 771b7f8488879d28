"""What a page begins with: the edition residents meet, and who is there."""

from django.http import HttpRequest

from active_citizens.core.moments import kept
from participants.models import User
from projects.models import Project


def current_project(request: HttpRequest) -> Project | None:
    """The current project, asked for once in a page's life; the page's view and its frame share one answer."""
    if not hasattr(request, "_current_project"):
        request._current_project = kept("current-project", Project.objects.current)  # type: ignore[attr-defined]
    return request._current_project  # type: ignore[attr-defined]


def current_account(request: HttpRequest) -> User | None:
    """The account that is signed in; None for a visitor."""
    return request.user if request.user.is_authenticated else None
