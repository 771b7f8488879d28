"""Telling what an initiative has changed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from participants.domain import consents
from projects.current import current_account
from projects.domain import stories
from projects.forms.stories import StoryForm
from projects.models import Initiative

# Stories of one visitor within an hour: a library's readers share an address.
PER_VISITOR = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell_story(request: HttpRequest, slug: str) -> HttpResponse:
    """Three questions and a consent; what is refused stays as it was typed."""
    initiative, status = _telling(slug), 200
    language = translation.get_language() or "pl"
    user = current_account(request)
    text = consents.current_text(stories.STORY, language)
    form = StoryForm(request.POST or None, user=user, text=text.text if text else "")
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count_visitor("story", request, PER_VISITOR)
            stories.tell(initiative, form.told(language), user or form.teller(language), key=form.cleaned_data["key"])
            return redirect("story_thanks", slug)
        except RuleBroken as broken:
            broken.show_in(form)
            status = broken.status
    return render(request, "projects/story_form.html", {"initiative": initiative, "form": form, "text": text}, status=status)


@require_safe
def story_thanks(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "projects/story_thanks.html", {"initiative": _telling(slug)})


def _telling(slug: str) -> Initiative:
    initiative = get_object_or_404(Initiative.objects.published().select_related("project"), slug=slug)
    if not stories.takes_stories(initiative):
        raise Http404
    return initiative
