"""How a rule says no."""

from typing import Any

from django.forms import BaseForm
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

    @property
    def status(self) -> int:
        """What a page that refuses answers with: 429 to come back later, 409 for what cannot be as things stand."""
        return 429 if self.code == "throttled" else 409

    def show_in(self, form: BaseForm) -> None:
        """Put the sentence at its field, or above a form that has no such field."""
        form.add_error(self.field if self.field in form.fields else None, str(self))
