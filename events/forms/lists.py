"""The filters of the event list."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from events.models import Event
from projects.choices import neighbourhood_choices, stage_choices
from projects.models import Project


class EventFilterForm(forms.Form):
    """The filters of the event list; an unknown value is ignored rather than scolded (SEC-02)."""

    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    stage = forms.TypedChoiceField(label=_("Stage"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Event.Kind.choices])
    month = forms.ChoiceField(label=_("Month"), required=False)

    def __init__(self, data: Any, *, project: Project | None, months: list[date]) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].choices = [("", _("all")), *neighbourhood_choices()]
        self.fields["stage"].choices = [("", _("all")), *stage_choices(project)]
        self.fields["month"].choices = [("", _("all")), *((f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months)]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def chosen(self) -> dict[str, Any]:
        """The filters that hold, without those that are empty or make no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @staticmethod
    def month_of(text: str) -> tuple[date, date]:
        """First and last day of a month written as 2026-11."""
        first = date.fromisoformat(f"{text}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, date.fromordinal(following.toordinal() - 1)


def this_month(months: list[date]) -> list[date]:
    """The months in order, the present one among them."""
    today = timezone.localdate()
    return sorted({*months, date(today.year, today.month, 1)})
