"""The group's own promises on the authors' page: kept or put off by whoever holds its key; the office speaks for itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from active_citizens.core.refusal import RuleBroken
from projects.current import current_account
from projects.domain import promises
from projects.forms.promises import KeepForm, PutOffForm
from projects.models import Milestone
from projects.views.own_initiatives import by_key


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_promise(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """One promise of the group: GET shows both ways, POST keeps or puts it off. Raises Http404 for a promise of somebody else."""
    initiative = by_key(key)
    promised = get_object_or_404(initiative.milestones.filter(owner=Milestone.Owner.GROUP), pk=pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    keep_form = KeepForm(request.POST if act == "keep" else None, initial={"done_on": timezone.localdate()})
    put_off_form = PutOffForm(request.POST if act == "put_off" else None)
    refusal = ""
    own_url = reverse("own_initiative", args=[initiative.own_key])
    form: Any = {"keep": keep_form, "put_off": put_off_form}.get(act)
    if form is not None and form.is_valid():
        typed = form.cleaned_data
        actor = current_account(request)
        try:
            if act == "keep":
                promises.keep(promised, typed["done_on"])
            else:
                promises.put_off(promised, typed["until"], typed["reason"], actor=actor, rings=False)
            return redirect(f"{own_url}#promises")
        except RuleBroken as broken:
            if broken.field in form.fields:
                form.add_error(broken.field, str(broken))
            else:
                refusal = str(broken)
    context = {
        "initiative": initiative, "promised": promised, "keep_form": keep_form, "put_off_form": put_off_form, "refusal": refusal,
        "own_url": own_url,
    }  # fmt: skip
    return render(request, "projects/own_promise.html", context, status=409 if refusal else 200)
