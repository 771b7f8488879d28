"""What the team types about events and sign-ups."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import DayField, MomentField, NameField, PhoneField, tidy
from events.admin.places import places_sentence
from events.domain.parties import Head
from events.domain.rhythm import MOST_DATES, Every
from events.models import Event, EventLeader, Registration
from participants.models import AgeBand, Notice, Person
from projects.admin_base import Refusable
from projects.models import Membership, Module, Neighbourhood, Venue

# More names than this in one party is a list pasted into the wrong place.
LARGEST_PARTY = 30
# Two weeks: a longer offer would outlive most events.
LONGEST_OFFER = 336
# Come filled in; a form sent without them leaves them as they are.
FILLED_IN = ("promotion", "offer_hours", "offers_end_hours")


class EventForm(Refusable):
    """An event's texts and dates; what a published event cannot be without stays filled in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_published:
            for name in {"venue", "access_contact", "summary_pl"} & set(self.fields):
                self.fields[name].required = True
        for name in FILLED_IN:
            if name in self.fields:
                self.fields[name].required = False

    def clean_promotion(self) -> str:
        return self.cleaned_data["promotion"] or self.instance.promotion

    def clean_offer_hours(self) -> int:
        return self.hours("offer_hours", least=1)

    def clean_offers_end_hours(self) -> int:
        return self.hours("offers_end_hours", least=0)

    def hours(self, name: str, *, least: int) -> int:
        """So many hours, within what the database takes; an emptied field is filled in as it was at the beginning."""
        typed = self.cleaned_data[name]
        value = Event._meta.get_field(name).get_default() if typed is None else typed
        if not least <= value <= LONGEST_OFFER:
            raise ValidationError(_("Write a number from %(least)s to %(most)s.") % {"least": least, "most": LONGEST_OFFER}, code="hours")
        return value

    def clean(self) -> Any:
        cleaned = super().clean()
        self.check_lottery()
        starts_at, ends_at = self.now("starts_at"), self.now("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.refuse("ends_at", _("The event must end after it starts."))
        opens_at, closes_at = self.now("opens_at"), self.now("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.refuse("closes_at", _("Sign-up must end after it opens."))
        if self.cleaned_data.get("capacity") == 0:
            self.refuse("capacity", _("Write at least 1, or leave it empty: no limit."))
        fallback, module, project = self.now("fallback_starts_at"), self.now("module"), self.now("project")
        if fallback and starts_at and fallback <= starts_at:
            self.refuse("fallback_starts_at", _("The other date comes after the first one."))
        if module and project and module.project_id != project.pk:
            self.refuse("module", _("This module belongs to another project."))
        return cleaned

    def check_lottery(self) -> None:
        """A lottery has a day, before the event and still ahead, and a number of places; it is not begun or dropped midway."""
        lottery, before = Event.Promotion.LOTTERY, self.instance
        promotion, draw_at, starts_at = self.now("promotion"), self.now("draw_at"), self.now("starts_at")
        drawn = before.drawn_at is not None
        if lottery in (promotion, before.promotion) and promotion != before.promotion and before.pk:
            if drawn:
                self.refuse("promotion", _("The places have been drawn already: the lottery stays."))
            elif before.registrations.exists():
                self.refuse("promotion", _("People signed up under another rule: the lottery can be neither begun nor dropped now."))
        if draw_at and starts_at and draw_at >= starts_at and not drawn:
            self.refuse("draw_at", _("The places are drawn before the event starts."))
        if promotion != lottery:
            return
        if not draw_at:
            self.refuse("draw_at", _("Write when the places are drawn."))
        elif draw_at != before.draw_at and drawn:
            self.refuse("draw_at", _("The places have been drawn already."))
        elif draw_at != before.draw_at and draw_at <= timezone.now():
            self.refuse("draw_at", _("The draw must be still ahead."))
        if "capacity" in self.cleaned_data and self.cleaned_data["capacity"] is None:
            self.refuse("capacity", _("Places can be drawn only when their number is known."))

    def now(self, name: str) -> Any:
        """What the field will be once saved, also when it is not in the form."""
        return self.cleaned_data.get(name) if name in self.fields else getattr(self.instance, name)

    def refuse(self, name: str, sentence: Any) -> None:
        if name in self.fields:
            self.add_error(name, sentence)


class PlacesForm(forms.Form):
    capacity = forms.IntegerField(
        label=_("Number of places"), required=False, min_value=1, max_value=32767,
        help_text=_("Empty: no limit. More places go to those waiting at once; fewer never take a place away from anybody."),
    )  # fmt: skip


class CopyForm(forms.Form):
    starts_at = MomentField(label=_("When the copy starts"), help_text=_("The copy is a draft: nobody sees it before you publish it."))


class PlansForm(forms.Form):
    """Whether the event is called off or moved, why, and where to."""

    MOVE, CANCEL = "move", "cancel"

    what = forms.ChoiceField(
        label=_("What happens"), widget=forms.RadioSelect, choices=[(MOVE, _("we move the event")), (CANCEL, _("we call the event off"))]
    )
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody signed up reads it, and it stands on the event’s page."),
    )  # fmt: skip
    starts_at = MomentField(label=_("New date, when we move"), required=False, help_text=_("Empty: only the venue changes."))
    ends_at = MomentField(label=_("New end, when we move"), required=False, help_text=_("Empty: the event lasts as long as before."))
    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=_("New venue, when we move"), required=False, empty_label=_("the same venue")
    )

    def __init__(self, *args: Any, venues: QuerySet[Venue], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["venue"].queryset = venues

    def clean(self) -> Any:
        typed = super().clean()
        moving = self.cleaned_data.get("what") == self.MOVE and "starts_at" in self.cleaned_data
        if moving and not self.cleaned_data["starts_at"] and not self.cleaned_data.get("venue"):
            self.add_error("starts_at", _("Write the new date, or choose another venue."))
        return typed


class PeopleField(forms.CharField):
    """Names of people, one per line; a child's age may follow after a comma: "Zosia Nowak, 9"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 4000, "widget": forms.Textarea(attrs={"rows": 3}), **kwargs})

    def clean(self, value: Any) -> list[Head]:
        lines = [tidy(line) for line in super().clean(value).splitlines() if tidy(line)]
        if len(lines) >= LARGEST_PARTY:
            raise ValidationError(_("Enter at most %(limit)s names at once.") % {"limit": LARGEST_PARTY - 1}, code="party")
        return [self._head(line) for line in lines]

    def _head(self, line: str) -> Head:
        name, _comma, age = line.rpartition(",")
        if not age.strip().isdecimal():
            return Head(NameField().clean(line))
        return Head(NameField().clean(name), band_of(int(age)))


def band_of(age: int) -> str:
    """The band of an age in years; an adult's is not noted."""
    bands = ((13, AgeBand.UNDER_13), (16, AgeBand.FROM_13), (18, AgeBand.FROM_16))
    return next((str(band.value) for limit, band in bands if age < limit), "")


# The portal makes its own sign-ups; whoever comes without one is noted at the door, when the event is.
NOT_AT_THE_COUNTER = (Registration.Channel.WEB, Registration.Channel.WALK_IN)


class EnterSignUpForm(forms.Form):
    """One party by phone, on paper or at the counter: a name is enough."""

    # In sight, in this order; the others unfold.
    IN_SIGHT = ("event", "name", "phone", "notice_read")

    event = forms.ChoiceField(label=_("Event"))
    name = NameField()
    phone = PhoneField(help_text=_("Phone or e-mail; without either the person keeps the code."))
    # Whose sign-up this is: a number of somebody known, or one of the words of ``faces``.
    who = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    channel = forms.ChoiceField(label=_("How it came in"), widget=forms.RadioSelect, initial=Registration.Channel.PHONE)
    home = forms.ChoiceField(label=_("Which neighbourhood (optional)"), required=False)
    age_band = forms.ChoiceField(label=_("Age (optional)"), required=False, choices=[("", _("not said")), *AgeBand.choices])
    others = PeopleField(
        label=_("Others coming along (optional)"), required=False,
        help_text=_("One name per line; for a child add the age after a comma: “Zosia Nowak, 9”."),
    )  # fmt: skip
    only_others = forms.BooleanField(label=_("Only the others are coming"), required=False)
    as_many = forms.BooleanField(label=_("As many of them as there are places, not all or nobody"), required=False)
    guardian_name = NameField(label=_("Guardian of somebody aged 16 or 17"), required=False)
    guardian_phone = PhoneField(label=_("The guardian’s phone"))
    beyond = forms.CharField(
        label=_("Beyond the number of places, because…"), required=False, max_length=300, label_suffix="",
        help_text=_("Only if it is full and you take them on all the same. The reason stays in the history; they are counted apart."),
    )  # fmt: skip
    notice_read = forms.BooleanField(label=_("Information read aloud"), required=False)
    notice = forms.ModelChoiceField(Notice.objects.none(), required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again and repeat.")})

    def __init__(
        self, *args: Any, event: Event, events: Sequence[Event] | None = None, notice_due: Notice | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.notice_due = notice_due
        if events is None:
            del self.fields["event"]
        else:
            self.fields["event"].choices = [(one.pk, _event_line(one)) for one in events]
        if notice_due is None:
            del self.fields["notice_read"]
        # The one thing to type always; also when the page comes back.
        self.fields["name"].widget.attrs["autofocus"] = True
        homes = Neighbourhood.objects.published().in_order().values_list("pk", "name")
        self.fields["home"].choices = [("", _("not said")), *homes, *Membership.Elsewhere.choices]
        self.fields["channel"].choices = [choice for choice in Registration.Channel.choices if choice[0] not in NOT_AT_THE_COUNTER]
        self.fields["notice"].queryset = Notice.objects.filter(purpose=Notice.Purpose.PHONE, published_at__isnull=False)
        self.fields["key"].initial = uuid.uuid4()
        self.fields["name"].widget.attrs["autocomplete"] = self.fields["phone"].widget.attrs["autocomplete"] = "off"
        if not event.open_to_minors:
            del self.fields["guardian_name"], self.fields["guardian_phone"]
        if event.capacity is None:
            del self.fields["beyond"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("notice_read", False)
        if self.notice_due and not cleaned["notice_read"] and cleaned.get("channel") != Registration.Channel.PAPER:
            self.add_error("notice_read", ValidationError(_("Read the information aloud, then tick this box."), code="notice"))
        if cleaned.get("only_others") and not cleaned.get("others") and not self.errors:
            self.add_error("only_others", ValidationError(_("Name at least one of the others."), code="nobody"))
        # Half a guardian can be asked by nobody, and the place would lapse unasked.
        for given, missing in (("guardian_name", "guardian_phone"), ("guardian_phone", "guardian_name")):
            if cleaned.get(given) and not cleaned.get(missing) and not self.errors.get(missing):
                self.add_error(missing, ValidationError(_("Write the guardian’s name and phone: we ring them."), code="guardian"))
        return cleaned

    def person(self) -> Person:
        """An unsaved person; the rules decide whether it is written."""
        typed = self.cleaned_data
        channel = Person.Channel.EMAIL if typed["email"] else Person.Channel.PHONE if typed["phone"] else Person.Channel.NONE
        return Person(name=typed["name"], email=typed["email"], phone=typed["phone"], age_band=typed["age_band"], preferred_channel=channel)

    def guardian(self) -> Person | None:
        typed = self.cleaned_data
        if not typed.get("guardian_name"):
            return None
        return Person(name=typed["guardian_name"], phone=typed["guardian_phone"], preferred_channel=Person.Channel.PHONE)

    def heads(self, name: str) -> list[Head]:
        """Those who come; the contact under the name we know them by."""
        typed = self.cleaned_data
        return [*([] if typed["only_others"] else [Head(name, typed["age_band"])]), *typed["others"]]

    def folded(self) -> list[forms.BoundField]:
        """What is seldom asked."""
        return [field for field in self.visible_fields() if field.name not in self.IN_SIGHT]


def _event_line(event: Event) -> str:
    return f"{event.title}, {date_format(timezone.localtime(event.starts_at), 'SHORT_DATETIME_FORMAT')} – {places_sentence(event)}"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("It stays in the history of the place, and the person reads it, too.")
    )  # fmt: skip


class PeopleForm(forms.Form):
    people = PeopleField(
        label=_("Who is added"), help_text=_("One name per line; for a child add the age after a comma: “Zosia Nowak, 9”.")
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again and repeat.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4()


class ContactForm(Refusable):
    """A person's name and contact as they gave them."""

    name = NameField()
    phone = PhoneField()

    class Meta:
        model = Person
        fields = ["name", "phone", "email", "preferred_channel"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


def dates_are_fixed(event: Event | None) -> bool:
    """People have written the date down: it moves only together with telling them."""
    if event is None or event.status == Event.Status.DRAFT:
        return False
    if event.is_cancelled:
        return True
    if "_dates_fixed" not in event.__dict__:
        # Django asks for the read-only fields several times per page.
        event.__dict__["_dates_fixed"] = event.registrations.live().exists()
    return event.__dict__["_dates_fixed"]


class LeaderForm(forms.ModelForm):
    """Somebody of the team by account, or a guest by name."""

    class Meta:
        model = EventLeader
        fields = ["user", "name", "role", "minutes"]

    def clean(self) -> Any:
        cleaned = super().clean()
        if not self.errors and bool(self.cleaned_data.get("user")) == bool(self.cleaned_data.get("name")):
            self.add_error("name", _("Choose an account, or write the name of a guest who has none."))
        return cleaned


class RhythmForm(forms.Form):
    """How often, how many, until when: the first step to more dates; sent by GET, it writes nothing."""

    every = forms.ChoiceField(label=_("How often"), choices=Every.choices, widget=forms.RadioSelect, initial=Every.WEEK)
    count = forms.IntegerField(label=_("How many more dates"), required=False, min_value=1, max_value=MOST_DATES - 1, initial=4)
    until = DayField(label=_("Until (optional)"), required=False, help_text=_("No date after this day."))

    def clean(self) -> Any:
        cleaned = super().clean()
        typed = self.cleaned_data
        if not self.errors and not typed.get("count") and (not typed.get("until") or typed["every"] == Every.BY_HAND):
            self.add_error("count", _("Write how many."))
        return cleaned


class SeriesForm(forms.Form):
    title = forms.CharField(label=_("Name of the series"), max_length=160, help_text=_("Shown on the page of every date."))
    whole = forms.BooleanField(
        label=_("Offer sign-up for all dates at once"), required=False, help_text=_("People may still choose single dates.")
    )


class MoreDatesForm(SeriesForm):
    """What holds for all dates of the second step."""

    publish = forms.BooleanField(
        label=_("Publish all dates now"), required=False, help_text=_("All or none. Unticked: they are drafts, published one by one.")
    )
    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_DATES - 1)


class DateForm(forms.Form):
    """One row of the second step; a row without a date is left out."""

    starts_at = MomentField(label=_("Date and time"), required=False)
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    venue = forms.TypedChoiceField(label=_("Venue"), required=False, empty_value=None)
    module = forms.TypedChoiceField(label=_("Module"), required=False, empty_value=None)
    leave_out = forms.BooleanField(label=_("Leave out"), required=False)

    def __init__(self, *args: Any, venues: Mapping[str, Venue], modules: Mapping[str, Module], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The rows share what was asked for once.
        for name, rows in (("venue", venues), ("module", modules)):
            self.fields[name].choices = [("", _("as before")), *((pk, str(row)) for pk, row in rows.items())]
            self.fields[name].coerce = rows.get
