"""Giving an idea: four fields, with an account or without, nothing lost whatever is refused."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from participants.models import Notice
from projects.current import current_account, current_project
from projects.domain import ideas
from projects.forms.ideas import IdeaForm

# Ideas of one visitor within an hour: a library's readers share an address.
PER_VISITOR = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Take an idea in; the answer is the author's own page, where its number stands."""
    project = current_project(request)
    if project is None:
        raise Http404
    user = current_account(request)
    language = translation.get_language() or "pl"
    form = IdeaForm(request.POST or None, user=user, initial={"where": request.GET.get("osiedle")})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count_visitor("idea", request, PER_VISITOR)
            made = ideas.propose(form.idea(language), project, user=user, key=form.cleaned_data["key"])
            return redirect("own_initiative", made.own_key)
        except RuleBroken as broken:
            broken.show_in(form)
            status = broken.status
    notice = Notice.objects.current(Notice.Purpose.INITIATIVE, language)
    context = {"form": form, "project": project, "notice": notice}
    return render(request, "projects/initiative_propose.html", context, status=status)
