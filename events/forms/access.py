"""What people say they need in order to take part, on the resident's page and in the panel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from active_citizens.core.forms import OneTimeForm
from events.models import AccessRequest
from participants.models import Consent, ConsentText


class NeedsFields(forms.Form):
    """What to prepare; and, apart from it and of one's own will, why, with a consent of its own.

    Without a published text to agree to, nobody is asked why.
    """

    arrangements = forms.MultipleChoiceField(
        label=_("What should we prepare?"),
        choices=AccessRequest.Arrangement.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    wish = forms.CharField(
        label=_("What to prepare, in your own words (optional)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only what to prepare, not why: those who run the event see it."),
    )
    reason = forms.CharField(
        label=_("Why, or what else should the person preparing it know? (optional)"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    consent = forms.BooleanField(required=False)

    def __init__(self, *args: Any, asked: AccessRequest | None = None, text: ConsentText | None = None, **kwargs: Any) -> None:
        if asked is not None:
            kwargs["initial"] = {"arrangements": asked.arrangements, "wish": asked.wish}
        super().__init__(*args, **kwargs)
        if text is None:
            del self.fields["reason"], self.fields["consent"]
            return
        self.fields["consent"].label = text.text
        self.fields["reason"].help_text = (
            _("There is a reason already. What you write here replaces it; leave it empty to keep it.")
            if asked is not None and asked.sealed is not None
            else _("You need not say why. If you do, it is encrypted, one person reads it, and it is erased after the event.")
        )

    def needs(self) -> dict[str, Any]:
        """What the verbs ask for."""
        typed = self.cleaned_data
        return {
            "arrangements": typed["arrangements"],
            "wish": typed["wish"],
            "reason": typed.get("reason", ""),
            "consent": typed.get("consent", False),
        }


class AccessForm(NeedsFields, OneTimeForm):
    """The resident's own form, behind the mailed link of the sign-up."""

    field_order = ["arrangements", "wish", "reason", "consent", "website", "key"]


class EnterAccessForm(NeedsFields):
    """What somebody said on the phone or wrote on paper."""

    channel = forms.ChoiceField(
        label=_("How it came in"),
        widget=forms.RadioSelect,
        initial=Consent.Channel.PHONE,
        choices=[choice for choice in Consent.Channel.choices if choice[0] != Consent.Channel.WEB],
    )
    field_order = ["arrangements", "wish", "channel", "reason", "consent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "consent" in self.fields:
            self.fields["consent"].label = _("They heard the text above and agree")

    def needs(self) -> dict[str, Any]:
        return super().needs() | {"channel": self.cleaned_data["channel"]}
