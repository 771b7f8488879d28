"""Making an account: the e-mail, a password, and how to be called."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm

from active_citizens.core.forms import NameField
from participants.models import User


class SignupForm(AllauthSignupForm):
    name = NameField()
    field_order = ["name", "email", "password1"]

    def save(self, request: Any) -> User | None:
        user = super().save(request)
        if user is not None:
            user.name = self.cleaned_data["name"]
            user.save(update_fields=["name"])
        return user
