"""What events brought, for pages anybody reads: the story of one, and the figures of an initiative's."""

from typing import Any

from django import template

from events.domain import closing
from events.models import Event, EventClosing
from projects.models import Initiative

register = template.Library()


@register.simple_tag
def story_of(event: Event) -> EventClosing | None:
    """The event's card when its story is public, with ``shown_photos``; two queries at most."""
    return closing.public_story(event)


@register.simple_tag
def brought_by(initiative: Initiative) -> dict[str, Any]:
    """What the initiative's closed events brought: ``events`` with their stories, ``heads`` and ``minutes`` of volunteers in all."""
    return closing.brought(initiative)
