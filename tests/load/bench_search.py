"""How well search answers: a hundred queries it was tuned on (tests/search/queries.toml) and sixty it was not (held_out.toml),
over the true programme, the pages of the portal and a corpus of invented texts.

Prints, for each way of finding and each list, how many queries have an expected title among the first five (recall@5) and the
mean of one over the place of the first expected one (MRR). ``--misses`` names the queries a way does not answer.
"""

import os
import random
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
DATA = Path(__file__).resolve().parents[1] / "search"
FIRST, CROWD = 5, 5000
LISTS = ("queries", "held_out")
EVERYDAY = (DATA / "everyday.txt").read_text(encoding="utf-8").split()

Ask = Callable[[str], Sequence[str]]


def furnish() -> None:
    """The true programme, the pages of the portal, and the invented texts."""
    from django.core.management import call_command

    from tests import makers

    call_command("load_programme", "krakow-2013", verbosity=0)
    for entry in tomllib.loads((DATA / "corpus.toml").read_text(encoding="utf-8"))["row"]:
        place, titles = makers.a_neighbourhood(entry["estate"]), {name: entry[name] for name in entry if name.startswith("title_")}
        if entry["kind"] == "initiative":
            makers.an_initiative(place, title=entry["title"], summary=entry["text"], lang=entry.get("lang", "pl"))
        elif entry["kind"] == "event":
            makers.an_event(place, title=entry["title"], summary=entry["text"], **titles)
        else:
            makers.some_news(place, title_pl=entry["title"], body_pl=entry["text"])


def crowd() -> None:
    """Many other texts of the same everyday words, so that finding the right one is no accident."""
    from django.utils import timezone

    from projects.models import Initiative
    from tests import makers

    chance, now, project = random.Random(5), timezone.now(), makers.the_project()
    Initiative.objects.bulk_create(
        Initiative(
            project=project, slug=f"tlum-{number}", kind="grassroots", status="running", status_since=now,
            title=" ".join(chance.sample(EVERYDAY, 4)).capitalize(), summary=" ".join(chance.sample(EVERYDAY, 20)),
        )
        for number in range(CROWD)
    )  # fmt: skip


def by_search(*ways: str) -> Ask:
    """The portal's own search, with only some of its ways."""
    from django.utils import timezone

    from active_citizens.core.search_words import words_of
    from active_citizens.search import finding
    from projects.models import Neighbourhood

    allowed = [way for way in finding.Way if way.value in ways]
    places = list(Neighbourhood.objects.published())

    def ask(query: str) -> Sequence[str]:
        words = words_of(query)
        asked = finding.Asked(words, timezone.now(), named=finding.estates_named(words, places))
        return [_title(row) for row in finding.Found(asked, allowed)[0:FIRST]]

    return ask


def _title(row: object) -> str:
    titles = row.titles  # type: ignore[attr-defined]
    return titles.get("") or titles.get("pl") or next(iter(titles.values()))


def beside() -> tuple[Ask, Ask]:
    """What search is not: the same stems kept of texts and of queries, and likeness of letters alone."""
    from django.db import connection
    from django.utils import timezone

    from active_citizens.core.search import heard
    from active_citizens.core.search_words import words_of
    from active_citizens.core.text import stems
    from active_citizens.search import finding
    from active_citizens.search.kinds import KINDS

    asked = finding.Asked(words_of("x"), timezone.now())
    hits = [(code, pk) for code, kind in KINDS.items() for pk in kind.rows(asked.at).values_list("pk", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS beside")
        cursor.execute("CREATE TEMP TABLE beside (shown text, title text, body text, kept tsvector)")
        for row in asked.shown(hits):
            title, body = " ".join(row.titles.values()), " ".join(row.texts.values())
            cursor.execute(
                """INSERT INTO beside VALUES
                   (%s, %s, %s, setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'C'))""",
                [_title(row), heard(title), heard(f"{title} {body}"), " ".join(stems(title)), " ".join(stems(body))],
            )

    def by_stems(query: str) -> Sequence[str]:
        question = " | ".join(f"'{stem}'" for stem in stems(query))
        return read("SELECT shown FROM beside WHERE kept @@ %s::tsquery ORDER BY ts_rank(kept, %s::tsquery) DESC LIMIT 5", [question] * 2)

    def by_trigrams(query: str) -> Sequence[str]:
        return read(
            "SELECT shown FROM beside ORDER BY 2 * word_similarity(%s, title) + word_similarity(%s, body) DESC LIMIT 5",
            [heard(query)] * 2,
        )

    def read(sql: str, values: list[str]) -> Sequence[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [shown for (shown,) in cursor.fetchall()]

    return by_stems, by_trigrams


def judge(name: str, ask: Ask) -> None:
    for which in LISTS:
        _judge(name, which, ask)


def _judge(name: str, which: str, ask: Ask) -> None:
    places: list[float] = []
    misses = []
    queries = tomllib.loads((DATA / f"{which}.toml").read_text(encoding="utf-8"))["queries"]
    for query, expected in queries:
        found = [title.startswith(tuple(expected)) for title in ask(query)[:FIRST]]
        places.append(1 / (found.index(True) + 1) if True in found else 0.0)
        if True not in found:
            misses.append(query)
    recall, rank = sum(place > 0 for place in places) / len(places), sum(places) / len(places)
    print(f"{name:<62} {which:<9} recall@{FIRST} {recall:.2f}   MRR {rank:.2f}", flush=True)
    if "--misses" in sys.argv:
        print(f"     {', '.join(misses)}")


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench_search"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for rows, more in (("few texts", furnish), (f"{CROWD:,} more", crowd)):
            more()
            by_stems, by_trigrams = beside()
            judge(f"{rows}: the same stems kept of texts and of queries", by_stems)
            judge(f"{rows}: trigrams of titles and texts", by_trigrams)
            judge(f"{rows}: stems of the query as beginnings of words", by_search("all", "more", "some"))
            judge(f"{rows}: both, trigrams for typing errors", by_search("all", "more", "alike", "some"))
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    main()
