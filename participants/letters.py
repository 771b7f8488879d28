"""The kinds of messages: each app registers how its letters are built from the ids a message row holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participants.models import Message


class NoLongerNeeded(Exception):
    """Raised by a builder when the thing the letter was about is gone or settled: the message is dropped, not sent."""


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Letter:
    """What a template needs: ``subject``, the values of ``emails/<kind>.txt`` and ``.html``, and files to attach.

    ``template`` names other files than the kind's, for letters that differ in words alone.
    ``headers`` go into the mail beside those every mail has.
    """

    subject: str
    context: dict[str, Any]
    attachments: list[Attachment] = field(default_factory=list)
    reply_to: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    template: str = ""


Builder = Callable[[Message], Letter]
_builders: dict[str, Builder] = {}
# Account mails come from django-allauth with their text; only their names are ours.
_names: dict[str, str | Promise] = {
    "account/email/login_code": _("code to log in"),
    "account/email/password_reset_key": _("new password"),
    "account/email/email_confirmation": _("confirm the e-mail of an account"),
    "account/email/email_confirmation_signup": _("confirm the e-mail of a new account"),
    "account/email/account_already_exists": _("there is an account already"),
    "account/email/unknown_account": _("there is no such account"),
    "account/email/email_changed": _("the account’s e-mail was changed"),
    "account/email/email_confirm": _("the account’s e-mail was confirmed"),
    "account/email/email_deleted": _("an e-mail was taken off the account"),
    "account/email/password_changed": _("the password was changed"),
    "account/email/password_set": _("the password was set"),
    "account/email/password_reset": _("the password was set anew"),
}


def letter(kind: str, *, name: str | Promise = "") -> Callable[[Builder], Builder]:
    """Registers the decorated function as the builder of ``kind``; it runs in the recipient's language when sent.

    ``name`` is what the team reads in lists; unsaid, the kind itself stands there.
    """

    def keep(builder: Builder) -> Builder:
        _builders[kind] = builder
        if name:
            _names[kind] = name
        return builder

    return keep


def name_kinds(names: dict[str, str | Promise]) -> None:
    """Names for kinds that were registered without one."""
    for kind, name in names.items():
        _names.setdefault(kind, name)


def build(message: Message) -> Letter:
    """The letter of a message row. Raises NoLongerNeeded, or KeyError for a kind nobody registered."""
    return _builders[message.template](message)


def name_of(kind: str) -> str:
    """The kind in words; what nobody named is shown as it is."""
    return str(_names.get(kind, kind.rpartition("/")[2].replace("_", " ")))


def names() -> dict[str, str]:
    """All kinds with their names in words."""
    return {kind: name_of(kind) for kind in sorted({*_builders, *_names}, key=name_of)}
