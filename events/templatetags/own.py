"""The words of one's own pages."""

from django import template

register = template.Library()


@register.filter
def webcal(url: str) -> str:
    """The address as phones know it for a calendar to subscribe to."""
    return f"webcal://{url.partition('://')[2]}"
