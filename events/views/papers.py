"""Papers anybody may print and hang, and the short addresses written on them."""

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import override
from django.views.decorators.http import condition, require_safe

from active_citizens.core import pdf
from events.models import Event
from events.papers.frame import Paper
from events.papers.kinds import KINDS
from events.papers.month import month
from projects.models import Neighbourhood

LARGE = "wydarzenia-duzy-druk"
# What a paper of a month may be about: longer ago nobody hangs it, later nobody knows.
YEARS = range(2000, 2101)


@require_safe
def short_event(request: HttpRequest, number: int) -> HttpResponse:
    """The short address on a paper leads to the published event for good, in the language the code asks for."""
    event = get_object_or_404(Event.objects.published().only("slug"), pk=number)
    with override(asked_language(request)):
        return HttpResponsePermanentRedirect(event.get_absolute_url())


@require_safe
def event_paper(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """A poster, in large print, or a notice for the stairwell; nobody is named in any of them."""
    shown = Event.objects.published().select_related("project", "venue").prefetch_related("neighbourhoods")
    event = get_object_or_404(shown, slug=slug)
    return unless_unchanged(request, KINDS[kind].make(event, asked_language(request)))


@require_safe
def month_paper(request: HttpRequest, slug: str, kind: str, year: str, number: str) -> HttpResponse:
    """All that is on in the neighbourhood in a month."""
    place = get_object_or_404(Neighbourhood.objects.published().for_links(), slug=slug)
    if int(year) not in YEARS or not 1 <= int(number) <= 12:
        raise Http404
    return unless_unchanged(request, month(place, date(int(year), int(number), 1), asked_language(request), large=kind == LARGE))


def asked_language(request: HttpRequest) -> str:
    """The language of ``?lang=``; the programme's own when it is none of the portal's."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def unless_unchanged(request: HttpRequest, paper: Paper) -> HttpResponse:
    """The file, or 304 to whoever has it; setting it is the dear part, so it is done once for all who ask for the same."""
    answer = condition(etag_func=lambda *_args: f'"{paper.mark}"')
    return answer(lambda *_args: as_file(paper, paper.kept_file()))(request)


def as_file(paper: Paper, content: bytes) -> HttpResponse:
    return pdf.answer(content, paper.file_name)
