"""What a call comes to for one plan, as the office types it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import MoneyField
from projects.domain.grant_calls import Verdict
from projects.models import GrantResult

# No call takes more: a number nobody means does not reach the column.
MOST = 9_999_999


class VerdictForm(forms.Form):
    """One line of the results. What the page showed comes back with what was typed, so lines nobody touched are left alone:
    a colleague may have written there meanwhile."""

    choice = forms.ChoiceField(
        label=_("Result"), required=False, widget=forms.RadioSelect, show_hidden_initial=True,
        choices=[("", _("not decided")), ("yes", _("chosen")), ("no", _("not chosen"))],
    )  # fmt: skip
    grosze = MoneyField(label=_("Money (zł)"), required=False, max_value=MOST, show_hidden_initial=True)
    reasons = forms.CharField(
        label=_("Reasons"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), show_hidden_initial=True,
        help_text=_("The authors will read them, and so will everybody."),
    )  # fmt: skip

    def __init__(self, *args: Any, result: GrantResult | None, asked: int | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"choice": "", "grosze": None, "reasons": ""}
        if result is not None:
            initial = {"choice": "yes" if result.is_chosen else "no", "grosze": result.grosze, "reasons": result.reasons}
        super().__init__(*args, initial=initial, **kwargs)
        self.asked = asked

    def clean(self) -> Any:
        cleaned = super().clean()
        choice, reasons = self.cleaned_data.get("choice"), self.cleaned_data.get("reasons", "").strip()
        if choice == "yes" and not self.cleaned_data.get("grosze") and "grosze" not in self.errors:
            self.add_error("grosze", _("Write how much money it gets."))
        if choice == "no" and not reasons and "reasons" not in self.errors:
            self.add_error("reasons", _("Write why: the author will read it."))
        if not choice and (reasons or self.cleaned_data.get("grosze")):
            self.add_error("choice", _("Say whether it is chosen, or clear what is typed below."))
        return cleaned

    def verdict(self) -> Verdict:
        typed = self.cleaned_data
        is_chosen = {"yes": True, "no": False}.get(typed["choice"])
        return Verdict(is_chosen, typed["grosze"] if is_chosen else None, typed["reasons"])
