"""The diary of an initiative, for pages of floors that do not know of it."""

from typing import Any

from django import template

from active_citizens.content.domain import diary
from projects.models import Initiative

register = template.Library()


@register.simple_tag
def diary_of(initiative: Initiative) -> dict[str, Any]:
    """``entries`` and ``photos`` everybody may see; two queries."""
    return diary.public_diary(initiative)
