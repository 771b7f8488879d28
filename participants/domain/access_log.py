"""The access log: every entry carries the digest of the one before, so that a row taken out or changed shows."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from participants.models import AccessLog, User

# Any number of our own; writers of the log queue up behind it, so that the chain has one end.
CHAIN_LOCK = 20131201


def record(
    action: str,
    subject: str,
    *,
    actor: User | None,
    ids: Iterable[int] = (),
    purpose: str = "",
    row_count: int | None = None,
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AccessLog:
    """Append who did what to which rows; ids only, no personal data. Holds the chain's lock till the transaction ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        last = AccessLog.objects.order_by("-pk").values_list("digest", flat=True).first()
        entry = AccessLog(
            at=at or timezone.now(),
            actor=actor,
            action=action,
            subject=subject,
            subject_ids=sorted(ids),
            purpose=purpose,
            row_count=row_count,
            detail=detail or {},
            previous=last or "",
        )
        entry.digest = digest(entry)
        entry.save(force_insert=True)
    return entry


def digest(entry: AccessLog) -> str:
    """SHA-256 over everything the entry says and the digest before it."""
    said = [
        entry.previous,
        entry.at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.subject,
        entry.subject_ids,
        entry.detail,
        entry.purpose,
        entry.row_count,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def broken_links() -> list[int]:
    """The ids of entries that do not fit the one before or no longer match their digest; empty when all is well."""
    broken = []
    previous = ""
    for entry in AccessLog.objects.order_by("pk").iterator():
        if entry.previous != previous or entry.digest != digest(entry):
            broken.append(entry.pk)
        previous = entry.digest
    return broken
