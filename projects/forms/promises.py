"""A promise: given, kept, put off; the same small forms in the panel and on the authors' own page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.models import Milestone, MilestoneDelay

DAY_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WHAT = Milestone._meta.get_field("what").max_length
REASON = MilestoneDelay._meta.get_field("reason").max_length


class PromiseForm(forms.Form):
    """Who promises what, by when; ``owners`` are those the account may speak for."""

    what = forms.CharField(
        label=_("What is promised?"), max_length=WHAT,
        help_text=_("One thing that can be seen to be done, such as: “A bench stands by block 5.”"),
    )  # fmt: skip
    owner = forms.ChoiceField(
        label=_("Who promises it?"), widget=forms.RadioSelect, help_text=_("A body, never a person: the public reads it.")
    )
    due_on = forms.DateField(label=_("By when?"), widget=DAY_INPUT)

    def __init__(self, *args: Any, owners: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [(owner, Milestone.Owner(owner).label) for owner in owners]


class KeepForm(forms.Form):
    done_on = forms.DateField(label=_("On which day was it done?"), widget=DAY_INPUT)


class PutOffForm(forms.Form):
    until = forms.DateField(label=_("The new day"), widget=DAY_INPUT)
    reason = forms.CharField(
        label=_("Why it comes later"), max_length=REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it on the page of the initiative. Write no names."),
    )  # fmt: skip
