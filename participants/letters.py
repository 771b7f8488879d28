"""The kinds of messages: each app registers how its letters are built from the ids a message row holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
    """What a template needs: ``subject``, the values of ``emails/<kind>.txt`` and ``.html``, and files to attach."""

    subject: str
    context: dict[str, Any]
    attachments: list[Attachment] = field(default_factory=list)
    reply_to: list[str] = field(default_factory=list)


Builder = Callable[[Message], Letter]
_builders: dict[str, Builder] = {}


def letter(kind: str) -> Callable[[Builder], Builder]:
    """Registers the decorated function as the builder of ``kind``; it runs in the recipient's language when sent."""

    def keep(builder: Builder) -> Builder:
        _builders[kind] = builder
        return builder

    return keep


def build(message: Message) -> Letter:
    """The letter of a message row. Raises NoLongerNeeded, or KeyError for a kind nobody registered."""
    return _builders[message.template](message)
