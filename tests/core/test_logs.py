"""Keys that open pages do not go into the log."""

import logging

import pytest

from active_citizens.core.logs import WithoutKeys


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Conflict: /moje/inicjatywy/AbCdEfGhIjKl/sprawozdanie/", "Conflict: /moje/inicjatywy/…/sprawozdanie/"),
        ("Not Found: /en/moje/pytania/AbCdEfGhIjKl/", "Not Found: /en/moje/pytania/…/"),
        ("Conflict: /biuletyn/wypisz/AbCdEfGhIjKl/", "Conflict: /biuletyn/wypisz/…/"),
        ("Not Found: /inicjatywy/lawka-przy-klubie/", "Not Found: /inicjatywy/lawka-przy-klubie/"),
        ("Not Found: /moje-zapisy/wszystkie/AbCdEfGhIjKl/", "Not Found: /moje-zapisy/wszystkie/…/"),
        ("Not Found: /moje/biuletyn/", "Not Found: /moje/biuletyn/"),
    ],
)
def test_a_key_is_left_out(said: str, logged: str) -> None:
    kind, _space, path = said.partition(" ")
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s %s", (kind, path), None)
    assert WithoutKeys().filter(record)
    assert record.getMessage() == logged
