"""What accounts are told that is not django-allauth's to say."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.letters import Letter, letter
from participants.models import Message, User


@letter("second_factor_restored", name=pgettext_lazy("kind of mail", "the second factor was taken off"))
def second_factor_restored(message: Message) -> Letter:
    """To the account's owner: what was done, and whom to ring when it was not asked for."""
    context = {"user": User.objects.get(pk=message.context["user"]), "mfa_url": settings.SITE_URL + reverse("mfa_index")}
    return Letter(_("Your second factor was taken off"), context)
