"""What is written down while an initiative runs, the report in steps, and who leads next."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.amounts import HoursField, MoneyField
from active_citizens.core.forms import OneTimeForm
from active_citizens.core.scans import ScanField
from projects.domain.running import Spent
from projects.models import Expense, Initiative, InitiativeReport, VolunteerWork
from projects.models.outcomes import CHANNELS

LONGEST = 4000
# The steps of the report, in their order.
STEPS: dict[str, tuple[str, ...]] = {
    "co-sie-udalo": ("done", "worked", "failed"),
    "ludzie": CHANNELS,
    "pieniadze": ("money_note",),
    "opowiesc": ("story",),
}
TITLES = {
    "co-sie-udalo": gettext_lazy("What was done"),
    "ludzie": gettext_lazy("How many people you reached"),
    "pieniadze": gettext_lazy("About the money"),
    "opowiesc": gettext_lazy("A story for everybody"),
}


_capfirst = lazy(capfirst, str)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _words(model: Any, name: str) -> forms.CharField:
    field = model._meta.get_field(name)
    return forms.CharField(label=_capfirst(field.verbose_name), max_length=field.max_length)


class ExpenseForm(OneTimeForm):
    """One receipt, or ``expense`` to put right; what is refused leaves everything typed, only the file is to be chosen again."""

    paid_on = _day(gettext_lazy("Paid on"))
    what = _words(Expense, "what")
    grosze = MoneyField(label=gettext_lazy("How much (zł)"), min_value=0.01)
    budget_line = forms.ModelChoiceField(
        None, label=gettext_lazy("Which line of the budget"), required=False, empty_label=gettext_lazy("none of them")
    )
    receipt_number = _words(Expense, "receipt_number")
    picture = ScanField(
        label=gettext_lazy("Photo or scan of the receipt"), required=False,
        help_text=gettext_lazy(
            "A photo (JPEG, PNG, WebP) or a PDF, of which we keep the first three pages as a picture. Only you and the team see it. "
            "You may leave it out and keep the paper."
        ),
    )  # fmt: skip
    field_order = ["paid_on", "what", "grosze", "budget_line", "receipt_number", "picture", "website", "key"]

    def __init__(self, *args: Any, initiative: Initiative, expense: Expense | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=as_typed(expense) if expense else None, **kwargs)
        self.fields["budget_line"].queryset = initiative.budget.all()
        if expense is not None and expense.receipt:
            self.fields["picture"].help_text = _("Without a new file the picture that is there stays.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            self.choose_again()
        return cleaned

    def choose_again(self) -> None:
        """Browsers never send a file back: whoever chose one is told to choose it again."""
        if self.cleaned_data.get("picture"):
            self.add_error("picture", _("Choose the file again."))

    def spent(self) -> Spent:
        return Spent(**{name: self.cleaned_data[name] for name in ("paid_on", "what", "grosze", "receipt_number", "budget_line")})


def as_typed(row: Expense | VolunteerWork) -> dict[str, Any]:
    """What stands in a row, for the form that puts it right."""
    names = ("paid_on", "what", "grosze", "budget_line", "receipt_number") if isinstance(row, Expense) else WorkForm.base_fields
    return {name: getattr(row, name) for name in names}


class WorkForm(forms.Form):
    """Hours of one day; no names."""

    done_on = _day(gettext_lazy("On which day"))
    people = forms.IntegerField(label=gettext_lazy("How many people"), min_value=1, max_value=10_000)
    minutes = HoursField(
        label=gettext_lazy("Hours of all together"), min_value=0.02, help_text=gettext_lazy("Three people for two and a half hours: 7,5.")
    )
    what = _words(VolunteerWork, "what")


def report_form(step: str, data: Any, report: InitiativeReport) -> forms.ModelForm:
    """One step; nothing in it has to be filled in before the report is handed in."""
    widgets = {name: forms.Textarea(attrs={"rows": 8 if name == "story" else 4}) for name in STEPS[step] if name not in CHANNELS}
    made = forms.modelform_factory(InitiativeReport, fields=STEPS[step], widgets=widgets)(data, instance=report)
    for name, field in made.fields.items():
        if name in CHANNELS:
            field.max_value = 10_000_000
            field.validators.append(forms.fields.validators.MaxValueValidator(field.max_value))
        else:
            field.max_length = LONGEST
            field.validators.append(forms.fields.validators.MaxLengthValidator(LONGEST))
    return made
