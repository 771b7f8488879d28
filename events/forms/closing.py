"""The closing card: few numbers, five sentences, what was agreed, and up to three photos at a time; everything may stay empty."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.content.models import Photo
from active_citizens.core.forms import DayField
from active_citizens.core.pictures import PictureField
from events.domain.closing import Account, Arrangement
from events.models import Agreement, EventClosing
from participants.models import User

MOST_HEADS, MOST_HOURS, MOST_COST = 100_000, 100_000, 100_000_000


class AmountField(forms.Field):
    """A number as people type it: with a comma or a dot, with spaces between thousands; the value is in whole hundredths or minutes."""

    def __init__(self, *, per_unit: int, most: int, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 16})
        super().__init__(**{"required": False, "widget": widget, **kwargs})
        self.per_unit, self.most = per_unit, most

    def to_python(self, value: Any) -> Any:
        text = "".join(str(value or "").split()).replace(",", ".")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_("Write a number, such as 12 or 12,5."), code="number") from None
        if not amount.is_finite() or not 0 <= amount <= self.most:
            raise ValidationError(_("Write a number from 0 to %(most)s.") % {"most": self.most}, code="range")
        return round(amount * self.per_unit)

    def prepare_value(self, value: Any) -> Any:
        """A stored whole number as people write it; what somebody typed stays as typed."""
        if not isinstance(value, int):
            return value
        return f"{Decimal(value) / self.per_unit:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _sentence(name: str) -> forms.CharField:
    label = EventClosing._meta.get_field(name).verbose_name
    return forms.CharField(label=label, required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class ClosingForm(forms.Form):
    heads = forms.IntegerField(
        label=gettext_lazy("How many people came"), required=False, min_value=0, max_value=MOST_HEADS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    volunteer_minutes = AmountField(
        label=gettext_lazy("Hours of volunteers, all together"), per_unit=60, most=MOST_HOURS,
        help_text=gettext_lazy("Three people for two and a half hours: 7,5."),
    )  # fmt: skip
    cost_grosze = AmountField(label=gettext_lazy("What it cost, in złoty"), per_unit=100, most=MOST_COST)
    what_happened = _sentence("what_happened")
    who_came = _sentence("who_came")
    best = _sentence("best")
    next_step = _sentence("next_step")
    differently = _sentence("differently")
    is_story_public = forms.BooleanField(label=gettext_lazy("Show the story and the photos on the event’s page"), required=False)
    residents_want = forms.CharField(
        label=gettext_lazy("What residents want"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2})
    )
    others_want = forms.CharField(
        label=gettext_lazy("What the office or organisation wants"), required=False, max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    agreed = forms.CharField(
        label=gettext_lazy("What was agreed"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2})
    )
    still_open = forms.CharField(
        label=gettext_lazy("What is still open"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who of the team follows up"), required=False)
    owner_name = forms.CharField(label=gettext_lazy("or which office or organisation"), required=False, max_length=120)
    follow_up_on = DayField(label=gettext_lazy("Until when"), required=False)
    photos = forms.ModelMultipleChoiceField(
        Photo.objects.none(), label=gettext_lazy("Photos of the event"), required=False, widget=forms.CheckboxSelectMultiple
    )

    SECTIONS = {
        "numbers": ("heads", "volunteer_minutes", "cost_grosze"),
        "sentences": (*EventClosing.QUESTIONS, "is_story_public"),
        "agreement": (*Agreement.WORDS, "owner", "owner_name", "follow_up_on"),
    }

    def __init__(self, *args: Any, owners: QuerySet[User], photos: QuerySet[Photo], counted: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners
        self.fields["photos"].queryset = photos
        self.fields["heads"].help_text = _("Empty: as counted, that is %(count)s.") % {"count": counted}
        self.fields["differently"].help_text = _("For the team only: it is not shown in the story.")

    def numbers(self) -> list[forms.BoundField]:
        return [self[field] for field in self.SECTIONS["numbers"]]

    def sentences(self) -> list[forms.BoundField]:
        return [self[field] for field in self.SECTIONS["sentences"]]

    def agreement(self) -> list[forms.BoundField]:
        return [self[field] for field in self.SECTIONS["agreement"]]

    def account(self) -> Account:
        typed = self.cleaned_data
        sentences = {name: typed[name] for name in EventClosing.QUESTIONS}
        return Account(typed["heads"], typed["volunteer_minutes"], typed["cost_grosze"], sentences, typed["is_story_public"])

    def arrangement(self) -> Arrangement | None:
        """What was agreed; None when nothing of it was typed."""
        typed = self.cleaned_data
        if not any(typed[name] for name in self.SECTIONS["agreement"]):
            return None
        words = {name: typed[name] for name in Agreement.WORDS}
        return Arrangement(words, typed["owner"], typed["owner_name"], typed["follow_up_on"])


class PictureForm(forms.Form):
    """One photo to add; without a file the rest of it means nothing."""

    use_required_attribute = False

    picture = PictureField(label=gettext_lazy("File: JPEG, PNG or WebP"), required=False)
    alt = forms.CharField(
        label=gettext_lazy("What is in the picture"), required=False, max_length=250,
        help_text=gettext_lazy("One sentence, for those who do not see it: who does what, where."),
    )  # fmt: skip
    people = forms.ChoiceField(label=gettext_lazy("Who is in it"), choices=Photo.People.choices, initial=Photo.People.CROWD, required=False)
    paper_reference = forms.CharField(
        label=gettext_lazy("Where the paper with the consent is"), required=False, max_length=80,
        help_text=gettext_lazy("Only when somebody can be recognised; without names. For a child under 16 a parent signs."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not typed.get("picture"):
            if "picture" not in self.errors and typed.get("alt"):
                self.add_error("picture", _("Choose the file."))
            return typed
        again = _("Then choose the file again.")
        if not typed.get("alt"):
            self.add_error("alt", _("Write what is in the picture, for those who do not see it.") + " " + again)
        if typed.get("people") == Photo.People.RECOGNISABLE and not typed.get("paper_reference"):
            sentence = _("Write where the paper with the consent is: without it the photo cannot be shown.")
            self.add_error("paper_reference", f"{sentence} {again}")
        return typed

    @property
    def is_filled_in(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["picture"])
