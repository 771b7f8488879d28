"""What the team types about events and sign-ups."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, PhoneField, tidy
from events.domain.places import Head
from events.models import Event, Registration
from participants.models import AgeBand, Notice, Person
from projects.admin_base import MomentField, Refusable
from projects.models import Membership, Neighbourhood

# More names than this in one party is a list pasted into the wrong place.
LARGEST_PARTY = 30


class EventForm(Refusable):
    """An event's texts and dates; what a published event cannot be without stays filled in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "access_contact" in self.fields and self.instance.is_published:
            for name in ("venue", "access_contact", "summary_pl"):
                self.fields[name].required = True

    def clean(self) -> Any:
        cleaned = super().clean()
        starts_at, ends_at = self.now("starts_at"), self.now("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.refuse("ends_at", _("The event must end after it starts."))
        opens_at, closes_at = self.now("opens_at"), self.now("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.refuse("closes_at", _("Sign-up must end after it opens."))
        if self.cleaned_data.get("capacity") == 0:
            self.refuse("capacity", _("Write at least 1, or leave it empty: no limit."))
        return cleaned

    def now(self, name: str) -> Any:
        """What the field will be once saved, also when it is not in the form."""
        return self.cleaned_data.get(name) if name in self.fields else getattr(self.instance, name)

    def refuse(self, name: str, sentence: Any) -> None:
        if name in self.fields:
            self.add_error(name, sentence)


class PlacesForm(forms.Form):
    capacity = forms.IntegerField(
        label=_("Number of places"), required=False, min_value=1, max_value=32767,
        help_text=_("Empty: no limit. More places go to those waiting at once; fewer never take a place away from anybody."),
    )  # fmt: skip


class CopyForm(forms.Form):
    starts_at = MomentField(label=_("When the copy starts"), help_text=_("The copy is a draft: nobody sees it before you publish it."))


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody signed up reads it, and it stands on the event’s page."),
    )  # fmt: skip


class EnterSignUpForm(forms.Form):
    """One party by phone, on paper or at the counter: a name is enough."""

    name = NameField()
    phone = PhoneField(help_text=_("Phone or e-mail; without either the person keeps the code."))
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    channel = forms.ChoiceField(label=_("How it came in"), widget=forms.RadioSelect, initial=Registration.Channel.PHONE)
    home = forms.ChoiceField(label=_("Which neighbourhood (optional)"), required=False)
    age_band = forms.ChoiceField(label=_("Age (optional)"), required=False, choices=[("", _("not said")), *AgeBand.choices])
    others = forms.CharField(
        label=_("Others coming along (optional)"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One name per line."),
    )  # fmt: skip
    notice = forms.ModelChoiceField(Notice.objects.none(), required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again and repeat.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = Neighbourhood.objects.published().in_order().values_list("pk", "name")
        self.fields["home"].choices = [("", _("not said")), *homes, *Membership.Elsewhere.choices]
        self.fields["channel"].choices = [choice for choice in Registration.Channel.choices if choice[0] != Registration.Channel.WEB]
        self.fields["notice"].queryset = Notice.objects.filter(purpose=Notice.Purpose.PHONE, published_at__isnull=False)
        self.fields["key"].initial = uuid.uuid4()
        self.fields["name"].widget.attrs["autocomplete"] = self.fields["phone"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_others(self) -> list[str]:
        names = [tidy(line) for line in self.cleaned_data["others"].splitlines() if tidy(line)]
        if len(names) >= LARGEST_PARTY:
            raise ValidationError(_("Enter at most %(limit)s names at once.") % {"limit": LARGEST_PARTY - 1}, code="party")
        field = NameField()
        return [field.clean(name) for name in names]

    def person(self) -> Person:
        """An unsaved person; the rules decide whether it is written."""
        typed = self.cleaned_data
        channel = Person.Channel.EMAIL if typed["email"] else Person.Channel.PHONE if typed["phone"] else Person.Channel.NONE
        return Person(name=typed["name"], email=typed["email"], phone=typed["phone"], age_band=typed["age_band"], preferred_channel=channel)

    def heads(self) -> list[Head]:
        typed = self.cleaned_data
        return [Head(typed["name"], typed["age_band"]), *(Head(name) for name in typed["others"])]


class ContactForm(Refusable):
    """A person's name and contact as they gave them."""

    name = NameField()
    phone = PhoneField()

    class Meta:
        model = Person
        fields = ["name", "phone", "email", "preferred_channel"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


def dates_are_fixed(event: Event | None) -> bool:
    """People have written the date down: it moves only together with telling them."""
    if event is None or event.status == Event.Status.DRAFT:
        return False
    if event.is_cancelled:
        return True
    if "_dates_fixed" not in event.__dict__:
        # Django asks for the read-only fields several times per page.
        event.__dict__["_dates_fixed"] = event.registrations.live().exists()
    return event.__dict__["_dates_fixed"]
