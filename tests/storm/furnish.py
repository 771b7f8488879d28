"""``python -m tests.storm.furnish``: makes the tables, and what the storm is about; says the numbers as JSON."""

import json
from typing import Any


def furnish() -> dict[str, Any]:
    from datetime import timedelta

    from django.test import Client
    from django.utils import timezone

    from events.domain import lottery
    from participants.models import Notice
    from tests import makers

    ugorek = makers.a_neighbourhood("Ugorek")
    makers.a_notice()
    makers.a_notice(Notice.Purpose.PHONE)
    events = {}
    for storm in ("calm", "wild", "rough"):
        events[storm] = makers.an_event(ugorek, in_days=10, capacity=40, open_to_minors=True)
        events[f"{storm} offers"] = makers.an_event(ugorek, in_days=11, capacity=5, promotion="offer")
        events[f"{storm} lottery"] = makers.an_event(
            ugorek, in_days=12, capacity=8, promotion="lottery", draw_at=timezone.now() + timedelta(days=1)
        )
        lottery.prepare(events[f"{storm} lottery"])
    client = Client()
    client.force_login(makers.an_animator(ugorek))
    return {
        "events": {name: {"pk": event.pk, "slug": event.slug} for name, event in events.items()},
        "session": client.cookies["portal_session"].value,
    }


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    print(json.dumps(furnish()))


if __name__ == "__main__":
    main()
