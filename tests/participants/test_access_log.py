"""The access log shows when somebody took a row out or changed it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from participants.domain.access_log import broken_links, record
from participants.models import AccessLog
from tests.makers import a_user

pytestmark = pytest.mark.django_db


def test_entries_are_chained_and_hold_ids_only() -> None:
    user = a_user()
    first = record("read", "person", actor=user, ids=[3, 1])
    second = record("export", "report", actor=user, row_count=10, purpose="sprawozdanie")
    assert second.previous == first.digest
    assert first.subject_ids == [1, 3]
    assert broken_links() == []


def test_the_log_cannot_be_changed_and_a_forged_row_shows() -> None:
    record("read", "person", actor=None, ids=[1])
    entry = record("read", "person", actor=None, ids=[2])
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessLog.objects.update(subject="nothing")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.purge = 'on'")
    AccessLog.objects.filter(pk=entry.pk).update(subject_ids=[])
    assert broken_links() == [entry.pk]


def test_the_operator_can_ask_whether_the_chain_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    entry = record("read", "person", actor=None, ids=[2])
    call_command("check_access_log")
    assert "1 entries is whole" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.purge = 'on'")
    AccessLog.objects.update(purpose="inny")
    with pytest.raises(CommandError, match=str(entry.pk)):
        call_command("check_access_log")
