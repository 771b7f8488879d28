"""Feeds of initiatives: what has happened to one, or to all, the newest first; nobody is named in them."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from active_citizens.core.feeds import LENGTH, Entry, Sheet, newest
from projects.current import current_project
from projects.domain.following import Happening, happenings
from projects.models import Initiative


def author(request: HttpRequest) -> str:
    """Who speaks in a feed: the programme."""
    project = current_project(request)
    return project.title if project else _("Active Citizens")


def entry(row: Happening) -> Entry:
    """A happening as it stands in every feed that holds it."""
    lines = ((row.text, row.lang),) if row.text else ((row.headline, ""),)
    return Entry(row.key, row.made_at, row.at, f"{row.initiative.title}: {row.headline}", row.initiative.get_absolute_url(), lines)


def sheet(request: HttpRequest, initiative: Initiative | None) -> Sheet:
    """Of one initiative, or of all."""
    found = Initiative.objects.filter(pk=initiative.pk) if initiative else Initiative.objects.all()
    return Sheet(
        title=_("Initiative: %(title)s") % {"title": initiative.title} if initiative else _("Initiatives"),
        subtitle=_("New states, promises, questions and answers; the newest first."),
        author=author(request),
        page=initiative.get_absolute_url() if initiative else reverse("initiative_list"),
        path=reverse("initiative_atom", args=[initiative.slug]) if initiative else reverse("initiatives_atom"),
        entries=newest(entry(row) for row in happenings(found, most=LENGTH)),
    )
