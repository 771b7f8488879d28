"""The feeds of initiatives, in the language of their addresses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from active_citizens.core.feeds import answer
from projects.feeds import sheet
from projects.models import Initiative


@require_safe
def initiatives_atom(request: HttpRequest) -> HttpResponse:
    return answer(request, sheet(request, None))


@require_safe
def initiative_atom(request: HttpRequest, slug: str) -> HttpResponse:
    return answer(request, sheet(request, get_object_or_404(Initiative.objects.published(), slug=slug)))
