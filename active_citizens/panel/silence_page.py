"""What the page of the silence list shows: for the team its rows, for the office totals that open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils import timezone

from active_citizens.panel.silence import KINDS, NOWHERE, Silence, lines, silences, totals
from participants.models import User
from projects.rules import sees_everywhere

PER_PAGE = 50


def silence_page(user: User, asked: Mapping[str, str], at: datetime | None = None) -> dict[str, Any]:
    """``kind`` and ``place`` choose rows, ``all`` opens every row; without them the office reads totals alone."""
    now = at or timezone.now()
    found = silences(user, now)
    kind, place = asked.get("kind", ""), asked.get("place", "")
    chosen = {name: value for name, value in (("kind", kind), ("place", place), ("all", asked.get("all", ""))) if value}
    rows = [row for row in found if _fits(row, kind, place)]
    is_open = bool(chosen) or not sees_everywhere(user)
    page = Paginator(rows if is_open else [], PER_PAGE).get_page(asked.get("page"))
    return {
        "places": totals(found, now),
        "is_open": is_open,
        "is_chosen": bool(kind or place),
        "page": page,
        "lines": lines(page.object_list, user, now) if is_open else [],
        "total": len(found),
        "kind_label": str(KINDS.get(kind, "")),
        "query": urlencode(chosen),
    }


def _fits(row: Silence, kind: str, place: str) -> bool:
    there = [str(pk) for pk in row.places or [NOWHERE]]
    return (not kind or row.kind == kind) and (not place or place in there)
