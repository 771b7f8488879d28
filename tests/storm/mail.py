"""A mail server that takes its time, so that a kill finds a message before it left, or after."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend as FileBackend

PAUSE = 0.004
NUMBER = re.compile(rb"^X-Portal-Message: (\d+)", re.MULTILINE)


class EmailBackend(FileBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        time.sleep(PAUSE)
        sent = super().send_messages(email_messages)
        time.sleep(PAUSE)
        return sent or 0


def sent(folder: Path) -> Counter[int]:
    """How many mails there are of each message."""
    return Counter(int(number) for file in folder.glob("*.log") for number in NUMBER.findall(file.read_bytes()))
