"""How a rule says no."""

from typing import Any

from django.utils.functional import Promise


class RuleBroken(Exception):
    """A rule of the programme refuses: ``code`` for tests and callers, ``message`` for the person.

    ``field`` names the form field the sentence belongs to, when there is one.
    """

    def __init__(self, code: str, message: str | Promise, *, field: str | None = None, **context: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.context = context

    def __str__(self) -> str:
        return str(self.message)
