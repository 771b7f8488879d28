"""Access needs on pages of sign-ups: what to prepare and how it stands, never why."""

from collections import Counter
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events import links
from events.domain import access
from events.models import AccessRequest, Event, Registration, Seat

register = template.Library()


@register.simple_tag
def access_request_of(registration: Registration) -> AccessRequest | None:
    """The sign-up's request, unless it was withdrawn; one query."""
    return access.request_of(registration)


@register.simple_tag
def access_path(registration: Registration) -> str:
    """The address of the page for what one needs, behind the mailed link."""
    return links.registration_url(registration).removeprefix(settings.SITE_URL) + "potrzeby/"


@register.simple_tag
def access_mark(event: Event, seat: Seat) -> SafeString | str:
    """What to prepare for a party and how it stands, beside the first of its names on the page; one query for the page."""
    if "_access_marks" not in event.__dict__:
        event.__dict__["_access_marks"] = {asked.registration_id: asked for asked in _live(event)}
    asked = event.__dict__["_access_marks"].pop(seat.registration_id, None)
    return format_html("<br><small>{}: {}</small>", asked.arrangements_shown, asked.get_status_display()) if asked else ""


@register.simple_tag
def to_prepare(event: Event) -> list[dict[str, Any]]:
    """What to prepare for the event, how it stands and how many times, without names: the list goes from hand to hand."""
    counted = Counter((asked.arrangements_shown, str(asked.get_status_display())) for asked in _live(event))
    return [{"what": what, "state": state, "times": times} for (what, state), times in counted.items()]


def _live(event: Event) -> list[AccessRequest]:
    live = AccessRequest.objects.filter(registration__event=event, registration__closed_at=None)
    return list(live.exclude(status=AccessRequest.Status.WITHDRAWN).defer("sealed").order_by("pk"))
