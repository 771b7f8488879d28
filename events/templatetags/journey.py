"""Hours in words."""

from django import template

from active_citizens.core.text import hours_and_minutes

register = template.Library()
register.filter("hours", hours_and_minutes)
