"""What the team types when a list of people comes from a file."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from participants.models import User
from projects.domain.list_columns import LOOKED_THROUGH, Field, Layout
from projects.domain.list_reading import MOST_BYTES
from projects.models import Neighbourhood
from projects.rules import own_neighbourhoods


class UploadForm(forms.Form):
    """The file, whose neighbourhood it is about, and where it comes from."""

    file = forms.FileField(
        label=_("File"), help_text=_("XLSX, ODS or CSV, up to 5 MB and 10,000 rows. The first sheet is read."), allow_empty_file=True
    )
    neighbourhood = forms.ModelChoiceField(Neighbourhood.objects.none(), label=_("Neighbourhood of the people on the list"))
    source = forms.CharField(
        label=_("Where the list comes from, and why we may have it"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: attendance list of the meeting on 3 March, signed for contact about the programme."),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again and repeat.")})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = own_neighbourhoods(user).in_order()
        self.fields["neighbourhood"].queryset = own
        self.fields["key"].initial = uuid.uuid4()
        if len(own) == 1:
            self.fields["neighbourhood"].initial = own[0]

    def clean_file(self) -> Any:
        """Refused before it is read into memory."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB. Split the list into parts."), code="too_big")
        return file


class ColumnsForm(forms.Form):
    """Where the heading stands, and a choice for each column, with what stands in it as the hint."""

    heading = forms.IntegerField(
        label=_("The heading is in row"), min_value=0, max_value=LOOKED_THROUGH, help_text=_("0: there is no heading."), required=True
    )

    def __init__(self, *args: Any, layout: Layout, samples: list[list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heading"].initial = layout.heading
        for number, (field, sample) in enumerate(zip(layout.fields, samples, strict=True)):
            shown = " · ".join(cell for cell in sample if cell.strip())[:120]
            self.fields[f"column{number}"] = forms.ChoiceField(
                label=_("Column %(letter)s") % {"letter": letter_of(number)}, choices=Field.choices, required=False, initial=field,
                help_text=shown or _("empty"),
            )  # fmt: skip

    def layout(self) -> Layout:
        columns = [name for name in self.fields if name.startswith("column")]
        return Layout(self.cleaned_data["heading"], tuple(self.cleaned_data[name] for name in columns))


def letter_of(number: int) -> str:
    """A column's letters as a spreadsheet has them, counted from 0."""
    return letter_of(number // 26 - 1) + chr(65 + number % 26) if number >= 26 else chr(65 + number)
