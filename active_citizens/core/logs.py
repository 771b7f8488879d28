"""What does not go into the log: keys that open pages."""

import logging
import re

# Behind these stands a secret: of the authors' pages, of questions, of letters, sign-ups, consents and accounts.
_PLACES = (
    "moje/inicjatywy", "moje/pytania", "moje-zapisy/wszystkie", "moje-zapisy", "zgody", "zgoda-opiekuna", "zapis", "biuletyn/potwierdz",
    "biuletyn/wypisz", "kalendarz", "haslo/reset", "email/potwierdz",
)  # fmt: skip
_KEYS = re.compile(rf'(/(?:{"|".join(_PLACES)})/)[^/\s"]{{9,}}')


class WithoutKeys(logging.Filter):
    """Puts „…” in the place of every key in a line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = _KEYS.sub(r"\1…", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True
