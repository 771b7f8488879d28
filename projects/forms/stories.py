"""A story of a change in three questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField, OneTimeForm
from participants.models import Person, User
from projects.domain.stories import Told
from projects.forms.ideas import ContactField
from projects.models import ChangeStory

LONGEST = 3000
ANSWERS = ("before", "change", "why")


def _answer(name: str) -> forms.CharField:
    label = ChangeStory._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))


class StoryForm(OneTimeForm):
    """The three answers, what to call whoever tells them, and the consent; an account is not asked who it is."""

    before, change, why = (_answer(name) for name in ANSWERS)
    told_as = forms.CharField(
        label=_("What should we call you in the story?"), required=False, max_length=80,
        help_text=_("For example: resident of Azory. Leave it empty and nothing stands there."),
    )  # fmt: skip
    who = NameField(label=_("Who are you?"), help_text=_("First and last name. We do not publish it."))
    contact = ContactField(
        label=_("How do we reach you?"), max_length=254, help_text=_("An e-mail or a phone number: one is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "on"}),
    )  # fmt: skip
    agree = forms.BooleanField(label=_("I agree"), error_messages={"required": _("Without your consent we cannot take the story.")})
    field_order = [*ANSWERS, "told_as", "who", "contact", "agree", "website", "key"]

    def __init__(self, *args: Any, user: User | None = None, text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user is not None:
            del self.fields["who"], self.fields["contact"]
        # The words of the consent stand beside the box; the label stays short, for it is read out with every mistake.
        self.fields["agree"].help_text = text

    def told(self, language: str) -> Told:
        typed = self.cleaned_data
        return Told(**{name: typed[name] for name in ANSWERS}, told_as=typed["told_as"], lang=language)

    def teller(self, language: str) -> Person:
        """Somebody unsaved, as they said who they are."""
        email, phone = self.cleaned_data["contact"]
        channel = Person.Channel.EMAIL if email else Person.Channel.PHONE
        return Person(name=self.cleaned_data["who"], email=email, phone=phone, language=language, preferred_channel=channel)


class PaperStoryForm(forms.Form):
    """The same from a paper, entered by the team."""

    before, change, why = (_answer(name) for name in ANSWERS)
    told_as = forms.CharField(label=_("how they are called in it"), required=False, max_length=80)
    paper_reference = forms.CharField(
        label=_("Where the paper with the consent is"), max_length=80, help_text=_("Without a name: „segregator 3, karta 12”.")
    )

    def told(self) -> Told:
        typed = self.cleaned_data
        return Told(**{name: typed[name] for name in ANSWERS}, told_as=typed["told_as"])
