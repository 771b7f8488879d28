"""Small forms of the panel about one initiative."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import MoneyField
from active_citizens.core.forms import DayField, NameField
from participants.models import Organisation, User
from projects import rules
from projects.domain import agreements
from projects.forms.ideas import ContactField
from projects.models import Filing, Ground, Initiative, InitiativeAgreement, InitiativeMember, Neighbourhood, Partnership


class IdeaEntryForm(forms.Form):
    """An idea somebody told a member of the team: at a picnic, on the stairs, by phone."""

    what = forms.CharField(label=_("What they would like to do"), max_length=3000, widget=forms.Textarea(attrs={"rows": 4}))
    where = forms.ModelChoiceField(label=_("Where"), queryset=Neighbourhood.objects.none(), required=False)
    place = forms.CharField(label=_("Exact place"), max_length=300, required=False)
    who = NameField(label=_("Who told it"))
    contact = ContactField(
        label=_("E-mail or phone"), max_length=254, required=False,
        help_text=_("Empty: they ask by the number on the slip."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = rules.own_neighbourhoods(user).order_by("name_order")
        field = self.fields["where"]
        field.queryset, field.required = own, not rules.sees_everywhere(user)
        if len(own) == 1:
            field.initial = own[0]


class TwinForm(forms.Form):
    into = forms.ModelChoiceField(label=_("Which one goes on"), queryset=Initiative.objects.none())

    def __init__(self, *args: Any, found: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = found


class AgreementForm(forms.ModelForm):
    grosze = MoneyField(label=_("Money (zł)"), required=False)

    class Meta:
        model = InitiativeAgreement
        fields = ["signer", "organisation", "person", "payer_note", "number", "signed_on", "grosze", "starts_on", "ends_on"]
        field_classes = {"signed_on": DayField, "starts_on": DayField, "ends_on": DayField}
        widgets = {"signer": forms.RadioSelect}

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].choices = InitiativeAgreement.Signer.choices
        self.fields["person"].queryset = agreements.signers_of(initiative)
        self.fields["organisation"].queryset = Organisation.objects.in_order()

    def _post_clean(self) -> None:
        """The verb checks what belongs together, with a sentence of its own for each."""


class GroundForm(forms.ModelForm):
    class Meta:
        model = Ground
        fields = ["place", "manager", "manager_name", "consented_on", "reference"]
        field_classes = {"consented_on": DayField}

    def _post_clean(self) -> None:
        """As above."""


class FilingForm(forms.ModelForm):
    class Meta:
        model = Filing
        fields = ["filed_on", "filed_mark", "decided_on", "outcome", "settled_on"]
        field_classes = {"filed_on": DayField, "decided_on": DayField, "settled_on": DayField}
        widgets = {"outcome": forms.Textarea(attrs={"rows": 4})}

    def _post_clean(self) -> None:
        """As above."""


class MemberForm(forms.Form):
    who = NameField()
    contact = ContactField(label=_("E-mail or phone"), max_length=254, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=InitiativeMember.Role.choices, initial=InitiativeMember.Role.MEMBER)


class PartnerForm(forms.Form):
    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.in_order())
    role = forms.ChoiceField(label=_("Role"), choices=Partnership.Role.choices)
