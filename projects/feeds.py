"""Atom feeds of initiatives: what has happened to one, or to all, the newest first; nobody is named in them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from active_citizens.core.feeds import host, printable
from projects.current import current_project
from projects.domain.following import Happening, happenings
from projects.models import Initiative

LENGTH = 50


@dataclass(frozen=True)
class News:
    """What one feed holds, read once: for its mark and for its text."""

    initiative: Initiative | None
    rows: list[Happening]
    author: str


def news(request: HttpRequest, initiative: Initiative | None) -> News:
    project = current_project(request)
    found = Initiative.objects.filter(pk=initiative.pk) if initiative else Initiative.objects.all()
    return News(initiative, happenings(found, most=LENGTH), project.title if project else _("Active Citizens"))


class InitiativeFeed(Feed):
    """Of one initiative, or of all."""

    feed_type = Atom1Feed
    # A file without a language in its address is in the programme's own.
    language = settings.LANGUAGE_CODE

    def get_object(self, request: HttpRequest, found: News) -> News:
        return found

    def title(self, found: News) -> str:
        return printable(_("Initiative: %(title)s") % {"title": found.initiative.title}) if found.initiative else _("Initiatives")

    def subtitle(self, found: News) -> str:
        return _("New states, promises, questions and answers; the newest first.")

    def author_name(self, found: News) -> str:
        return printable(found.author)

    def link(self, found: News) -> str:
        return settings.SITE_URL + (found.initiative.get_absolute_url() if found.initiative else reverse("initiative_list"))

    def feed_url(self, found: News) -> str:
        own = found.initiative
        return settings.SITE_URL + (reverse("initiative_atom", args=[own.slug]) if own else reverse("initiatives_atom"))

    def items(self, found: News) -> list[Happening]:
        return found.rows

    def item_title(self, row: Happening) -> str:
        return printable(f"{row.initiative.title}: {row.headline}")

    def item_description(self, row: Happening) -> str:
        """The words as HTML, for that is what an Atom summary here is; what people wrote stays text."""
        return str(format_html_join("", "<p>{}</p>", ((printable(line),) for line in (row.text or row.headline).split("\n") if line)))

    def item_link(self, row: Happening) -> str:
        return settings.SITE_URL + row.initiative.get_absolute_url()

    def item_guid(self, row: Happening) -> str:
        """A tag URI (RFC 4151): the same for ever, whatever becomes of the initiative's title and address."""
        return f"tag:{host()},{row.made_at:%Y-%m-%d}:{row.key}"

    def item_pubdate(self, row: Happening) -> datetime:
        return row.made_at

    def item_updateddate(self, row: Happening) -> datetime:
        return row.at
