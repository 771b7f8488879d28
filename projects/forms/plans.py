"""The plan in steps; each is kept as it was sent, whether or not it is complete."""

from typing import Any

from django import forms
from django.forms import BaseModelFormSet, modelformset_factory
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import HoursField, MoneyField
from projects.domain.plans import MOST_LINES
from projects.models import BudgetLine, Contribution, Plan

# Empty lines offered after those that are filled; more come once they are.
EXTRA = 3
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


class LineForm(forms.ModelForm):
    """One line of a list: an empty one asks for nothing, a begun one for all of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def _ask_for(self, cleaned: dict[str, Any], sentences: dict[str, Any]) -> None:
        for name, sentence in sentences.items():
            if not cleaned.get(name) and not self.has_error(name):
                self.add_error(name, forms.ValidationError(sentence, code="needed"))


class BudgetLineForm(LineForm):
    grosze = MoneyField(label=_("How much (zł)"), min_value=0.01)

    class Meta:
        model = BudgetLine
        fields = ["what", "grosze"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._ask_for(cleaned, {"what": _("Write what it is for."), "grosze": _("Write how much it costs.")})
        return cleaned


class ContributionForm(LineForm):
    """Work counts in hours, things and money in złoty."""

    minutes = HoursField(label=_("Hours of work, of all together"))
    grosze = MoneyField(label=_("Worth of the things, or how much money (zł)"))

    class Meta:
        model = Contribution
        fields = ["kind", "what", "minutes", "grosze"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_work = cleaned.get("kind") == Contribution.Kind.WORK
        asked = {"minutes": _("Write how many hours.")} if is_work else {"grosze": _("Write how much it is worth.")}
        self._ask_for(cleaned, {"kind": _("Choose what it is."), "what": _("Write what it is for."), **asked})
        # What belongs to another kind is not kept.
        cleaned["grosze" if is_work else "minutes"] = None
        return cleaned


def lines_formset(step: str, data: Any, rows: Any) -> BaseModelFormSet:
    """The lines of the budget, or of what residents give themselves, with empty ones to fill in."""
    form, model = (BudgetLineForm, BudgetLine) if step == "koszty" else (ContributionForm, Contribution)
    made = modelformset_factory(
        model, form=form, extra=EXTRA, can_delete=True, can_delete_extra=False, max_num=MOST_LINES, validate_max=True
    )
    return made(data, queryset=rows, prefix=step)
