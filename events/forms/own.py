"""How somebody without an account finds a sign-up again."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import OneTimeForm, PhoneField
from active_citizens.core.text import folded, plain
from events.models.registrations import CODE_LETTERS


class LinkForm(OneTimeForm):
    """ "Send me my link again": the address alone."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    field_order = ["email", "website", "key"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class CodeForm(OneTimeForm):
    """The code from a slip or a call, with the phone or e-mail it was given for; who gave neither types the name."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
    contact = forms.CharField(
        label=_("Phone or e-mail given at sign-up"), max_length=254,
        help_text=_("Did you give neither? Type the first and last name, as on the slip."),
    )  # fmt: skip
    field_order = ["code", "contact", "website", "key"]

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"]).upper()
        if len(code) != 8 or set(code) - set(CODE_LETTERS):
            raise ValidationError(_("The code has eight letters and digits, like ACDE 3467."), code="code")
        return code

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"].strip()
        if "@" in contact:
            return contact.lower()
        is_name = any(character.isalpha() for character in contact)
        return plain(folded(contact)) if is_name else PhoneField().clean(contact)
