"""Filters of the public lists, asking for the weekly letter, and the leaders' network."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import OneTimeForm
from participants.models import Organisation
from projects.choices import neighbourhood_choices
from projects.models import Initiative, Neighbourhood


class NeighbourhoodFilterForm(forms.Form):
    """A list by estate; an unknown value is ignored (SEC-02)."""

    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].choices = [("", _("all")), *neighbourhood_choices()]

    def chosen(self) -> str:
        """The address of the estate that holds, or nothing when all are wanted."""
        self.is_valid()
        return self.cleaned_data.get("neighbourhood", "")


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


class OrganisationFilterForm(forms.Form):
    """Organisations by the kinds the programme names; an unknown value is ignored (SEC-02)."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Organisation.Kind.choices])

    def chosen(self) -> str:
        """The kind, or nothing when all are wanted."""
        self.is_valid()
        return self.cleaned_data.get("kind", "")


class FollowForm(OneTimeForm):
    """To which address the news of one initiative goes (GDPR-12)."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("We send a link to confirm it; nothing else comes before you do."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["email", "website", "key"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class NewsletterForm(FollowForm):
    """Whose letters, and to which address; nothing is ticked beforehand (GDPR-12)."""

    neighbourhoods = forms.MultipleChoiceField(label=_("Which neighbourhoods?"), widget=forms.CheckboxSelectMultiple)
    field_order = ["neighbourhoods", "email", "website", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["neighbourhoods"].choices = neighbourhood_choices()

    def chosen(self) -> list[Neighbourhood]:
        return list(Neighbourhood.objects.published().filter(slug__in=self.cleaned_data["neighbourhoods"]))
