"""Pages behind a mailed link: opened in one way, never kept by a cache, acted on by POST alone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from active_citizens.core.refusal import RuleBroken

View = Callable[..., HttpResponseBase]


def behind(find: Callable[[str, datetime], Any], *, expired: str = "events/link_expired.html") -> Callable[[View], View]:
    """Gives the view what ``find`` makes of the address and of the hour; a dead link is answered by how to get a fresh one."""

    def decorate(view: View) -> View:
        @never_cache
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def opened(request: HttpRequest, text: str, **kwargs: Any) -> HttpResponseBase:
            try:
                found = find(text, timezone.now())
            except Http404:
                return render(request, expired, status=404)
            return view(request, found, token=text, **kwargs)

        return opened

    return decorate


def refusal_of(request: HttpRequest, verbs: Mapping[str, Callable[[Any], Any]], found: Any) -> str:
    """Do what the pressed button says (mail scanners follow links, so only POST acts); the sentence of a rule that refuses."""
    verb = verbs.get(request.POST.get("act", ""))
    try:
        if verb is not None:
            verb(found)
    except RuleBroken as broken:
        return str(broken)
    return ""
