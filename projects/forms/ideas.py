"""An idea in four fields: what, where, who, and how to reach them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm
from active_citizens.core.text import normalise_phone
from participants.models import User
from projects.choices import neighbourhood_choices
from projects.domain.ideas import Idea
from projects.models import Neighbourhood

ELSEWHERE = "elsewhere"


class ContactField(forms.CharField):
    """An e-mail or a phone in one field; the value is the pair (e-mail, phone), one of them empty."""

    def clean(self, value: Any) -> tuple[str, str]:
        text = super().clean(value).strip()
        if not text:
            return "", ""
        if "@" not in text and not any(sign.isdigit() for sign in text):
            raise ValidationError(_("Write an e-mail or a phone number, for example 12 616 55 55."), code="contact")
        if "@" in text:
            validate_email(text)
            return text.lower(), ""
        return "", normalise_phone(text)


class IdeaForm(OneTimeForm):
    """What somebody wants to do; an account is asked neither who it is nor how to reach it."""

    what = forms.CharField(
        label=_("What would you like to do?"), max_length=3000, min_length=10,
        error_messages={"min_length": _("Write a little more: at least one sentence.")}, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A few sentences are enough. The plan comes later, together."),
    )  # fmt: skip
    where = forms.ChoiceField(label=_("Where?"), widget=forms.RadioSelect)
    who = NameField(label=_("Who are you?"), help_text=_("First and last name. We do not publish it."))
    contact = ContactField(
        label=_("How do we reach you?"), max_length=254, help_text=_("An e-mail or a phone number: one is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "on"}),
    )  # fmt: skip
    field_order = ["what", "where", "who", "contact", "website", "key"]

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = [*neighbourhood_choices(), (ELSEWHERE, _("somewhere else, or I do not know yet"))]
        if user is not None:
            del self.fields["who"], self.fields["contact"]

    def idea(self, language: str) -> Idea:
        typed = self.cleaned_data
        email, phone = typed.get("contact", ("", ""))
        where = Neighbourhood.objects.published().filter(slug=typed["where"]).first()
        return Idea(typed["what"], where, typed.get("who", ""), email, phone, language=language)
