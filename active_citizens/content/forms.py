"""A day of the diary."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.content.domain.diary import NewPhoto
from active_citizens.content.models import DiaryEntry, Photo
from active_citizens.core.forms import DayField, OneTimeForm
from active_citizens.core.pictures import PictureField


class DiaryForm(OneTimeForm):
    """A day in words, and up to three photos; what is refused leaves the words where they were, files are to be chosen again.

    Its authors bring photos of nobody, or of a crowd; ``by_team`` also of people who can be recognised.
    """

    NUMBERS = (1, 2, 3)
    on = DayField(label=_("Day"), initial=timezone.localdate)
    text = forms.CharField(
        label=DiaryEntry._meta.get_field("text").verbose_name, max_length=3000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("No names without consent."),
    )  # fmt: skip

    def __init__(self, *args: Any, by_team: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        crowd = Photo.People.CROWD
        people = Photo.People.choices if by_team else [choice for choice in Photo.People.choices if choice[0] != Photo.People.RECOGNISABLE]
        for number in self.NUMBERS:
            self.fields[f"picture_{number}"] = PictureField(label=_("Photo: JPEG, PNG or WebP"), required=False)
            self.fields[f"alt_{number}"] = forms.CharField(
                label=_("What is in the picture"), required=False, max_length=250,
                help_text=_("One sentence, for those who do not see it: who does what, where."),
            )  # fmt: skip
            self.fields[f"people_{number}"] = forms.ChoiceField(label=_("Who is in it"), choices=people, initial=crowd, required=False)
            if by_team:
                self.fields[f"paper_reference_{number}"] = forms.CharField(
                    label=_("Where the paper with the consent is"), required=False, max_length=80,
                    help_text=_("Only when somebody can be recognised; without names. For a child under 16 a parent signs."),
                )  # fmt: skip
        if by_team:
            # The panel has no robots, and shows every field.
            del self.fields["website"]

    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each photo."""
        names = ("picture", "alt", "people", "paper_reference")
        return [[self[f"{name}_{number}"] for name in names if f"{name}_{number}" in self.fields] for number in self.NUMBERS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number in self.NUMBERS:
            chosen = cleaned.get(f"picture_{number}")
            if chosen and not cleaned.get(f"alt_{number}"):
                self.add_error(f"alt_{number}", _("Write what is in the picture, for those who do not see it."))
            if cleaned.get(f"people_{number}") == Photo.People.RECOGNISABLE and chosen and not cleaned.get(f"paper_reference_{number}"):
                sentence = _("Write where the paper with the consent is: without it the photo cannot be shown.")
                self.add_error(f"paper_reference_{number}", sentence)
            if not chosen and f"picture_{number}" not in self.errors and cleaned.get(f"alt_{number}"):
                self.add_error(f"picture_{number}", _("Choose the file."))
        if self.errors:
            self.choose_again()
        return cleaned

    def choose_again(self) -> None:
        """Browsers never send a file back: whoever chose one is told to choose it again."""
        for number in self.NUMBERS:
            if self.cleaned_data.get(f"picture_{number}"):
                self.add_error(f"picture_{number}", _("Choose the file again."))

    def pictures(self) -> list[NewPhoto]:
        typed = self.cleaned_data
        return [
            NewPhoto(
                typed[f"picture_{number}"], typed[f"alt_{number}"], typed[f"people_{number}"] or Photo.People.CROWD,
                typed.get(f"paper_reference_{number}", ""),
            )
            for number in self.NUMBERS
            if typed[f"picture_{number}"]
        ]  # fmt: skip
