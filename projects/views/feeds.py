"""The feeds of initiatives: files outside the language prefixes, in Polish, for programs that come back to ask."""

from hashlib import sha1

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.views.decorators.http import condition, require_safe

from projects.feeds import InitiativeFeed, News, news
from projects.models import Initiative


@require_safe
def initiatives_atom(request: HttpRequest) -> HttpResponse:
    return _feed(request, None)


@require_safe
def initiative_atom(request: HttpRequest, slug: str) -> HttpResponse:
    return _feed(request, get_object_or_404(Initiative.objects.published(), slug=slug))


def _feed(request: HttpRequest, initiative: Initiative | None) -> HttpResponse:
    """The feed, or 304 to whoever has it already."""
    with translation.override(settings.LANGUAGE_CODE):
        found = news(request, initiative)
        etag = f'"{sha1(_said(found).encode(), usedforsecurity=False).hexdigest()}"'
        changed = max((row.at for row in found.rows), default=None)
        answer = condition(etag_func=lambda *_args: etag, last_modified_func=lambda *_args: changed)
        return answer(lambda *_args: InitiativeFeed()(request, found))(request)


def _said(found: News) -> str:
    """Everything the file says that may change."""
    about = (found.initiative.title, found.initiative.slug) if found.initiative else ()
    rows = [(row.key, row.at, row.headline, row.text, row.initiative.title, row.initiative.slug) for row in found.rows]
    return repr((about, found.author, rows))
