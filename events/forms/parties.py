"""People of one sign-up: a name, and an age band where children may come."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm
from events.domain.parties import Head
from participants.models import AgeBand

# An empty answer is an adult's: nobody is asked for more than the law needs.
AGES = [("", _("adult")), (AgeBand.FROM_16, _("16 or 17 years old")), (AgeBand.FROM_13, _("13 to 15")), (AgeBand.UNDER_13, _("under 13"))]


def age_field(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=AGES, required=False)


class HeadForm(forms.Form):
    """Correct one person of the party."""

    name = NameField()
    age = age_field(_("Age"))

    def __init__(self, *args: Any, with_age: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        if not with_age:
            del self.fields["age"]

    def head(self) -> Head:
        return Head(self.cleaned_data["name"], self.cleaned_data.get("age", ""))


class AddForm(OneTimeForm, HeadForm):
    """Add one person to the party."""

    field_order = ["name", "age", "website", "key"]
