"""What residents type on the pages of events."""

import re
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm, PhoneField
from active_citizens.core.moments import kept
from events.models import Event
from events.models.registrations import CODE_LETTERS
from participants.models import User
from projects.choices import neighbourhood_choices, stage_choices
from projects.models import Membership, Neighbourhood, Project


class SignUpForm(OneTimeForm):
    """Name plus e-mail or phone; where one lives is optional, and "I do not know" is an answer."""

    name = NameField()
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        help_text=_("We send a link to confirm your place."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PhoneField(help_text=_("No e-mail? A phone number is enough."))
    home = forms.ChoiceField(label=_("Which neighbourhood are you from? (optional)"), required=False)

    field_order = ["name", "email", "phone", "home", "website", "key"]

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = kept("homes", lambda: list(Neighbourhood.objects.published().in_order().values_list("pk", "name")))
        self.fields["home"].choices = [("", _("I would rather not say")), *places, *Membership.Elsewhere.choices]
        if user is not None:
            # The account's own e-mail is used; it has been confirmed already.
            del self.fields["email"]
            self.fields["phone"].help_text = _("Optional: if we may ring when something changes.")
            self.fields["name"].initial = user.name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "email" in self.fields and not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error("email", ValidationError(_("Give an e-mail or a phone number: one is enough."), code="no_contact"))
        if cleaned.get("email"):
            cleaned["email"] = cleaned["email"].lower()
        return cleaned


class LinkForm(OneTimeForm):
    """ "Send me my link again": the address alone."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    field_order = ["email", "website", "key"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class CodeForm(OneTimeForm):
    """The code from a slip or a call, with the phone or e-mail it was given for."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
    contact = forms.CharField(label=_("Phone or e-mail given at sign-up"), max_length=254)
    field_order = ["code", "contact", "website", "key"]

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"]).upper()
        if len(code) != 8 or set(code) - set(CODE_LETTERS):
            raise ValidationError(_("The code has eight letters and digits, like ACDE 3467."), code="code")
        return code

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"].strip()
        return contact.lower() if "@" in contact else PhoneField().clean(contact)


class EventFilterForm(forms.Form):
    """The filters of the event list; an unknown value is ignored rather than scolded (SEC-02)."""

    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    stage = forms.TypedChoiceField(label=_("Stage"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Event.Kind.choices])
    month = forms.ChoiceField(label=_("Month"), required=False)

    def __init__(self, data: Any, *, project: Project | None, months: list[date]) -> None:
        super().__init__(data)
        self.fields["neighbourhood"].choices = [("", _("all")), *neighbourhood_choices()]
        self.fields["stage"].choices = [("", _("all")), *stage_choices(project)]
        self.fields["month"].choices = [("", _("all")), *((f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months)]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def chosen(self) -> dict[str, Any]:
        """The filters that hold, without those that are empty or make no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @staticmethod
    def month_of(text: str) -> tuple[date, date]:
        """First and last day of a month written as 2026-11."""
        first = date.fromisoformat(f"{text}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, date.fromordinal(following.toordinal() - 1)


def this_month(months: list[date]) -> list[date]:
    """The months in order, the present one among them."""
    today = timezone.localdate()
    return sorted({*months, date(today.year, today.month, 1)})
