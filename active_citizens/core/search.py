"""Finding texts by words: what PostgreSQL keeps of a row to be found by, and what a typed query asks for.

A text's words are kept as they are heard: lower case, plain Latin letters, nothing else. The query brings the stems, and asks
for words that begin with them; so the texts need no Python to be found, and no way of writing a row leaves it out of date.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.migrations.operations import RunSQL

from active_citizens.core.text import BY_EAR, by_ear

# What Ukrainian writes inside a word and nobody hears, straight and curly apostrophes, and the dot Turkish leaves on a small i.
SILENT = "ьъ'’ʼ\N{COMBINING DOT ABOVE}"
# So much of a text is kept to be found by: PostgreSQL refuses vectors over a megabyte.
LONGEST_TEXT = 100_000
# And so much of titles and leads, to look for words like those typed.
LONGEST_NEAR = 2_000


def heard(text: str) -> str:
    """The words of a text in plain Latin letters with single spaces, as ``heard_sql`` keeps them: „Żółć, po raz 2.” is "zolc po raz 2"."""
    spoken = by_ear(text).translate({ord(sign): None for sign in SILENT})
    return " ".join(re.findall(r"[a-z0-9]+", spoken))


def heard_sql(columns: Iterable[str], longest: int = LONGEST_TEXT) -> str:
    """The SQL for ``heard`` of some columns together; every function in it is immutable."""
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    letters, instead = "".join(BY_EAR) + SILENT.replace("'", "''"), "".join(BY_EAR.values())
    spoken = f"translate(lower(normalize(left({text}, {longest}))), '{letters}', '{instead}')"
    return f"btrim(regexp_replace({spoken}, '[^a-z0-9]+', ' ', 'g'))"


class Searchable(RunSQL):
    """Two columns PostgreSQL keeps by itself beside a model's own, with their indexes: ``found_words`` with the weight of each
    column (A for titles, B for leads, then C), ``found_near`` with titles and leads as they are heard, for typing errors.

    Django does not know them, so no list of rows reads them by the way; ``Kept`` does, when asked.
    """

    def __init__(self, table: str, weights: Mapping[str, Iterable[str]]) -> None:
        vectors = (f"setweight(to_tsvector('pg_catalog.simple', {heard_sql(columns)}), '{weight}')" for weight, columns in weights.items())
        near = heard_sql([*weights["A"], *weights.get("B", ())], LONGEST_NEAR)
        super().__init__(
            f"""
            ALTER TABLE {table}
                ADD COLUMN found_words tsvector GENERATED ALWAYS AS ({" || ".join(vectors)}) STORED,
                ADD COLUMN found_near text COLLATE "C" GENERATED ALWAYS AS ({near}) STORED;
            CREATE INDEX {table}_found_words ON {table} USING gin (found_words);
            CREATE INDEX {table}_found_near ON {table} USING gin (found_near gin_trgm_ops);
            """,
            f"ALTER TABLE {table} DROP COLUMN found_near, DROP COLUMN found_words;",
        )
        self.table, self.weights = table, weights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "Searchable", [self.table, self.weights], {}

    def describe(self) -> str:
        return f"Lets the rows of {self.table} be found by their words"


class Kept(models.Expression):
    """One of the columns of ``Searchable`` in a query over its model."""

    def __init__(self, column: str, alias: str = "") -> None:
        super().__init__(output_field=SearchVectorField() if column == "found_words" else models.TextField())
        self.column, self.alias = column, alias

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "Kept":
        return Kept(self.column, query.get_initial_alias())

    def relabeled_clone(self, change_map: dict[str, str]) -> "Kept":
        return Kept(self.column, change_map.get(self.alias, self.alias))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return f"{compiler.quote_name_unless_alias(self.alias)}.{connection.ops.quote_name(self.column)}", []


class Has(models.Func):
    """Whether the row's words answer a text search, such as ``'ogrod':* & 'azor':*A``."""

    template, arg_joiner = "(%(expressions)s::tsquery)", " @@ "
    output_field = models.BooleanField()

    def __init__(self, question: str) -> None:
        super().__init__(Kept("found_words"), models.Value(question))


class IsLike(models.Func):
    """Whether a word of the row's title or lead is like the given one, by ``pg_trgm.strict_word_similarity_threshold``."""

    template, arg_joiner = "(%(expressions)s)", " %%>> "
    output_field = models.BooleanField()

    def __init__(self, word: str) -> None:
        super().__init__(Kept("found_near"), models.Value(word))


class Likeness(models.Func):
    """How alike: 1 for the very word."""

    function = "strict_word_similarity"
    output_field = models.FloatField()

    def __init__(self, word: str) -> None:
        super().__init__(models.Value(word), Kept("found_near"))
