"""``python -m tests.load.bench_exports``: how fast and how lean exports are, as ratios within one run.

Two works: a table of 100,000 rows × 20 columns made by the server, against the barest code that makes such a file; and
the turnout report of 100,000 events with 300,000 seats through its own definition.
"""

import csv
import gc
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
ROWS = 100_000
ROUNDS = 7

SELECT = """
    SELECT n, n * 2, n %% 7, n / 1000, (n %% 1000)::numeric / 10, (n %% 77)::numeric / 4,
        date '2013-12-01' + n %% 200, date '2014-01-01' + n %% 100,
        timestamptz '2013-12-01 17:30+01' + n * interval '1 minute', timestamptz '2014-06-01 08:00+02' - n * interval '1 hour',
        'Zażółć gęślą jaźń ' || n, 'Warsztaty sąsiedzkie ąćęłńóśźż', 'osiedle ' || n %% 3, '+48' || 600000000 + n, '=1+' || n,
        'Klub „Ugorek”; sala ' || n %% 9, 'walk', 'published', 'krótko', 'wydarzenie-' || n
    FROM generate_series(1, %s) AS n
"""


def columns() -> Any:
    from active_citizens.core.tables import Column, Kind

    kinds = [Kind.INTEGER] * 4 + [Kind.DECIMAL] * 2 + [Kind.DATE] * 2 + [Kind.DATETIME] * 2 + [Kind.TEXT] * 10
    kinds[13] = Kind.PHONE
    choices = {16: {"walk": "spacer badawczy"}, 17: {"published": "opublikowane"}}
    return tuple(Column(f"c{at}", f"Kolumna {at}", kind, choices=choices.get(at, {})) for at, kind in enumerate(kinds))


def fetched(rows: int = ROWS) -> Iterator[tuple[Any, ...]]:
    """Rows by a cursor on the server, as ``QuerySet.iterator`` brings them."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.itersize = 2000
        cursor.execute(SELECT, [rows])
        yield from cursor


def bare_csv(path: str) -> None:
    """What a file with the same cells costs at least: the same formatters, csv.writer, nothing else."""
    from active_citizens.core import sheets

    cells = [sheets._excel_cell(column) for column in columns()]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([cell(value) if cell else value for cell, value in zip(cells, row, strict=False)] for row in fetched())


def plain_csv(path: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(fetched())


def bare_xlsx(path: str) -> None:
    from rustpy_xlsxwriter import write_worksheet

    headings = [column.heading for column in columns()]
    write_worksheet((dict(zip(headings, row, strict=False)) for row in fetched()), path)


def ours(name: str) -> Callable[[str], None]:
    from active_citizens.core import sheets
    from active_citizens.core.tables import Table

    write = {"xlsx": sheets.write_xlsx, "excel": sheets.write_excel_csv, "open": sheets.write_open_csv}[name]
    return lambda path: write(Table("Sto tysięcy wierszy", columns(), fetched()), path) and None


def peak_growth(work: Callable[[], object]) -> float:
    """By how many MB the memory of the process grew at its highest over what it held before."""

    def held(name: str) -> int:
        with open("/proc/self/status") as status:
            return int(re.search(rf"{name}:\s+(\d+)", status.read())[1])

    gc.collect()
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    before = held("VmRSS")
    work()
    return (held("VmHWM") - before) / 1024


def measure(works: dict[str, Callable[[str], None]], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each work, the median of interleaved rounds."""
    seen: dict[str, list[float]] = {name: [] for name in works}
    with tempfile.TemporaryDirectory() as folder:
        for _round in range(rounds):
            for name, work in works.items():
                start = time.perf_counter()
                work(f"{folder}/{name}")
                seen[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seen.items()}


def show(work: str, ratio: float, most: float, note: str = "") -> None:
    print(f"{'ok  ' if ratio <= most else 'HIGH'} {work:<58} {ratio:6.2f}  (at most {most})  {note}", flush=True)


def writers() -> None:
    # Memory first: afterwards the process holds freed pages that a new peak would hide in.
    for name in ("excel", "open", "xlsx"):
        with tempfile.NamedTemporaryFile() as file:
            work, path = ours(name), file.name
            show(f"memory of {name} over idle, MB", peak_growth(lambda work=work, path=path: work(path)), 60)  # type: ignore[misc]
    found = measure({
        "plain csv": plain_csv, "bare csv": bare_csv, "excel csv": ours("excel"), "open csv": ours("open"),
        "bare xlsx": bare_xlsx, "xlsx": ours("xlsx"),
    })  # fmt: skip
    for name, base in (("excel csv", "bare csv"), ("open csv", "bare csv"), ("xlsx", "bare xlsx")):
        show(f"{name}, 100,000 × 20, against {base} from the same cursor", found[name] / found[base], 1.5, f"{found[name]:.1f} s")
    print(f"     for comparison: csv.writer without any formatter {found['plain csv']:.1f} s, with them {found['bare csv']:.1f} s")


def furnish() -> Any:
    """100,000 events on three estates with three seats each, and an officer."""
    from django.db import connection

    from tests import makers

    ids = {
        "project": makers.the_project().pk,
        "venue": makers.a_venue().pk,
        "person": makers.a_person().pk,
        "places": [makers.a_neighbourhood(name).pk for name in ("Azory", "Olsza II", "Ugorek")],
        "rows": ROWS,
    }
    with connection.cursor() as cursor:
        for statement in BULK:
            cursor.execute(statement, ids)
        cursor.execute("ANALYZE")
    return makers.an_officer()


BULK = [
    """INSERT INTO events_event (project_id, venue_id, slug, kind, title, title_pl, summary, description, starts_at, ends_at, sign_up,
        capacity, access_contact, access_note, status, published_at, cancel_reason, sequence, is_demo, created_at, updated_at,
        open_to_minors, promotion, offer_hours, offers_end_hours)
       SELECT %(project)s, %(venue)s, 'w-' || n, 'walk', 'Spacer ' || n, 'Spacer ' || n, '', '', now() + n * interval '1 minute',
        now() + n * interval '1 minute' + interval '2 hours', 'open', 20, '12 000 00 00', '',
        'published', now(), '', 0, false, now(), now(), false, 'automatic', 24, 24
       FROM generate_series(1, %(rows)s) AS n""",
    "INSERT INTO events_event_neighbourhoods (event_id, neighbourhood_id) SELECT id, (%(places)s::bigint[])[1 + id %% 3] FROM events_event",
    """INSERT INTO events_registration (event_id, person_id, contact, channel, key, code, all_or_none, created_at,
        updated_at)
       SELECT id, %(person)s, 'x@example.org', 'web', gen_random_uuid(), lpad(id::text, 8, '0'), true, now(), now()
       FROM events_event""",
    """INSERT INTO events_seat (registration_id, event_id, number, "group", extra, name, age_band,
        status, held_for, attendance, created_at, updated_at)
       SELECT r.id, r.event_id, n, 1, false, 'Osoba ' || n, '', 'confirmed', '', CASE n WHEN 1 THEN 'came' ELSE '' END, now(), now()
       FROM events_registration r, generate_series(1, 3) AS n""",
]


def report(officer: Any) -> None:
    """The turnout report itself: seconds against its bare query and csv.writer, queries, memory; and its screen."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from active_citizens.core import sheets
    from reports.definitions import REPORTS, Filters

    turnout, now = REPORTS["zapisy-i-frekwencja"], timezone.now()

    def base(path: str) -> None:
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows(turnout.queryset(officer, Filters(), now).iterator(chunk_size=2000))

    def file_of(write: Callable[..., int]) -> Callable[[str], None]:
        return lambda path: write(turnout.table(officer, Filters(), now), path) and None

    found = measure({"base": base, "csv": file_of(sheets.write_excel_csv), "xlsx": file_of(sheets.write_xlsx)}, rounds=3)
    for name in ("csv", "xlsx"):
        print(
            f"     turnout report of {ROWS:,} events as {name}: {found[name]:.1f} s; its query and csv.writer alone {found['base']:.1f} s"
        )
    client = Client()
    client.force_login(officer)

    def posted() -> int:
        return sum(map(len, client.post("/raporty/zapisy-i-frekwencja.xlsx").streaming_content))

    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        sent = posted()
        took = time.perf_counter() - start
    data = [query for query in captured if "events_seat" in query["sql"]]
    show("data queries of an export by POST", len(data), 3, f"{took:.1f} s, {sent / 1e6:.1f} MB")
    show("memory of an export by POST over idle, MB", peak_growth(posted), 60)
    start = time.perf_counter()
    client.get("/raporty/zapisy-i-frekwencja/")
    print(f"     its first page on the screen with sums over 300,000 seats: {time.perf_counter() - start:.2f} s")


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench_exports"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        writers()
        if "--writers" not in sys.argv:
            report(furnish())
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    main()
