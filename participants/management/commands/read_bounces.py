"""Reads the mailbox mails come back to, now instead of at the worker's next turn."""

import imaplib
import mailbox
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from participants.domain import returned_mail


class Command(BaseCommand):
    help = "Notes the mails that came back, from the mailbox that BOUNCE_MAILBOX names."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCE_MAILBOX:
            raise CommandError("BOUNCE_MAILBOX is not set.")
        try:
            read, noted = returned_mail.read_mailbox(settings.BOUNCE_MAILBOX)
        except (OSError, imaplib.IMAP4.error, mailbox.Error, ImproperlyConfigured) as away:
            raise CommandError(f"The mailbox cannot be read: {type(away).__name__}.") from away
        self.stdout.write(f"{read} mails read, {noted} noted as returned")
