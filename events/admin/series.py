"""One event made into more: a copy, and the dates of a series."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from active_citizens.core.days import holiday_name
from active_citizens.core.refusal import RuleBroken
from events.admin.forms import CopyForm, DateForm, MoreDatesForm, RhythmForm, SeriesForm
from events.admin.places import places_sentence
from events.domain import publication, rhythm, series
from events.models import Event
from projects.admin.programme import venues_for
from projects.admin_base import RuledAdmin
from projects.models import Module


class SeriesPages(RuledAdmin):
    """The pages of EventAdmin that make more events of one."""

    own_pages = (("copy", "copy"), ("dates", "dates"), ("series", "series"), ("series-form", "series_form"))

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.one(request, pk)
        form = CopyForm(request.POST or None, initial={"starts_at": timezone.localtime(event.starts_at + timedelta(days=7))})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            twin = publication.copy_once(event, starts_at=typed["starts_at"])
            return self.address("change", twin.pk), _("A copy was made as a draft. Check it and publish it.")

        return self.step(request, event, form, verb, title=_("Copy the event"), button=_("Copy"))

    def dates(self, request: HttpRequest, pk: int) -> HttpResponse:
        """More dates in two steps: how often and how many (GET), then a table to correct, which POST writes."""
        event = self.one(request, pk)
        if request.method == "POST":
            return self._make_dates(request, event)
        form = RhythmForm(request.GET or None)
        if not form.is_bound or not form.is_valid():
            first = {"count": 4, "every": rhythm.Every.WEEK}
            return self._page(request, event, "admin/series_rhythm.html", form=form if form.is_bound else RhythmForm(initial=first))
        starts = _proposed(event, form.cleaned_data)
        if not starts:
            form.add_error("until", _("There is no date up to that day."))
            return self._page(request, event, "admin/series_rhythm.html", form=form)
        current = event.series
        initial = {
            "title": current.title if current else event.title, "whole": current.whole if current else False, "rows": len(starts),
            "publish": event.is_published,
        }  # fmt: skip
        rows = _rows(request, event, len(starts), initial=starts)
        return self._table(request, event, MoreDatesForm(initial=initial), rows)

    def _make_dates(self, request: HttpRequest, event: Event) -> HttpResponse:
        form = MoreDatesForm(request.POST)
        # A broken form without its number of rows begins again.
        if not form.is_valid() and "rows" not in form.cleaned_data:
            return self._page(request, event, "admin/series_rhythm.html", form=RhythmForm())
        rows = _rows(request, event, form.cleaned_data["rows"])
        if not all([row.is_valid() for row in rows]) or not form.is_valid():  # noqa: C419 - every row says what is wrong with it
            return self._table(request, event, form, rows)
        typed = form.cleaned_data
        try:
            made = series.make_series(event, _planned(rows), title=typed["title"], whole=typed["whole"], publish=typed["publish"])
        except RuleBroken as broken:
            at_fault = [row for row in rows if row.cleaned_data.get("starts_at") == broken.context.get("date") is not None]
            if at_fault:
                at_fault[-1].add_error("starts_at", str(broken))
            broken.show_in(form)
            return self._table(request, event, form, rows)
        self.log_change(request, event, _("More dates"))
        count = made.events.count()
        messages.success(request, ngettext("The series has %(count)s date.", "The series has %(count)s dates.", count) % {"count": count})
        return redirect(self.address("series", event.pk))

    def _table(self, request: HttpRequest, event: Event, form: MoreDatesForm, rows: list[DateForm]) -> HttpResponse:
        _warn(event, rows)
        return self._page(request, event, "admin/series_dates.html", form=form, rows=rows)

    def series(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All dates of the event's series with their places, and the way to each."""
        event = self.one(request, pk, to_change=False)
        dates = list(self.get_queryset(request).filter(series=event.series_id).order_by("starts_at", "pk")) if event.series_id else [event]
        clashes = rhythm.clashes((date.starts_at, date.ends_at, date.venue_id) for date in dates)
        for date, others in zip(dates, clashes, strict=True):
            date.holiday, date.clash = holiday_name(timezone.localdate(date.starts_at)), [other for other in others if other.pk != date.pk]
            date.places = places_sentence(date)
        return self._page(request, event, "admin/series_list.html", dates=dates, series=event.series, title=_("Dates of the series"))

    def series_form(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The name of the series, and whether one may sign up for all of it."""
        event = self.one(request, pk)
        current = event.series
        if current is None:
            return redirect(self.address("dates", pk))
        form = SeriesForm(request.POST or None, initial={"title": current.title_pl, "whole": current.whole})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            series.change_series(current, title=typed["title"], whole=typed["whole"])
            return self.address("series", pk), _("The series is changed.")

        back = self.address("series", pk)
        return self.step(request, event, form, verb, title=_("Change the series"), button=_("Save"), back=back)

    def _page(self, request: HttpRequest, event: Event, template: str, **values: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "event": event, "title": _("More dates"), **values}
        return TemplateResponse(request, template, context)


def _proposed(event: Event, typed: dict[str, Any]) -> list[datetime | None]:
    """The dates the rhythm gives after the last one there is; by hand: so many empty rows."""
    count = typed["count"] or rhythm.MOST_DATES - 1
    if typed["every"] == rhythm.Every.BY_HAND:
        return [None] * count
    latest = event.series.events.order_by("starts_at").last() if event.series else None
    last = max(event.starts_at, latest.starts_at) if latest else event.starts_at
    return list(rhythm.after(last, typed["every"], count=count, until=typed["until"]))


def _rows(request: HttpRequest, event: Event, count: int, *, initial: list[datetime | None] | None = None) -> list[DateForm]:
    """The rows as proposed, or as they were sent."""
    venues = {str(venue.pk): venue for venue in venues_for(request.user, event.venue)}
    modules = {str(module.pk): module for module in Module.objects.filter(project=event.project_id)}
    first = {"title": event.title_pl, "venue": event.venue_id, "module": event.module_id}
    data = request.POST if request.method == "POST" else None
    return [
        DateForm(
            data, prefix=f"date{number}", venues=venues, modules=modules,
            initial=first | {"starts_at": timezone.localtime(start) if start else None},
        )
        for number, start in enumerate(initial or [None] * count, start=1)
    ]  # fmt: skip


def _planned(rows: list[DateForm]) -> list[series.Planned]:
    """What the rows ask for; one left out, or without a date, asks for nothing."""
    typed = [row.cleaned_data for row in rows]
    return [
        series.Planned(row["starts_at"], title=row["title"], venue=row["venue"], module=row["module"])
        for row in typed
        if row["starts_at"] and not row["leave_out"]
    ]


def _warn(event: Event, rows: list[DateForm]) -> None:
    """Beside each row: a day off by law, and what else is at the venue at that time. Warnings forbid nothing."""
    length = event.ends_at - event.starts_at
    starts = [_start(row) for row in rows]
    shown = [(row, start) for row, start in zip(rows, starts, strict=True) if start is not None]
    venues = [row["venue"].value() for row, _start_at in shown]
    asked = [
        (start, start + length, int(venue) if str(venue).isdecimal() else event.venue_id)
        for (_row, start), venue in zip(shown, venues, strict=True)
    ]
    for (row, start), others in zip(shown, rhythm.clashes(asked), strict=True):
        row.holiday, row.clash = holiday_name(timezone.localdate(start)), [other for other in others if other.pk != event.pk]


def _start(row: DateForm) -> datetime | None:
    """When the row's date starts, as proposed or as far as what was typed can be read."""
    if row.is_bound:
        row.is_valid()
        return row.cleaned_data.get("starts_at")
    return row.initial["starts_at"]
