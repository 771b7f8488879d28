"""SMTP that knows what it does not know: once the text is handed over, silence is no refusal."""

import re
import smtplib
from typing import Any

from django.core.mail.backends import smtp

# The server may think longer about a whole letter than about a command; still shorter than a claim lasts.
ANSWER_SECONDS = 60


class OutcomeUnknown(smtplib.SMTPException):
    """The server had the text, or part of it, and gave no answer: the mail may have left."""


class _Conversation(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand the text over. Raises SMTPDataError when it is not wanted, OutcomeUnknown when no answer comes."""
        code, reply = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        text = msg.encode("ascii") if isinstance(msg, str) else bytes(msg)
        try:
            self.send(_dotted(text))
            code, reply = self._patient_reply()
        except (smtplib.SMTPException, OSError) as silence:
            self.close()
            raise OutcomeUnknown(str(silence)) from silence
        if code < 200:
            self.close()
            raise OutcomeUnknown(f"{code} {reply!r}")
        # smtplib takes anything but 250 for a refusal; every 2xx says yes (RFC 5321, 4.2.1).
        return (250 if code < 300 else code), reply

    def _patient_reply(self) -> tuple[int, bytes]:
        patience = self.sock.gettimeout() if self.sock is not None else None
        if self.sock is None or patience is None:
            return self.getreply()
        self.sock.settimeout(max(ANSWER_SECONDS, patience))
        try:
            return self.getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(patience)


class _SecureConversation(_Conversation, smtplib.SMTP_SSL):
    """The same behind TLS from the first byte."""


def _dotted(text: bytes) -> bytes:
    """The text as it goes over the wire: leading dots doubled, and the dot that ends it (RFC 5321, 4.5.2)."""
    ended = text if text.endswith(b"\r\n") else text + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


class EmailBackend(smtp.EmailBackend):
    """Django's backend with such a conversation; ``messages.deliver_due`` keeps it open for a batch."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureConversation if self.use_ssl else _Conversation
