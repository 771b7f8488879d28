"""Form fields and layout shared by every form residents fill in."""

import re
import unicodedata
import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from active_citizens.core.text import normalise_phone


def tidy(text: str) -> str:
    """The text in one Unicode form, without control and direction marks, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    kept = (letter for letter in composed if letter in "\n\t " or unicodedata.category(letter) not in ("Cc", "Cf"))
    return " ".join("".join(kept).split())


class NameField(forms.CharField):
    """A person's name: any script, any number of words, but at least one letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 150, "label": _("First and last name"), **kwargs})
        self.widget.attrs.setdefault("autocomplete", "name")

    def to_python(self, value: Any) -> str:
        # „dr.Nowak” becomes „dr. Nowak”: names stand in mails, and nothing in them may turn into a link.
        return re.sub(r"(?<=\w)([.:])(?=\w)", r"\1 ", tidy(super().to_python(value) or ""))

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not any(character.isalpha() for character in value):
            raise ValidationError(_("Write a name with at least one letter."), code="letters")
        # Names stand in mails to others: nobody advertises an address through ours.
        if re.search(r"//|www\.|@", value, re.IGNORECASE):
            raise ValidationError(_("Write a name, without an address."), code="address")


class PhoneField(forms.CharField):
    """A phone in any customary spelling; the value is E.164 (LANG-06)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 30, "label": _("Phone"), "required": False, **kwargs})
        self.widget = forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel", "maxlength": 30})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return normalise_phone(text) if text else ""


class MomentField(forms.DateTimeField):
    """A date and time in one native control; years nobody means are refused before the clocks of Kraków meet them."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        try:
            moment = super().to_python(value)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if moment is not None and not 1990 <= moment.year <= 2100:
            raise ValidationError(_("Write a date between 1990 and 2100."), code="year")
        return moment


class DayField(forms.DateField):
    """A day in one native control; years nobody means are refused before anything is counted from them."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day is not None and not 1990 <= day.year <= 2100:
            raise ValidationError(_("Write a date between 1990 and 2100."), code="year")
        return day


class OneTimeForm(forms.Form):
    """A form that makes one thing however often it is sent, and that robots fill in wrongly (A11Y-12: no CAPTCHA)."""

    key = forms.UUIDField(
        label=_("Form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), _("This form is out of date. Open the page again and repeat.")),
    )
    # Hidden from people by CSS and from assistive technology by its label; a robot fills it in.
    website = forms.CharField(
        required=False, label=_("Leave this field empty"), widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("website"):
            raise ValidationError(_("This could not be sent. Open the page in another browser, or ring us."), code="robot")
        return cleaned
