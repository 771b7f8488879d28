"""What is typed at the door: a walk-in, and heads counted without names."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import NameField
from events.models import HeadCount
from participants.models import MINORS, AgeBand

# More heads than live in Kraków are a slip of the thumb.
MOST_HEADS = 100_000


class WalkInForm(forms.Form):
    """A name, and a band where somebody says it; nothing else is asked at the door."""

    name = NameField()
    age_band = forms.ChoiceField(label=_("Age (optional)"), required=False)
    from_paper = forms.BooleanField(label=_("Typed in from the paper list"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again and repeat.")})

    def __init__(self, *args: Any, minors: bool, paper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bands = [choice for choice in AgeBand.choices if minors or choice[0] not in MINORS]
        self.fields["age_band"].choices = [("", _("not said")), *bands]
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["key"].initial = uuid.uuid4()
        if not paper:
            del self.fields["from_paper"]
        else:
            self.fields["from_paper"].initial = True


class HeadsForm(forms.Form):
    """One number a line, by each way of looking; an empty line is nobody, and „no answer” fills itself."""

    def __init__(self, *args: Any, counted: Mapping[str, Mapping[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension, values in HeadCount.VALUES.items():
            for value, label in values.items():
                if value != HeadCount.NO_ANSWER:
                    self.fields[f"{dimension}-{value}"] = forms.IntegerField(
                        label=capfirst(str(label)), required=False, min_value=0, max_value=MOST_HEADS,
                        initial=counted.get(dimension, {}).get(value), widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                    )  # fmt: skip

    def of(self, dimension: str) -> list[forms.BoundField]:
        """The lines of one way of looking."""
        return [self[name] for name in self.fields if name.startswith(f"{dimension}-")]

    def numbers(self, dimension: str) -> dict[str, int]:
        """What was typed, by value."""
        lead = f"{dimension}-"
        return {name.removeprefix(lead): typed or 0 for name, typed in self.cleaned_data.items() if name.startswith(lead)}
