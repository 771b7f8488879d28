"""Promises of the demo: one kept, one put off with its reason, one whose day has passed; made through the verbs."""

from datetime import datetime, timedelta

from django.utils import timezone

from active_citizens.programmes.loader import Entry
from projects.domain import promises
from projects.models import Initiative


def promise_all(initiative: Initiative, entries: list[Entry], now: datetime) -> None:
    """Give the initiative its promises; days count from today. Nobody is rung about people who do not exist."""
    for entry in entries:
        today = timezone.localdate(now)
        made = promises.promise(
            initiative, entry["what"], entry["owner"], today + timedelta(days=entry["due_in"]), at=now + timedelta(days=entry["made_in"])
        )
        if "put_off" in entry:
            on, until, reason = entry["put_off"]
            promises.put_off(made, today + timedelta(days=until), reason, rings=False, at=now + timedelta(days=on))
        if "kept_in" in entry:
            promises.keep(made, today + timedelta(days=entry["kept_in"]), at=now)
