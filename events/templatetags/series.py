"""The words of series and modules: the other dates, and how long a module takes."""

from datetime import datetime
from typing import Any

from django import template

from events.models import Event

register = template.Library()


@register.simple_tag
def dates_of(event: Event, now: datetime) -> dict[str, Any]:
    """The series of the event and those of its dates that are not over yet, in one query; empty when it has none.

    Sign-up for all at once is offered only where at least two dates still take sign-ups.
    """
    if event.series_id is None:
        return {}
    rows = Event.objects.published().filter(series=event.series_id).upcoming(now).select_related("series").with_places(now)
    dates = list(rows.without_texts("summary", "description", "access_note"))
    if not dates or [date.pk for date in dates] == [event.pk]:
        return {}
    series = dates[0].series
    whole = series is not None and series.whole and sum(date.accepts_sign_ups(now) for date in dates) > 1
    return {"series": series, "dates": dates, "whole": whole}
