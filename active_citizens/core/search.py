"""Finding texts by words: what PostgreSQL keeps of a row to be found by, and what a typed query asks for.

A text's words are kept as they are heard: lower case, plain Latin letters, nothing else. The query brings the stems, and asks
for words that begin with them; so the texts need no Python to be found, and no way of writing a row leaves it out of date.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import Stemmer
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.migrations.operations import RunSQL

from active_citizens.core.text import BY_EAR, by_ear

# What Ukrainian writes inside a word and nobody hears; straight and curly apostrophes.
SILENT = "ьъ'’ʼ"
LONGEST_QUERY, MOST_WORDS, LONGEST_WORD = 200, 8, 40
# So much of a text is kept to be found by: PostgreSQL refuses vectors over a megabyte.
LONGEST_TEXT = 100_000


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
    """Two columns PostgreSQL keeps by itself beside a model's own, with their indexes: ``found_words`` with the weight of each
    column (A for titles, then B, C), ``found_title`` with the titles alone for likeness.

    Django does not know them, so no list of rows reads them by the way; ``Kept`` does, when asked.
    """

    def __init__(self, table: str, weights: Mapping[str, Iterable[str]]) -> None:
        vectors = (
            f"setweight(to_tsvector('pg_catalog.simple', {heard_sql(columns)}), '{weight}')" for weight, columns in weights.items()
        )
        super().__init__(
            f"""
            ALTER TABLE {table}
                ADD COLUMN found_words tsvector GENERATED ALWAYS AS ({" || ".join(vectors)}) STORED,
                ADD COLUMN found_title text COLLATE "C" GENERATED ALWAYS AS ({heard_sql(weights["A"])}) STORED;
            CREATE INDEX {table}_found_words ON {table} USING gin (found_words);
            CREATE INDEX {table}_found_title ON {table} USING gin (found_title gin_trgm_ops);
            """,
            f"ALTER TABLE {table} DROP COLUMN found_title, DROP COLUMN found_words;",
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
    """Whether a word of the row's titles is like the given one, by ``pg_trgm.strict_word_similarity_threshold``."""

    template, arg_joiner = "(%(expressions)s)", " %%>> "
    output_field = models.BooleanField()

    def __init__(self, word: str) -> None:
        super().__init__(Kept("found_title"), models.Value(word))


class Likeness(models.Func):
    """How alike: 1 for the very word."""

    function = "strict_word_similarity"
    output_field = models.FloatField()

    def __init__(self, word: str) -> None:
        super().__init__(models.Value(word), Kept("found_title"))


# --- What was typed -----------------------------------------------------------------------------------------------------

# Words that say nothing alone; a query of nothing else is asked as it is.
UNSAID = frozenset(
    heard(
        "a aby albo ale bo by być co czy dla do gdzie i ich jak jest jestem już kiedy która które który ku lub ma mam może na nad "
        "nie o od oraz pan pani po pod przez przy są się ta tak tam te ten to tu u w we z za ze że żeby kto jaki jakie jaka będzie "
        "the an and are at by for from how in is it of on or that to was what when where which who with "
        "або але в від де для до є за з зі і й коли на не о по під при про та так у це чи що як який яка які"
    ).split()
)
# What a short stem may end with: it is too short to stand for whatever begins so („gra” is no „grupa”).
ENDINGS = "a ach ami ce e ego ej em emu i ia ie iem im mi mowi o om ow owi owie u y ych ym ymi ze".split()
# Sounds that change before an ending: „w bibliotece” is „biblioteka”.
CHANGES = (("rz", "r"), ("dz", "d"), ("dz", "g"), ("c", "k"), ("sz", "ch"))
UKRAINIAN = re.compile(r"(ами|ями|ові|еві|ого|ому|ими|их|ою|ею|єю|ів|їв|ах|ях|ам|ям|ом|ем|ий|ій|їй|а|я|у|ю|і|ї|и|е|є|о|ь|й)$")
SHORT = 4


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language)


def _stems(word: str) -> Iterable[str]:
    """The word's stems in the three languages, as heard; accents that were left out of an ending are put back first."""
    if re.search("[а-яґєії]", word):
        yield heard(UKRAINIAN.sub("", word) if len(word) > SHORT else word).replace(" ", "")
        return
    for spelt in {word, re.sub("ow$", "ów", word), re.sub("a$", "ą", word), re.sub("e$", "ę", word)}:
        stem = _stemmer("polish").stemWord(spelt)
        # The rules take „Olsza” for an adjective's degree; no ending is longer than half a word.
        yield heard(stem if len(stem) * 2 >= len(spelt) else spelt[:-1])
    english = heard(_stemmer("english").stemWord(word))
    if len(english) >= SHORT:
        yield english


def _changed(stem: str, word: str) -> Iterable[str]:
    """The stem as it sounds with other endings: "bibliotec" is also "bibliotek", "podwork" also "podworek"."""
    yield stem
    for sound, other in CHANGES:
        if stem.endswith(sound) and word[-1] in "eiy":
            yield stem.removesuffix(sound) + other
    if re.search("[^aeiouy]k$", stem):
        yield f"{stem[:-1]}ek"
    if stem.endswith("ek"):
        yield f"{stem[:-2]}k"


@dataclass(frozen=True)
class Word:
    """One word of a query: as it is heard, the beginnings it may have in a text, and the whole words when it is short."""

    heard: str
    beginnings: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()

    @classmethod
    def typed(cls, word: str) -> "Word":
        sound = heard(word).replace(" ", "")[:LONGEST_WORD]
        if not sound or re.search(r"\d", sound):
            return cls(sound, forms=frozenset({sound}))
        stems = {changed for stem in _stems(word) for changed in _changed(stem[:LONGEST_WORD], sound)}
        long = {stem for stem in stems if len(stem) >= SHORT}
        short = {stem for stem in stems if 1 < len(stem) < SHORT} if len(sound) <= SHORT + 2 else set()
        return cls(sound, frozenset(long), frozenset({sound} | {stem + end for stem in short for end in ["", *ENDINGS]}))

    def question(self, weight: str = "") -> str:
        """The text search for the word, only where it carries the weight when one is given."""
        mark = f":{weight}" if weight else ""
        begins = [f"'{stem}':*{weight}" for stem in sorted(self.beginnings)]
        return " | ".join([*begins, *(f"'{form}'{mark}" for form in sorted(self.forms))])

    def is_in(self, sound: str) -> bool:
        """Whether a text's word, as heard, is this one in some form."""
        return sound in self.forms or sound.startswith(tuple(self.beginnings))


def tidy(typed: str) -> str:
    """What was typed as it may be shown again: composed letters, single spaces, no control characters, not too long."""
    printable = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in unicodedata.normalize("NFC", typed))
    return " ".join(printable.split())[:LONGEST_QUERY].strip()


def words_of(typed: str) -> list[Word]:
    """The words a query asks for, each once; those that say nothing are left out unless there are no others."""
    apart = re.findall(r"[^\W_]+", re.sub(f"[{SILENT}]", "", tidy(typed).lower()))
    words = {word.heard: word for word in map(Word.typed, apart) if word.heard}
    said = [word for word in words.values() if word.heard not in UNSAID]
    return (said or list(words.values()))[:MOST_WORDS]
