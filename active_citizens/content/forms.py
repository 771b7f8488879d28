"""The filter of the news."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.choices import neighbourhood_choices


class NewsFilterForm(forms.Form):
    """News by estate; unknown values are ignored (SEC-02)."""

    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].choices = [("", _("all")), *neighbourhood_choices()]

    def chosen(self) -> str:
        """The slug that holds; empty for all."""
        self.is_valid()
        return self.cleaned_data.get("neighbourhood") or ""
