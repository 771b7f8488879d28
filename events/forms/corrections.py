"""What people correct about themselves on their own pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm, PhoneField
from events.domain.own import Holder


class CorrectionForm(OneTimeForm):
    """Name, phone and language of somebody without an account."""

    name = NameField()
    phone = PhoneField()
    language = forms.ChoiceField(label=_("Language of our messages"), choices=settings.LANGUAGES)
    field_order = ["name", "phone", "language", "website", "key"]

    def __init__(self, data: Any, *, holder: Holder) -> None:
        person = holder.person
        said = {"name": holder.name, "phone": person.phone_shown, "language": person.language}
        super().__init__(data, prefix=f"person-{person.pk}", initial=said)
