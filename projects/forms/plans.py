"""The plan in steps; each is kept as it was sent, whether or not it is complete."""

from typing import Any

from django import forms
from django.forms import BaseModelFormSet, modelformset_factory
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import HoursField, MoneyField
from projects.models import BudgetLine, Contribution, Plan

# Empty lines offered after those that are filled; more come once they are.
EXTRA = 3
MOST_LINES = 60
# The texts of each step, in the order of the plan.
STEPS: dict[str, tuple[str, ...]] = {
    "potrzeba": ("need", "aim"),
    "dzialania": ("actions", "timetable", "audience"),
    "koszty": (),
    "wklad": (),
    "potem": ("risks", "afterwards"),
}
TITLES = {
    "potrzeba": _("What is needed"),
    "dzialania": _("What you will do"),
    "koszty": _("What it costs"),
    "wklad": _("What you give yourselves"),
    "potem": _("Risks, and what remains"),
}


def texts_form(step: str, data: Any, plan: Plan) -> forms.ModelForm:
    """The form of a step that asks for words."""
    widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in STEPS[step]}
    made = forms.modelform_factory(Plan, fields=STEPS[step], widgets=widgets)(data, instance=plan)
    for field in made.fields.values():
        field.max_length = 4000
        field.validators.append(forms.fields.validators.MaxLengthValidator(4000))
    return made


class BudgetLineForm(forms.ModelForm):
    grosze = MoneyField(label=_("How much (zł)"), min_value=0.01)

    class Meta:
        model = BudgetLine
        fields = ["what", "grosze"]


class ContributionForm(forms.ModelForm):
    """Work counts in hours, things and money in złoty."""

    minutes = HoursField(label=_("Hours of work, of all together"), required=False)
    grosze = MoneyField(label=_("Worth of the things, or how much money (zł)"), required=False)

    class Meta:
        model = Contribution
        fields = ["kind", "what", "minutes", "grosze"]
        widgets = {"kind": forms.Select}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted, other = ("minutes", "grosze") if cleaned.get("kind") == Contribution.Kind.WORK else ("grosze", "minutes")
        if cleaned.get("kind") and not self.errors:
            if not cleaned.get(wanted):
                word = _("Write how many hours.") if wanted == "minutes" else _("Write how much it is worth.")
                self.add_error(wanted, forms.ValidationError(word, code="needed"))
            cleaned[other] = None
            self.instance.minutes, self.instance.grosze = cleaned.get("minutes"), cleaned.get("grosze")
        return cleaned


def lines_formset(step: str, data: Any, rows: Any) -> BaseModelFormSet:
    """The lines of the budget, or of what residents give themselves, with empty ones to fill in."""
    form, model = (BudgetLineForm, BudgetLine) if step == "koszty" else (ContributionForm, Contribution)
    made = modelformset_factory(model, form=form, extra=EXTRA, can_delete=True, max_num=MOST_LINES, validate_max=True)
    return made(data, queryset=rows, prefix=step)
