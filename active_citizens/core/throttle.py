"""Brakes: how often one address may knock. Counters live in each process, so the true limit is per worker."""

import hashlib

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken


def client_address(request: HttpRequest, proxies: int) -> str:
    """The visitor's address, read past as many reverse proxies of our own as stand before the portal."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return request.META.get("REMOTE_ADDR", "")


def count_visitor(scope: str, request: HttpRequest, limit: int) -> None:
    """Count one more try from the visitor's address. Raises RuleBroken ``throttled`` past ``limit`` tries in an hour."""
    count(scope, client_address(request, settings.TRUSTED_PROXIES), limit)


def count(scope: str, who: str, limit: int, seconds: int = 3600) -> None:
    """Count one more try of ``who``. Raises RuleBroken ``throttled`` past ``limit`` tries in ``seconds``."""
    counters = caches["counters"]
    # Who knocks is often what was typed: a key of a cache takes neither blanks nor any length.
    key = f"throttle:{scope}:{hashlib.sha256(who.encode()).hexdigest()}"
    counters.add(key, 0, seconds)
    try:
        tries = counters.incr(key)
    except ValueError:  # the counter ran out between the two steps
        return
    if tries > limit:
        raise RuleBroken("throttled", _("Too many tries from here. Wait a while, or ring us."))
