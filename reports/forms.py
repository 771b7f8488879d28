"""What staff type on the pages of reports."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from participants.models import User
from projects.models import Project
from reports.definitions import Filters, Picked
from reports.definitions.base import FIRST_DAY, LAST_DAY, in_language
from reports.rules import reported_neighbourhoods

# Text rather than a date picker: a picker throws away what it cannot read, and the visitor cannot see what was wrong.
DAY = forms.DateInput(format="%d.%m.%Y", attrs={"inputmode": "numeric", "autocomplete": "off"})
UNCLEAR = _("Write the date as day, month, year, for example 01.12.2013.")
FAR = _("Choose a date between 1900 and 2100.")


class DayField(forms.DateField):
    """A day as Poles write it, or ISO, within the years this portal can be asked about."""

    widget = DAY

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            input_formats=["%d.%m.%Y", "%Y-%m-%d"],
            error_messages={"invalid": UNCLEAR},
            validators=[MinValueValidator(FIRST_DAY, FAR), MaxValueValidator(LAST_DAY, FAR)],
            **kwargs,
        )


class PickField(forms.ChoiceField):
    """One of a few rows by slug; the rows are fetched once, for the list and for the check alike."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.rows: dict[str, Picked] = {}

    def offer(self, rows: QuerySet[Any, Any]) -> None:
        """Let one choose among rows of id, slug and name."""
        self.rows = {slug: Picked(pk, slug, name) for pk, slug, name in rows}
        self.choices = [("", _("all")), *((row.slug, row.name) for row in self.rows.values())]

    def clean(self, value: Any) -> Picked | None:
        return self.rows.get(super().clean(value))


class FilterForm(forms.Form):
    """Period, neighbourhood, project. What is not a field here reaches nothing (SEC-02).

    Unlike the lists for residents a value that makes no sense is told: a report of everything, taken for a report of
    one neighbourhood, would mislead.
    """

    first = DayField(label=_("From (dd.mm.yyyy)"))
    last = DayField(label=_("To (dd.mm.yyyy)"))
    neighbourhood = PickField(label=_("Neighbourhood"), error_messages={"invalid_choice": _("Choose a neighbourhood from the list.")})
    project = PickField(label=_("Project"), error_messages={"invalid_choice": _("Choose a project from the list.")})

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].offer(reported_neighbourhoods(user).in_order().values_list("pk", "slug", "name"))
        projects = Project.objects.annotate(shown=in_language("title")).order_by("-starts_on", "pk")
        self.fields["project"].offer(projects.values_list("pk", "slug", "shown"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", ValidationError(_("The last day is before the first."), code="order"))
        return cleaned

    def filters(self) -> Filters:
        """What was asked for; only of a form without errors."""
        return Filters(**{name: self.cleaned_data[name] or None for name in self.fields})


class ExportForm(forms.Form):
    """What a file is taken out for; these reports name nobody, so it may stay empty."""

    purpose = forms.CharField(
        label=_("What for? (optional)"),
        help_text=_("It is noted in the log of exports, together with your name, the filters and the number of rows."),
        max_length=300,
        required=False,
    )
