"""``python -m tests.load.bench_initiatives``: the list of initiatives and an estate's page cost the same with 10,000 as with 100.

Counted in pages of the database (shared buffers by EXPLAIN) and in statements. Each of the 10,000 has twenty supports; one in
a thousand has a thousand more. The pages are those that a hundred initiatives fill as well, so that as many rows are shown.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from tests.load.bench_seats import Explained, show, watched

FEW, SOME, MANY, EACH = 100, 2_000, 10_000, 20
MOST_STATEMENTS, MOST_RATIO = 8, 1.5
PAGES = {
    "list": "/inicjatywy/",
    "list of one estate": "/inicjatywy/?neighbourhood=ugorek",
    "list of one state": "/inicjatywy/?status=running",
    "list of one kind": "/inicjatywy/?kind=mini_project",
    "second page of the list": "/inicjatywy/?page=2",
    "estate": "/osiedla/ugorek/",
}
# A hundred do not fill a page of these: they are measured against as many as do.
COMBINED = {
    "one state and kind": "/inicjatywy/?status=running&kind=mini_project",
    "one estate and state": "/inicjatywy/?neighbourhood=ugorek&status=finished",
    "one estate and kind": "/inicjatywy/?neighbourhood=ugorek&kind=statutory",
    "one estate, state and kind": "/inicjatywy/?neighbourhood=ugorek&status=finished&kind=statutory",
}

BULK = [
    """INSERT INTO projects_initiative (id, project_id, slug, kind, status, status_since, title, summary, place, lang, date_note,
        source_label, source_url, reference, own_key, case_mark, paper_supporters, place_ids, is_demo, created_at, updated_at)
       SELECT n, %(project)s, 'bulk-' || n, (array['mini_project', 'statutory', 'grassroots'])[n %% 3 + 1],
        (array['running', 'finished', 'accepted', 'idea', 'submitted', 'withdrawn'])[n / 9 %% 6 + 1], now() - n * interval '1 hour',
        'Inicjatywa ' || n, 'Coś dobrego dla osiedla.', '', 'pl', '', '', '', lpad(n::text, 9, '0'), 'key-' || n, '', 0,
        ARRAY[(%(places)s::bigint[])[n / 3 %% 3 + 1]], false, now(), now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO projects_initiative_neighbourhoods (initiative_id, neighbourhood_id)
       SELECT n, (%(places)s::bigint[])[n / 3 %% 3 + 1] FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO participants_person (name, email, phone, language, preferred_channel, age_band, gender, is_demo, created_at, updated_at)
       SELECT 'Osoba ' || n, 'bulk' || n || '@example.org', '', 'pl', 'email', '', '', false, now(), now()
       FROM generate_series(%(first)s, %(last)s) AS n""",
    """INSERT INTO projects_support (initiative_id, person_id, at)
       SELECT n, person.id, now() FROM generate_series(%(first)s, %(last)s) AS n
       CROSS JOIN LATERAL (SELECT id FROM participants_person ORDER BY id
        LIMIT (CASE WHEN n %% 1000 = 7 THEN 1000 ELSE %(each)s END)) AS person""",
]


def fill(first: int, last: int) -> None:
    from django.db import connection, transaction

    from tests import makers

    places = [makers.a_neighbourhood(name).pk for name in ("Ugorek", "Olsza II", "Azory")]
    values = {"project": makers.the_project().pk, "places": places, "first": first, "last": last, "each": EACH}
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in BULK:
            cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def explained(path: str) -> Explained:
    from django.core.cache import caches
    from django.test import Client

    client, watch = Client(), Explained()
    client.get(path)
    for cache in caches.all():
        cache.clear()
    with watched(watch):
        assert client.get(path).status_code == 200
    return watch


def measure() -> None:
    found: dict[str, dict[int, Explained]] = {name: {} for name in PAGES | COMBINED}
    last = 0
    for size in (FEW, SOME, MANY):
        fill(last + 1, size)
        last = size
        for name, path in (PAGES | COMBINED).items():
            found[name][size] = explained(path)
    for name, of in found.items():
        fewest = FEW if name in PAGES else SOME
        few, many = of[fewest], of[MANY]
        pages = f"{many.pages} : {few.pages} pages"
        show(f"{name}: 10,000 initiatives, 200,000 supports : {fewest:,}", many.pages / few.pages, MOST_RATIO, pages)
        show(f"{name}: statements", many.statements, MOST_STATEMENTS)


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench_initiatives"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        measure()
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
