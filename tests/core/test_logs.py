"""Keys that open pages do not go into the log."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver

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


SECRETS = {"key", "text", "token"}
# What anybody may know: the address of a leader's form, the files of photos.
PUBLIC = {"leader_write", "photo"}


def patterns(resolver: Any, before: str = "") -> Iterator[tuple[str, str, set[str]]]:
    """Every address of the portal: its name, its pattern, and what stands in it."""
    for each in resolver.url_patterns:
        said = before + str(each.pattern).removeprefix("^").removesuffix("$")
        if hasattr(each, "url_patterns"):
            yield from patterns(each, said)
        else:
            yield each.name, said, set(re.findall(r"<(?:\w+:)?(\w+)>", said))


def test_no_address_with_a_key_is_forgotten() -> None:
    secret = {name: said for name, said, groups in patterns(get_resolver()) if groups & SECRETS and name not in PUBLIC}
    assert len(secret) > 20
    for name, said in secret.items():
        typed = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "AbCdEfGhIjKl", said).replace("\\.", ".")
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: /%s", (typed,), None)
        WithoutKeys().filter(record)
        assert "/…" in record.getMessage(), name
