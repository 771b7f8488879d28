"""A call as the coordinator writes it, and what it comes to for one plan."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import MoneyField
from active_citizens.core.text import plain
from projects.domain.grant_calls import Verdict
from projects.models import GrantCall, GrantResult

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


def slug_of(title: str) -> str:
    return slugify(plain(title))[:80].strip("-") or "nabor"


def free_slug(title: str) -> str:
    """An address made of the title that no other call has."""
    base = slug_of(title)[:70]
    slug, number = base, 1
    while GrantCall.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def check_moments(opens: Any, closes: Any) -> None:
    if opens and closes and closes <= opens:
        raise ValidationError(_("The call must close after it opens."), code="moments")
