"""``python -m tests.load.bench_seats``: one sign-up costs the same among a thousand places and among a million.

Counted in pages of the database (shared buffers by EXPLAIN), so that the machine's noise does not matter: every statement
one sign-up POST issues is explained with 1,000 and with 1,000,000 places in the table. Then the statements of a
sign-up for an event of ten and of two thousand places.
"""

import os
import re
import sys
from contextlib import contextmanager
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
FEW, MANY, PER_EVENT = 1_000, 1_000_000, 50
SIGN_UPS = 5
# Reading all of such a table would grow with the years.
BIG = ("events_seat", "events_seatmove", "events_registration", "events_event", "participants_person", "participants_message")
BIG_FROM = 1_000
EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)

BULK = [
    """INSERT INTO participants_person (id, name, email, phone, language, preferred_channel, age_band, gender, is_demo, verified_at,
        created_at, updated_at)
       SELECT %(base)s + n, 'Osoba ' || n, 'bulk' || n || '@example.org', '', 'pl', 'email', '', '', false, now(), now(), now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO events_event (id, project_id, venue_id, slug, kind, title, title_pl, summary, description, starts_at, ends_at, sign_up,
        capacity, open_to_minors, promotion, offer_hours, offers_end_hours, access_contact, access_note, status, published_at,
        cancel_reason, sequence, is_demo, created_at, updated_at)
       SELECT %(base)s + n, %(project)s, %(venue)s, 'bulk-' || n, 'walk', 'Spacer ' || n, 'Spacer ' || n, '', '',
        now() + interval '9 days' + n * interval '1 minute', now() + interval '9 days 2 hours' + n * interval '1 minute', 'open',
        40, false, 'automatic', 24, 24, '12 000 00 00', '', 'published', now(), '', 0, false, now(), now()
       FROM generate_series(%(first)s / %(per_event)s + 1, %(last)s / %(per_event)s) AS n""",
    """INSERT INTO events_registration (id, event_id, person_id, contact, sharer, channel, key, code, all_or_none, created_at,
        updated_at)
       SELECT %(base)s + n, %(base)s + (n - 1) / %(per_event)s + 1, %(base)s + n, 'bulk' || n || '@example.org', '', 'web',
        gen_random_uuid(), lpad(to_hex(n), 8, '0'), true, now() - interval '1 day', now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO events_seat (id, registration_id, event_id, number, "group", name, age_band, status, held_for, extra, attendance,
        attendance_from_paper, created_at, updated_at)
       SELECT %(base)s + n, %(base)s + n, %(base)s + (n - 1) / %(per_event)s + 1, 1, 1, 'Osoba', '',
        CASE WHEN (n - 1) %% %(per_event)s < 40 THEN 'confirmed' ELSE 'waiting' END, '', false, '', false, now(), now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO events_seatmove (id, seat_id, before, after, why, note, at)
       SELECT %(base)s + n, %(base)s + n, '', 'confirmed', 'signed_up', '', now() FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO participants_message (id, template, context, person_id, recipient, language, status, priority, due_at, sent_at, attempts,
        error, created_at, updated_at)
       SELECT %(base)s + n, 'registration_confirmed', jsonb_build_object('registration', n), %(base)s + n, 'bulk' || n || '@example.org',
        'pl', 'sent', 5, now(), now(), 1, '', now(), now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
]


def show(work: str, ratio: float, most: float, note: str = "") -> None:
    print(f"{'ok  ' if ratio <= most else 'HIGH'} {work:<62} {ratio:6.2f}  (at most {most})  {note}", flush=True)


def fill(first: int, last: int) -> None:
    """Places from number ``first`` to ``last``, fifty an event, with people, history and messages."""
    from django.db import connection, transaction

    from projects.models import Venue
    from tests import makers

    venue = Venue.objects.first() or makers.a_venue()
    values = {"project": makers.the_project().pk, "venue": venue.pk, "first": first, "last": last, "per_event": PER_EVENT}
    with connection.cursor() as cursor, transaction.atomic():
        # Numbers behind all there are; the references are right by construction.
        cursor.execute(f"SELECT greatest({', '.join(f'(SELECT max(id) FROM {table})' for table in BIG)}, 0)")
        values["base"] = cursor.fetchone()[0]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in BULK:
            cursor.execute(statement, values)
        for table in BIG:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


class Explained:
    """Explains every statement before it is really done: pages touched, and big tables read from end to end."""

    def __init__(self) -> None:
        self.pages, self.statements, self.read_through = 0, 0, []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        from django.db import transaction

        if not EXPLAINED.match(sql) or many:
            return execute(sql, params, many, context)
        self.statements += 1
        with transaction.atomic(), context["connection"].connection.cursor() as cursor:
            cursor.execute("SAVEPOINT explained")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0][0]["Plan"]
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
        self.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        self.read_through += big_tables_read_through(plan)
        return execute(sql, params, many, context)


def big_tables_read_through(plan: dict[str, Any]) -> list[str]:
    found = [table for part in plan.get("Plans", []) for table in big_tables_read_through(part)]
    rows = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0)
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in BIG and rows >= BIG_FROM:
        found.append(plan["Relation Name"])
    return found


class Form:
    """One visitor with an open sign-up form."""

    def __init__(self, event: Any) -> None:
        from django.test import Client

        self.client, self.path, self.number = Client(), f"/wydarzenia/{event.slug}/zapisy/", 0

    def send(self) -> None:
        """One sign-up; raises AssertionError when it was refused."""
        import uuid

        self.number += 1
        email = f"{uuid.uuid4().hex}@example.org"
        typed = {"key": str(uuid.uuid4()), "name": "Zofia", "email": email, "phone": "", "home": "unknown", "website": ""}
        assert self.client.post(self.path, typed).status_code == 302


@contextmanager
def watched(watch: Any) -> Any:
    from django.db import connection

    with connection.execute_wrapper(watch):
        yield


def explained(event: Any) -> Explained:
    form, watch = Form(event), Explained()
    form.send()  # what is kept in memory is there now
    with watched(watch):
        for _time in range(SIGN_UPS):
            form.send()
    return watch


def statements(event: Any) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    form = Form(event)
    form.send()
    with CaptureQueriesContext(connection) as captured:
        form.send()
    if "-v" in sys.argv:
        print(*(query["sql"][:300] for query in captured), sep="\n")
    return sum(1 for query in captured if EXPLAINED.match(query["sql"]))


def among_many() -> None:
    """The same sign-up, for an event with room and for a full one with a queue, in a small and in a big table."""
    from events.models import Event
    from tests import makers

    makers.a_notice()
    found: dict[str, dict[int, Explained]] = {"with room": {}, "full, with a queue": {}}
    last = 0
    for size in (FEW, MANY):
        fill(last + 1, size)
        last = size
        fresh = makers.an_event(in_days=60, capacity=500)
        makers.signed_up(fresh, heads=3)
        found["with room"][size] = explained(fresh)
        # The middle of the first thousand: as many people stand in it whatever the size of the table.
        found["full, with a queue"][size] = explained(Event.objects.get(slug=f"bulk-{5 if size == FEW else 6}"))
    for kind, of in found.items():
        few, many = of[FEW], of[MANY]
        show(
            f"pages of a sign-up, {kind}: 1,000,000 : 1,000 places",
            many.pages / few.pages,
            1.5,
            f"{many.pages / SIGN_UPS:.0f} : {few.pages / SIGN_UPS:.0f}",
        )
        read = sorted(set(many.read_through))
        show(f"big tables it reads from end to end, {kind}", len(read), 0, ", ".join(read) or f"{many.statements // SIGN_UPS} statements")


def in_one_event() -> None:
    """An event of ten places and one of two thousand, both with a queue whose first party is too large for what is free."""
    import time

    from tests import makers

    seen, team = {}, makers.an_officer()
    for size in (10, 2000):
        event = makers.an_event(in_days=70, capacity=size)
        makers.signed_up(event, heads=size - 1, actor=team)
        for _party in range(size // 5):
            makers.signed_up(event, heads=5)
        count = statements(event)
        form = Form(event)
        start = time.perf_counter()
        for _time in range(10):
            form.send()
        seen[size] = count, (time.perf_counter() - start) / 10
    (few, soon), (many, late) = seen[10], seen[2000]
    show("statements of a sign-up in an event of 2,000 and 10 places", many / few, 1.0, f"{many} : {few}")
    show("its time, when the first of the queue does not fit", late / soon, 3.0, f"{late * 1000:.0f} : {soon * 1000:.0f} ms")


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.SIGN_UPS_PER_ADDRESS_PER_HOUR = 1_000_000
    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench_seats"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        in_one_event()
        if "--one-event" not in sys.argv:
            among_many()
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    main()
