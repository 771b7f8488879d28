"""A question, an answer to it, a word back: one field each, shown later as plain text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import OneTimeForm
from participants.models import User
from projects.domain.cautions import worded

LONGEST = 2000


class SaidField(forms.CharField):
    """Somebody's words: paragraphs stay, control and direction marks go; counted as browsers count."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 5})
        super().__init__(**{"max_length": LONGEST, "widget": widget, **kwargs})

    def to_python(self, value: Any) -> str:
        return worded(super().to_python(value) or "")


class QuestionForm(OneTimeForm):
    """What somebody wants to know; an account is told without being asked for an address."""

    text = SaidField(
        label=_("Your question"), min_length=5,
        help_text=_("Everybody can read it later. Do not write names, addresses or phone numbers. Links will not work."),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("If you want to be told about the answer. We do not show it to anybody."),
    )  # fmt: skip
    field_order = ["text", "email", "website", "key"]

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user is not None:
            del self.fields["email"]


class AnswerForm(forms.Form):
    """The group's answer."""

    text = SaidField(label=_("Your answer"), help_text=_("The team looks at it before everybody reads it."))


class ReplyForm(forms.Form):
    """The word back of whoever asked."""

    text = SaidField(label=_("Your reply"), help_text=_("You can reply once. The team looks at it before everybody reads it."))
