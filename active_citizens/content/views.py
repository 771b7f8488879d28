"""Pages of text, news with their photos, the diaries of initiatives, privacy notices and the accessibility declaration."""

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.content.domain import diary
from active_citizens.content.domain import news as verbs
from active_citizens.content.forms import DiaryForm
from active_citizens.content.models import AccessibilityDeclaration, DiaryEntry, News, Page, Photo
from active_citizens.core.refusal import RuleBroken
from participants.models import Notice
from projects.domain.running import RUNS
from projects.forms import NeighbourhoodFilterForm
from projects.models import Initiative

PER_PAGE = 20
# Whoever keeps a photo asks before every look whether it may still be shown; the answer is short while it may.
PHOTO_KEPT = "public, no-cache, max-age=0"


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
    introduction = get_object_or_404(Page.objects.filter(published_at__isnull=False), slug="prywatnosc")
    # The introduction may be taken down; the notices the law asks for stay.
    shown = introduction if introduction.taken_down_at is None else None
    return render(request, "content/privacy.html", {"page": shown, "notices": in_order})


@require_safe
def declaration(request: HttpRequest) -> HttpResponse:
    found = AccessibilityDeclaration.objects.order_by("-pk").first()
    if found is None:
        raise Http404
    return render(request, "content/declaration.html", {"declaration": found})


@require_safe
def news_list(request: HttpRequest) -> HttpResponse:
    """News, the newest first; of one neighbourhood when asked."""
    form = NeighbourhoodFilterForm(request.GET)
    chosen = form.chosen()
    found = News.objects.published().newest_first().for_lists()
    if chosen:
        found = found.filter(neighbourhoods__slug=chosen)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "content/news_list.html", {"form": form, "page": page, "filtered": bool(chosen)})


@require_safe
def news_detail(request: HttpRequest, slug: str) -> HttpResponse:
    news = get_object_or_404(News.objects.published().prefetch_related("neighbourhoods"), slug=slug)
    context = {"news": news, "photos": verbs.photos_of(news), "versions": verbs.public_versions(news)}
    return render(request, "content/news_detail.html", context)


@require_safe
def news_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version that was once published, as it stood (BIP-02); while the news itself is."""
    news = get_object_or_404(News.objects.published(), slug=slug)
    version = next((each for each in verbs.public_versions(news) if each.number == number), None)
    if version is None:
        raise Http404
    language = translation.get_language() or "pl"

    def text(name: str) -> str:
        return version.fields.get(f"{name}_{language}") or version.fields.get(f"{name}_pl") or ""

    texts = {name: text(name) for name in ("title", "lead", "body")}
    return render(request, "content/news_version.html", {"news": news, "version": version, "texts": texts})


@require_safe
def photo(request: HttpRequest, key: str, width: str) -> HttpResponse | FileResponse:
    """The file of a photo that may be shown; one that was hidden does not exist from that moment, in no cache either.

    A file never changes, so its name is its version: whoever has it gets 304 without a body, or hears that it is gone.
    """
    found = get_object_or_404(Photo.objects.shown(), key=key)
    tag = f'"{key}-{width}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        response = FileResponse(found.file_of(int(width)).open(), content_type="image/webp")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = PHOTO_KEPT
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_diary(request: HttpRequest, key: str) -> HttpResponse:
    """The diary as those behind an initiative write it, opened by their key: what stands in it, and a form for one more day."""
    initiative, status = get_object_or_404(Initiative.objects.select_related("project"), own_key=key), 200
    form = DiaryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        typed, language = form.cleaned_data, translation.get_language() or "pl"
        try:
            diary.write(initiative, typed["text"], on=typed["on"], lang=language, pictures=form.pictures(), key=typed["key"])
            return redirect(request.path)
        except RuleBroken as broken:
            broken.show_in(form)
            form.choose_again()
            status = 409
    entries = DiaryEntry.objects.filter(initiative=initiative).prefetch_related("photos")
    context = {"initiative": initiative, "form": form, "entries": entries, "may_write": initiative.status in RUNS}
    return render(request, "content/own_diary.html", context, status=status)
