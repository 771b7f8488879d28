"""A promise: given, kept, put off; the same small forms in the panel and on the authors' own page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import DayField
from projects.models import Milestone, MilestoneDelay

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
    due_on = DayField(label=_("By when?"))

    def __init__(self, *args: Any, owners: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [(owner, Milestone.Owner(owner).label) for owner in owners]


class KeepForm(forms.Form):
    done_on = DayField(label=_("On which day was it done?"))


class PutOffForm(forms.Form):
    until = DayField(label=_("The new day"))
    reason = forms.CharField(
        label=_("Why it comes later"), max_length=REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it on the page of the initiative. Write no names."),
    )  # fmt: skip
