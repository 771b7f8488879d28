"""Pages of text, privacy notices and the accessibility declaration."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe

from active_citizens.content.models import AccessibilityDeclaration, Page
from participants.models import Notice


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "content/page.html", {"page": get_object_or_404(Page.objects.published(), slug=slug)})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy page: an introduction and every notice in force, in full (GDPR-01)."""
    language = translation.get_language() or "pl"
    current: dict[str, Notice] = {}
    for notice in Notice.objects.filter(published_at__isnull=False, language__in={language, "pl"}).order_by("version"):
        known = current.get(notice.purpose)
        if known is None or known.language == notice.language or notice.language == language:
            current[notice.purpose] = notice
    in_order = [current[purpose] for purpose in Notice.Purpose.values if purpose in current]
    introduction = get_object_or_404(Page.objects.published(), slug="prywatnosc")
    return render(request, "content/privacy.html", {"page": introduction, "notices": in_order})


@require_safe
def declaration(request: HttpRequest) -> HttpResponse:
    found = AccessibilityDeclaration.objects.order_by("-pk").first()
    if found is None:
        raise Http404
    return render(request, "content/declaration.html", {"declaration": found})
