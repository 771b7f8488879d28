"""Filters of the public lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.choices import neighbourhood_choices
from projects.models import Initiative


class InitiativeFilterForm(forms.Form):
    """Initiatives by estate, kind and state; unknown values are ignored (SEC-02)."""

    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Initiative.Kind.choices])
    status = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].choices = [("", _("all")), *neighbourhood_choices()]
        self.fields["status"].choices = [("", _("all")), *((state.value, state.label) for state in Initiative.PUBLIC)]

    def chosen(self) -> dict[str, Any]:
        """The filters that hold, without those that are empty or make no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
