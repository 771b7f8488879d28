"""A survey at its short address. The page asks who visits for nothing and keeps nothing of the visit (decision 14)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from events.domain import surveys
from events.forms.surveys import SurveyForm
from events.models import Survey


def _survey(code: str) -> Survey:
    """Letters are typed from a poster as they come: large or small."""
    found = Survey.objects.select_related("questionnaire__project", "event", "series")
    return get_object_or_404(found, code=code.lower())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, code: str) -> HttpResponse:
    """The questions on one page; what was typed stays whatever is refused, and a form sent twice is one sheet."""
    found, now, status = _survey(code), timezone.now(), 200
    form = SurveyForm(request.POST or None, questions=surveys.questions_of(found), pairing=found.pairing)
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count_visitor("survey", request, settings.SURVEYS_PER_ADDRESS_PER_HOUR)
            language = translation.get_language() or "pl"
            surveys.fill(found, form.answers(), key=form.cleaned_data["key"], language=language, pair=form.pair())
            return redirect("survey_thanks", found.code)
        except RuleBroken as broken:
            status = {"throttled": 429, "closed": 409, "not_open_yet": 409}.get(broken.code, 200)
            broken.show_in(form)
    context = {
        "survey": found, "form": form, "is_open": found.is_open(now), "is_early": now < found.opens_at,
        "project": found.questionnaire.project,
    }  # fmt: skip
    return render(request, "events/survey.html", context, status=status)


@never_cache
@require_safe
def survey_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """The same words for everybody: the page does not know who has answered."""
    return render(request, "events/survey_thanks.html", {"survey": _survey(code)})
