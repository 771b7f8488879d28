"""The leaders' network: joining it, its page, and a letter to somebody of it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm, tidy
from projects.choices import neighbourhood_choices
from projects.domain.network import Words
from projects.models import LeaderProfile, Neighbourhood


class LeaderForm(forms.Form):
    """How a leader is shown; the name is theirs to choose, a first name is enough."""

    name = NameField(
        label=_("Name shown"), max_length=60, help_text=_("A first name is enough. Nothing else of your data is shown."),
    )  # fmt: skip
    neighbourhoods = forms.MultipleChoiceField(label=_("Neighbourhoods"), widget=forms.CheckboxSelectMultiple)
    offer = forms.CharField(
        label=_("What you can help with"), max_length=600, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your own words, at most 600 characters. No telephone and no address: neighbours write through the portal."),
    )  # fmt: skip
    languages = forms.CharField(
        label=_("Languages you speak"), max_length=120, required=False, help_text=_("For example: Polish, Ukrainian, sign language.")
    )

    def __init__(self, *args: Any, profile: LeaderProfile | None = None, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = OneTimeForm().helper
        self.fields["neighbourhoods"].choices = neighbourhood_choices()
        self.fields["name"].widget.attrs["autocomplete"] = "given-name"
        self.initial.setdefault("name", name)
        if profile is not None:
            self.initial = dict(self.initial) | {
                "name": profile.name_shown, "offer": profile.offer, "languages": profile.languages,
                "neighbourhoods": [place.slug for place in profile.neighbourhoods.all()],
            }  # fmt: skip

    def clean_offer(self) -> str:
        return paragraphs(self.cleaned_data["offer"])

    def words(self, lang: str) -> Words:
        typed = self.cleaned_data
        places = list(Neighbourhood.objects.published().filter(slug__in=typed["neighbourhoods"]))
        return Words(typed["name"], typed["offer"], places, tidy(typed["languages"]), lang)


class JoinForm(LeaderForm):
    """Joining: the words, and two ticks nobody makes for the person."""

    is_adult = forms.BooleanField(label=_("I am an adult."))
    agrees = forms.BooleanField(label=_("I agree to the text above."))


class PaperForm(LeaderForm):
    """Entering somebody who agreed on paper."""

    is_adult = forms.BooleanField(label=_("The paper says that the person is an adult."))
    reference = forms.CharField(label=_("Where the paper is kept"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever types it in is not the one it is about.
        self.fields["offer"].label, self.fields["languages"].label = _("What the person can help with"), _("Languages the person speaks")
        self.fields["offer"].help_text = _("In the person’s own words, without a telephone or an address.")


class LetterForm(OneTimeForm):
    """A neighbour's letter to a leader."""

    name = NameField(label=_("Your name"), max_length=60)
    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("It goes with the letter, so that the person can answer."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What you want to say"), max_length=2000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Without links. We keep nothing of it once it has been sent."),
    )  # fmt: skip
    field_order = ["name", "email", "text", "website", "key"]

    def clean_text(self) -> str:
        return paragraphs(self.cleaned_data["text"])


def paragraphs(text: str) -> str:
    """The text with its paragraphs, each tidied; one without a letter is refused."""
    kept = [line for line in (tidy(part) for part in text.replace("\r", "").split("\n")) if line]
    if not any(character.isalpha() for character in "".join(kept)):
        raise ValidationError(_("Write at least a word."), code="letters")
    return "\n\n".join(kept)
