"""The sign-up form: who to reach, who comes, and the optional rest."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm, PhoneField
from active_citizens.core.moments import kept
from events.domain.parties import Head
from events.domain.sign_up import Guardian, Newcomer, Party, Wishes
from events.forms.parties import age_field
from events.models import Event
from participants.domain.consents import current_text
from participants.models import AgeBand, User
from projects.models import Membership, Neighbourhood

# Of the contact nobody is asked more than whether a guardian is needed.
OWN_AGES = [("", _("I am 18 or older")), (AgeBand.FROM_16, _("I am 16 or 17")), (AgeBand.FROM_13, _("I am under 16"))]
TOGETHER = [("yes", _("All of us or nobody")), ("no", _("As many of us as there are places"))]


def consent_texts() -> dict[str, str]:
    """What one would agree to, word for word, by the name of the box; only what is published."""
    language = get_language() or "pl"
    return kept(
        f"consents:{language}",
        lambda: {name: text.text for name in ("newsletter", "image") if (text := current_text(name, language)) is not None},
    )


class SignUpForm(OneTimeForm):
    """Name plus e-mail or phone; others of the family, a guardian and consents only for those who need them.

    Where one lives is optional, and "I do not know" is an answer.
    """

    name = NameField()
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        help_text=_("We send a link to confirm your place."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PhoneField(help_text=_("No e-mail? A phone number is enough."))
    age = forms.ChoiceField(label=_("Your age"), required=False, choices=OWN_AGES, widget=forms.RadioSelect, initial="")
    coming = forms.BooleanField(label=_("I am coming, too"), required=False, initial=True)
    together = forms.ChoiceField(
        label=_("If there are too few places"), choices=TOGETHER, required=False, widget=forms.RadioSelect, initial="yes"
    )
    guardian_name = NameField(label=_("First and last name of the parent or guardian"), required=False)
    guardian_email = forms.EmailField(label=_("E-mail of the parent or guardian"), max_length=254, required=False)
    guardian_phone = PhoneField(label=_("or their phone"))
    all_dates = forms.BooleanField(label=_("Sign up for all the dates of the series"), required=False)
    home = forms.ChoiceField(label=_("Which neighbourhood are you from? (optional)"), required=False)
    newsletter = forms.BooleanField(label=_("Send me the weekly letter of the neighbourhood by e-mail (optional)"), required=False)
    image = forms.BooleanField(label=_("I agree to my picture being published (optional)"), required=False)

    def __init__(self, *args: Any, event: Event, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.own_email = user.email.lower() if user is not None else ""
        places = kept("homes", lambda: list(Neighbourhood.objects.published().in_order().values_list("pk", "name")))
        self.fields["home"].choices = [("", _("I would rather not say")), *places, *Membership.Elsewhere.choices]
        for number in self.rows:
            self.fields[f"other_name_{number}"] = NameField(label=_("First and last name"), required=False)
            self.fields[f"other_name_{number}"].widget.attrs["autocomplete"] = "off"
            self.fields[f"other_age_{number}"] = age_field(_("Age"))
        self._leave_out(user)

    @property
    def rows(self) -> range:
        """Rows for others of the party; the contact may come as well."""
        return range(1, settings.SEATS_PER_CONTACT)

    def _leave_out(self, user: User | None) -> None:
        """Nothing is asked that the event or the account answers already."""
        absent = []
        if not self.event.open_to_minors:
            absent += ["age", "guardian_name", "guardian_email", "guardian_phone", *(f"other_age_{number}" for number in self.rows)]
        if self.event.series is None or not self.event.series.whole:
            absent.append("all_dates")
        if user is not None:
            # The account's own e-mail is used; it has been confirmed already. Consents stand on the account's page.
            absent += ["email", "newsletter", "image"]
            self.fields["phone"].help_text = _("Optional: if we may ring when something changes.")
            self.fields["name"].initial = user.name
        texts = {} if user is not None else consent_texts()
        for name, text in ((name, texts.get(name)) for name in ("newsletter", "image")):
            # What has no published text cannot be agreed to.
            absent += [name] if text is None and user is None else []
            self.fields[name].help_text = text or ""
        for name in absent:
            del self.fields[name]

    # --- What the page shows in its parts ---------------------------------------------------------------------------

    def main_fields(self) -> list[BoundField]:
        """What everybody is asked first."""
        return self._bound("name", "email", "phone", "age")

    def guardian_fields(self) -> list[BoundField]:
        return self._bound("guardian_name", "guardian_email", "guardian_phone")

    def last_fields(self) -> list[BoundField]:
        return self._bound("all_dates", "home", "newsletter", "image", "website", "key")

    def others(self) -> list[tuple[int, list[BoundField]]]:
        return [(number, self._bound(f"other_name_{number}", f"other_age_{number}")) for number in self.rows]

    def has_others(self) -> bool:
        """Whether the part for the family stands open: somebody is named there, or something there is wrong."""
        open_fields = ["coming", "together", *(name for name in self.fields if name.startswith("other_"))]
        wrong = any(self.errors.get(name) for name in open_fields) if self.is_bound else False
        return wrong or any(self[f"other_name_{number}"].value() for number in self.rows)

    def has_guardian(self) -> bool:
        return any(field.value() or field.errors for field in self.guardian_fields()) or self.data.get("age") == AgeBand.FROM_16

    def _bound(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]

    # --- What was typed ---------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "email" in self.fields and not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error("email", ValidationError(_("Give an e-mail or a phone number: one is enough."), code="no_contact"))
        for name in ("email", "guardian_email"):
            if cleaned.get(name):
                cleaned[name] = cleaned[name].lower()
        self._clean_others(cleaned)
        self._clean_guardian(cleaned)
        if cleaned.get("newsletter") and not cleaned.get("email"):
            sentence = _("The letter comes by e-mail: write your address, or leave this empty.")
            self.add_error("newsletter", ValidationError(sentence, code="email"))
        return cleaned

    def _clean_others(self, cleaned: dict[str, Any]) -> None:
        for number in self.rows:
            name = f"other_name_{number}"
            if cleaned.get(f"other_age_{number}") and not cleaned.get(name) and not self.errors.get(name):
                self.add_error(name, ValidationError(_("Write the name, or clear the age."), code="name"))
        # The page sends "party" along; a bare form without that part means the contact alone.
        if "party" in self.data and not cleaned.get("coming") and not any(cleaned.get(f"other_name_{number}") for number in self.rows):
            self.add_error("coming", ValidationError(_("Somebody must be coming: you, or at least one person below."), code="nobody"))

    def _clean_guardian(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("age") != AgeBand.FROM_16 or self.errors:
            return
        if not cleaned.get("guardian_name"):
            self.add_error("guardian_name", ValidationError(_("Write the name of your parent or guardian."), code="guardian"))
        if not (cleaned.get("guardian_email") or cleaned.get("guardian_phone")):
            self.add_error("guardian_email", ValidationError(_("Give their e-mail or phone: one is enough."), code="guardian"))
        elif cleaned.get("guardian_email") and cleaned["guardian_email"] == (cleaned.get("email") or self.own_email):
            self.add_error("guardian_email", ValidationError(_("This is your own address. We need your guardian’s."), code="guardian"))
        elif cleaned.get("guardian_phone") and cleaned["guardian_phone"] == cleaned.get("phone"):
            self.add_error("guardian_phone", ValidationError(_("This is your own number. We need your guardian’s."), code="guardian"))

    def newcomer(self, language: str) -> Newcomer:
        typed = self.cleaned_data
        guardian = None
        if typed.get("age") == AgeBand.FROM_16:
            guardian = Guardian(typed["guardian_name"], typed["guardian_email"], typed["guardian_phone"])
        return Newcomer(
            typed["name"], typed.get("email", ""), typed["phone"], typed["home"], language, age_band=typed.get("age", ""), guardian=guardian
        )

    def wishes(self) -> Wishes:
        return Wishes(**{name: bool(self.cleaned_data.get(name)) for name in ("newsletter", "image", "all_dates")})

    def party(self) -> Party:
        """The contact, when coming, and the others; where the part for the family was not sent, the contact alone."""
        typed = self.cleaned_data
        others = [
            Head(typed[f"other_name_{number}"], typed.get(f"other_age_{number}", ""))
            for number in self.rows
            if typed.get(f"other_name_{number}")
        ]
        own = [Head(typed["name"], typed.get("age", ""))] if typed["coming"] or not others else []
        return Party([*own, *others], all_or_none=typed["together"] != "no")
