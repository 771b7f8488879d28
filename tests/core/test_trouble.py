"""While the database is away visitors read when to come back; a fault of ours stays a 500."""

from unittest.mock import patch

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.test import Client

EXECUTE = "django.db.backends.utils.CursorWrapper.execute"
AWAY = [OperationalError("terminating connection"), InterfaceError("connection already closed"), DatabaseError("server closed")]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/wydarzenia/", "/healthz", "/moje/"])
@pytest.mark.parametrize("away", AWAY, ids=lambda away: type(away).__name__)
def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(away: Exception, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["portal_session"] = "somebody"
    with patch(EXECUTE, side_effect=away):
        answer = client.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<h1" in answer.content.decode()


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_500() -> None:
    with patch(EXECUTE, side_effect=ProgrammingError("no such column")):
        answer = Client(raise_request_exception=False).get("/wydarzenia/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
