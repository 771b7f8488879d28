"""Finding texts by words: what PostgreSQL keeps of a row to be found by, and what a typed query asks for.

A text's words are kept as they are heard: lower case, plain Latin letters, nothing else. The query brings the stems, and asks
for words that begin with them; so the texts need no Python to be found, and no way of writing a row leaves it out of date.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.migrations.operations import RunSQL

from active_citizens.core.text import BY_EAR, by_ear

# What Ukrainian writes inside a word and nobody hears, straight and curly apostrophes, and the dot Turkish leaves on a small i.
SILENT = "ьъ'’ʼ\N{COMBINING DOT ABOVE}"
# So much of a text is kept to be found by: PostgreSQL refuses vectors over a megabyte.
LONGEST_TEXT = 100_000
# So alike must two words be to be compared letter by letter, and so many words are.
LIKE, MOST_LIKE = 0.2, 400


def heard(text: str) -> str:
    """The words of a text in plain Latin letters with single spaces, as ``heard_sql`` keeps them: „Żółć, po raz 2.” is "zolc po raz 2"."""
    spoken = by_ear(text).translate({ord(sign): None for sign in SILENT})
    return " ".join(re.findall(r"[a-z0-9]+", spoken))


def heard_sql(columns: Iterable[str]) -> str:
    """The SQL for ``heard`` of some columns together; every function in it is immutable."""
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    letters, instead = "".join(BY_EAR) + SILENT.replace("'", "''"), "".join(BY_EAR.values())
    spoken = f"translate(lower(normalize(left({text}, {LONGEST_TEXT}))), '{letters}', '{instead}')"
    return f"btrim(regexp_replace({spoken}, '[^a-z0-9]+', ' ', 'g'))"


class Searchable(RunSQL):
    """A column PostgreSQL keeps by itself beside a model's own, with its index: ``found_words``, each word with the weight of its
    column (A for titles, B for leads, then C).

    Django does not know it, so no list of rows reads it by the way; ``FoundWords`` does, when asked.
    """

    def __init__(self, table: str, weights: Mapping[str, Iterable[str]]) -> None:
        vectors = (f"setweight(to_tsvector('pg_catalog.simple', {heard_sql(columns)}), '{weight}')" for weight, columns in weights.items())
        super().__init__(
            f"""
            ALTER TABLE {table} ADD COLUMN found_words tsvector GENERATED ALWAYS AS ({" || ".join(vectors)}) STORED;
            CREATE INDEX {table}_found_words ON {table} USING gin (found_words) WITH (fastupdate = off);
            """,
            f"ALTER TABLE {table} DROP COLUMN found_words;",
        )
        self.table, self.weights = table, weights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "Searchable", [self.table, self.weights], {}

    def describe(self) -> str:
        return f"Lets the rows of {self.table} be found by their words"


class FoundWords(models.Expression):
    """The column of ``Searchable`` in a query over its model."""

    def __init__(self, alias: str = "") -> None:
        super().__init__(output_field=SearchVectorField())
        self.alias = alias

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "FoundWords":
        return FoundWords(query.get_initial_alias())

    def relabeled_clone(self, change_map: dict[str, str]) -> "FoundWords":
        return FoundWords(change_map.get(self.alias, self.alias))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return f"{compiler.quote_name_unless_alias(self.alias)}.found_words", []


class Has(models.Func):
    """Whether the row's words answer a text search, such as ``'ogrod':* & 'azor':*A``."""

    template, arg_joiner = "(%(expressions)s::tsquery)", " @@ "
    output_field = models.BooleanField()

    def __init__(self, question: str) -> None:
        super().__init__(FoundWords(), models.Value(question))


def words_like(rows: Iterable["models.QuerySet[Any]"], typed: Iterable[str]) -> list[str]:
    """The words of the rows that have letters in common with those typed, the likest first."""
    with connection.cursor() as cursor:
        texts = []
        for each in rows:
            # A filter that nothing can pass has no SQL.
            with suppress(EmptyResultSet):
                texts.append(cursor.mogrify(*each.values_list(FoundWords()).query.sql_with_params()).decode())
        if not texts:
            return []
        cursor.execute(
            """SELECT word, max(similarity(word, typed)) AS likeness FROM ts_stat(%s), unnest(%s) AS typed
               WHERE similarity(word, typed) >= %s GROUP BY word ORDER BY likeness DESC, word LIMIT %s""",
            [" UNION ALL ".join(f"({text})" for text in texts), list(typed), LIKE, MOST_LIKE],
        )
        return [word for word, _likeness in cursor.fetchall()]
