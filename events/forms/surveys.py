"""The questions of a survey as a form: on a phone for anybody, and for a paper typed in by the keyboard."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import OneTimeForm, tidy
from events.domain.surveys import LONGEST_TEXT
from events.models import Question

Kind = Question.Kind
# More answers than digits are ticked.
MOST_DIGITS = 9


class QuestionFields(forms.Form):
    """A field for each question, none of them required; for a paired series the two things only the person knows."""

    def __init__(self, *args: Any, questions: Sequence[Question], pairing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for question in self.questions:
            self.fields[f"q{question.number}"] = self.field_for(question)
        if pairing:
            self.fields["pair_letters"] = forms.CharField(
                label=_("The first two letters of your mother’s first name"), required=False, max_length=2,
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "maxlength": 2}),
            )  # fmt: skip
            self.fields["pair_day"] = forms.IntegerField(
                label=_("The day of the month on which you were born (1–31)"), required=False, min_value=1, max_value=31,
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "maxlength": 2}),
            )  # fmt: skip

    def field_for(self, question: Question) -> forms.Field:
        shared = {"label": question.text, "required": False}
        match question.kind:
            case Kind.SEVERAL:
                help_text = _("You may choose several.")
                return forms.MultipleChoiceField(
                    choices=question.choices, widget=forms.CheckboxSelectMultiple, help_text=help_text, **shared
                )
            case Kind.TEXT:
                widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})
                help_text = _("Write no names: neither your own nor others’.")
                return forms.CharField(max_length=LONGEST_TEXT, widget=widget, help_text=help_text, **shared)
        return forms.ChoiceField(choices=question.choices, widget=forms.RadioSelect, **shared)

    def answers(self) -> dict[int, Any]:
        """What was answered, by the question's number, as the verb keeps it."""
        return {question.number: self._answer(question) for question in self.questions}

    def pair(self) -> tuple[str, str] | None:
        typed = self.cleaned_data
        return (typed["pair_letters"], str(typed["pair_day"] or "")) if "pair_letters" in self.fields else None

    def _answer(self, question: Question) -> Any:
        typed = self.cleaned_data[f"q{question.number}"]
        match question.kind:
            case Kind.TEXT:
                return tidy(typed)
            case Kind.SEVERAL:
                return sorted(int(value) for value in typed)
        return int(typed) if typed else None


class SurveyForm(QuestionFields, OneTimeForm):
    """What anybody fills in on a phone."""


class DigitsField(forms.CharField):
    """Which of the answers were ticked, typed without a gap: "13" is the first and the third."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, highest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.highest = highest

    def clean(self, value: Any) -> Any:
        digits = {digit for digit in super().clean(value) if not digit.isspace()}
        if not digits <= {str(number) for number in range(1, self.highest + 1)}:
            raise ValidationError(_("Write digits from 1 to %(highest)s.") % {"highest": self.highest}, code="digits")
        return sorted(digits)


class PaperForm(QuestionFields):
    """The same questions for somebody with a pile of papers: a digit and Tab for each question, Enter at the end."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    language = forms.ChoiceField(label=gettext_lazy("Language of the paper"), choices=settings.LANGUAGES, initial="pl")

    def field_for(self, question: Question) -> forms.Field:
        field = self._digits(question) if len(question.choices) <= MOST_DIGITS else super().field_for(question)
        field.label = f"{question.number}. {question.text}"
        return field

    def _digits(self, question: Question) -> forms.Field:
        highest = len(question.choices)
        match question.kind:
            case Kind.TEXT:
                return super().field_for(question)
            case Kind.SCALE:
                told = [label for value, label in question.choices if label != value]
            case _:
                told = [f"{value} – {label}" for value, label in question.choices]
        if question.kind == Kind.SEVERAL:
            told.append(_("several digits without a gap"))
            return DigitsField(highest=highest, required=False, help_text="; ".join(told))
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 1})
        return forms.IntegerField(min_value=1, max_value=highest, widget=widget, required=False, help_text="; ".join(told))
