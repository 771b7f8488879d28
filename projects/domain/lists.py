"""A list of people from a file, from its coming to its end: read, corrected, judged, taken in one step or given up, and wiped.

Nobody is written to, and nobody has agreed to anything: people of a list are told at the first contact, within a month (GDPR, art. 14).
"""

import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.sealed import seal, unseal
from participants.domain import access_log
from participants.models import AccessLog, Person, User
from projects.domain import list_reading
from projects.domain.list_cells import estate_of
from projects.domain.list_columns import Field, Layout, recognise
from projects.domain.list_judging import Estates, Found, Kind, Known, Twin, Verdict, judge, name_key, sentence_of
from projects.domain.list_reading import Rows
from projects.models import ListImport, Membership, Neighbourhood

Status = ListImport.Status
# What nobody settled, and what was not taken, is kept so long.
KEPT = timedelta(days=7)
# Rows one statement writes.
BATCH = 1000
SUBJECT = "projects.listimport"


@dataclass(frozen=True)
class Judged:
    """The list as it stands now: its rows, what its columns are, and what becomes of each row."""

    rows: Rows
    layout: Layout
    verdicts: list[Verdict]
    chosen: frozenset[int]

    def of_kind(self, kind: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.kind == kind]

    @property
    def taken(self) -> list[Verdict]:
        """The good ones, and those that look like somebody and are somebody else, says whoever looked."""
        return [verdict for verdict in self.verdicts if verdict.kind == Kind.GOOD or self._is_chosen(verdict)]

    @property
    def left(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.kind != Kind.GOOD and not self._is_chosen(verdict)]

    def _is_chosen(self, verdict: Verdict) -> bool:
        return verdict.kind == Kind.DOUBLE and verdict.number in self.chosen


@dataclass(frozen=True)
class LeftOut:
    """One row that was not taken, for the report: its number in the file, why, and the cells as they were."""

    number: int
    why: str
    cells: list[str]


# --- Coming, and what is corrected ------------------------------------------------------------------------------------------


def upload(
    content: bytes, file_name: str, neighbourhood: Neighbourhood, *, source: str, key: uuid.UUID, actor: User, at: datetime | None = None
) -> ListImport:
    """Keep the rows of the file, sealed, to be looked at; the same form again shows the first list.

    Raises RuleBroken ``needs_source``, and as ``list_reading.read`` does.
    """
    now = at or timezone.now()
    first = ListImport.objects.filter(key=key).first()
    if first is not None:
        return first
    if not source.strip():
        raise RuleBroken("needs_source", _("Write where the list comes from, and why we may have it."), field="source")
    rows = list_reading.read(content)
    layout = recognise(rows)
    with transaction.atomic():
        values = {
            "neighbourhood": neighbourhood, "source": source.strip(), "file_name": file_name[-200:], "uploaded_by": actor,
            "sealed": seal(json.dumps(rows, ensure_ascii=False)), "columns": _said(layout),
            "rows_read": sum(any(cell.strip() for cell in row) for row in rows[layout.heading :]), "created_at": now,
        }  # fmt: skip
        brought, made = ListImport.objects.get_or_create(key=key, defaults=values)
        if made:
            access_log.record(AccessLog.Action.CHANGE, SUBJECT, actor=actor, ids=[brought.pk], row_count=brought.rows_read, at=now)
    return brought


def set_layout(brought: ListImport, layout: Layout) -> ListImport:
    """Say anew where the list begins and what its columns are. Locks the list.

    Raises RuleBroken: ``settled``, ``needs_name`` without a column of names, ``field_twice``.
    """
    if not layout.names_somebody:
        raise RuleBroken("needs_name", _("Choose the column with the names."))
    named = [name for name in layout.fields if name]
    if len(named) != len(set(named)):
        raise RuleBroken("field_twice", _("Two columns cannot be the same. Leave one of them out."))
    with transaction.atomic():
        brought = _lock_open(brought)
        brought.columns, brought.chosen = _said(layout), []
        brought.rows_read = sum(any(cell.strip() for cell in row) for row in _rows(brought)[layout.heading :])
        brought.save(update_fields=["columns", "chosen", "rows_read", "updated_at"])
    return brought


def choose(brought: ListImport, shown: Collection[int], chosen: Collection[int]) -> ListImport:
    """Of the rows ``shown`` the ``chosen`` ones are somebody else, and taken; the others are left out. Locks the list.

    Raises RuleBroken ``settled``.
    """
    with transaction.atomic():
        brought = _lock_open(brought)
        brought.chosen = sorted((set(brought.chosen) - set(shown)) | (set(chosen) & set(shown)))
        brought.save(update_fields=["chosen", "updated_at"])
    return brought


# --- Looking ----------------------------------------------------------------------------------------------------------------


def layout_of(brought: ListImport) -> Layout:
    return Layout(brought.columns["heading"], tuple(brought.columns["fields"]))


def first_rows(brought: ListImport, most: int) -> Rows:
    """The first rows of the file as they are, for whoever says what the columns are."""
    return _rows(brought)[:most]


def judged(brought: ListImport, among: QuerySet[Person], at: datetime | None = None) -> Judged:
    """What becomes of every row now; doubles are looked for ``among`` the people the account may see. Three queries."""
    rows, layout = _rows(brought), layout_of(brought)
    estates = Estates(
        estate_of(brought.neighbourhood.name), frozenset(map(estate_of, Neighbourhood.objects.values_list("name", flat=True)))
    )
    today = timezone.localdate(at or timezone.now())
    # What the rows say is needed to ask whom they look like, so they are cleaned once without anybody known.
    said = [verdict.found for verdict in judge(rows, layout, Known(), estates, today) if verdict.found]
    verdicts = judge(rows, layout, _known(said, among, brought.neighbourhood), estates, today)
    return Judged(rows, layout, verdicts, frozenset(brought.chosen))


def _known(said: Sequence[Found], among: QuerySet[Person], place: Neighbourhood) -> Known:
    """Those with one of the phones or e-mails, and the names of everybody of the neighbourhood."""
    known = Known()
    contacts = Q(phone__in={one.phone for one in said} - {""}) | Q(email__in={one.email for one in said} - {""})
    for pk, name, phone, email in among.filter(contacts).order_by("pk").values_list("pk", "name", "phone", "email"):
        twin = Twin(name, person=pk)
        for rows, key in ((known.phones, phone), (known.emails, email.lower())):
            if key:
                rows.setdefault(key, twin)
    homes = Membership.objects.filter(neighbourhood=place).values("person")
    for pk, name in among.filter(pk__in=homes).order_by("pk").values_list("pk", "name"):
        known.names.setdefault(name_key(name), Twin(name, person=pk))
    return known


# --- The end ----------------------------------------------------------------------------------------------------------------


def take(brought: ListImport, among: QuerySet[Person], *, actor: User, at: datetime | None = None) -> ListImport:
    """Write everybody who can be taken, all or nobody; what was not taken is kept sealed for a week, the rest is wiped.

    Taking twice shows the first result. Judges anew under the lock, for somebody may have come in meanwhile. Locks the
    list. Raises RuleBroken: ``settled`` when it was given up, ``needs_name``, ``nobody`` when there is none to take.
    """
    now = at or timezone.now()
    with transaction.atomic():
        brought = _lock(brought)
        if brought.status == Status.TAKEN:
            return brought
        _check_open(brought)
        if not layout_of(brought).names_somebody:
            raise RuleBroken("needs_name", _("Choose the column with the names."))
        seen = judged(brought, among, now)
        if not seen.taken:
            raise RuleBroken("nobody", _("There is nobody to take from this list."))
        people = _write([verdict.found for verdict in seen.taken if verdict.found], brought)
        brought.rows_taken, brought.rows_left = len(people), len(seen.left)
        brought.sealed_rest = seal(json.dumps(_rest(seen), ensure_ascii=False)) if seen.left else None
        _settle(brought, Status.TAKEN, actor, now)
        access_log.record(
            AccessLog.Action.CHANGE, "participants.person", actor=actor, ids=[person.pk for person in people], row_count=len(people),
            detail={"list": brought.pk}, at=now,
        )  # fmt: skip
    return brought


def drop(brought: ListImport, *, actor: User, at: datetime | None = None) -> ListImport:
    """Give the list up: its rows are wiped at once. Twice changes nothing. Locks the list. Raises RuleBroken ``settled`` once taken."""
    now = at or timezone.now()
    with transaction.atomic():
        brought = _lock(brought)
        if brought.status != Status.DROPPED:
            _check_open(brought)
            _settle(brought, Status.DROPPED, actor, now)
            access_log.record(AccessLog.Action.CHANGE, SUBJECT, actor=actor, ids=[brought.pk], detail={"dropped": True}, at=now)
    return brought


def left_out(brought: ListImport) -> list[LeftOut]:
    """The rows that were not taken, while they are kept, in the language in force."""
    if brought.sealed_rest is None:
        return []
    rows = json.loads(unseal(brought.sealed_rest))["rows"]
    return [LeftOut(row["number"], sentence_of(row["code"], row["args"]), row["cells"]) for row in rows]


def headings(brought: ListImport) -> list[str]:
    """The headings of the file for the report, while its rows are kept."""
    return list(json.loads(unseal(brought.sealed_rest))["headings"]) if brought.sealed_rest is not None else []


def wipe_due(at: datetime | None = None) -> int:
    """Give up lists nobody settled in a week, and forget what was not taken of those a week old; says how many."""
    now = at or timezone.now()
    with transaction.atomic():
        old = ListImport.objects.filter(status=Status.UPLOADED, created_at__lt=now - KEPT)
        forgotten = old.select_for_update(skip_locked=True, no_key=True).order_by("pk").first()
        if forgotten is not None:
            _settle(forgotten, Status.DROPPED, None, now)
            return 1
        rest = ListImport.objects.filter(sealed_rest__isnull=False, settled_at__lt=now - KEPT)
        return rest.update(sealed_rest=None, updated_at=now)


# --- Inside -----------------------------------------------------------------------------------------------------------------


def _said(layout: Layout) -> dict[str, Any]:
    return {"heading": layout.heading, "fields": [str(Field(name).value) for name in layout.fields]}


def _rows(brought: ListImport) -> Rows:
    if brought.sealed is None:
        return []
    rows: Rows = json.loads(unseal(brought.sealed))
    return rows


def _lock(brought: ListImport) -> ListImport:
    return ListImport.objects.select_for_update(of=("self",), no_key=True).select_related("neighbourhood").get(pk=brought.pk)


def _lock_open(brought: ListImport) -> ListImport:
    locked = _lock(brought)
    _check_open(locked)
    return locked


def _check_open(brought: ListImport) -> None:
    if brought.status != Status.UPLOADED:
        raise RuleBroken("settled", _("This list has been taken over or given up already."))


def _settle(brought: ListImport, status: str, actor: User | None, now: datetime) -> None:
    brought.status, brought.sealed, brought.settled_at, brought.settled_by, brought.chosen = status, None, now, actor, []
    brought.save()


def _write(found: Iterable[Found], brought: ListImport) -> list[Person]:
    people = Person.objects.bulk_create([_person(one) for one in found], batch_size=BATCH)
    homes = [Membership(person=person, neighbourhood=brought.neighbourhood, list_import=brought) for person in people]
    Membership.objects.bulk_create(homes, batch_size=BATCH)
    return people


def _person(one: Found) -> Person:
    """Unverified, as everybody is who has not answered yet."""
    channel = Person.Channel.EMAIL if one.email else Person.Channel.PHONE if one.phone else Person.Channel.NONE
    return Person(name=one.name, email=one.email, phone=one.phone, birth_year=one.year, preferred_channel=channel)


def _rest(seen: Judged) -> dict[str, Any]:
    width = max((len(seen.rows[verdict.number - 1]) for verdict in seen.left), default=0)
    heading = seen.rows[seen.layout.heading - 1] if seen.layout.heading else []
    return {
        "headings": [*heading, *[""] * (width - len(heading))][: max(width, len(heading))],
        "rows": [
            {"number": verdict.number, "code": verdict.code, "args": verdict.args, "cells": seen.rows[verdict.number - 1]}
            for verdict in seen.left
        ],
    }
