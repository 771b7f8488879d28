"""The words of a query: the stems that stand for them in texts, what they may be but for a typing error, and where they stand."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import Stemmer
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from active_citizens.core.search import SILENT, heard
from active_citizens.core.text import by_ear

LONGEST_QUERY, MOST_WORDS, LONGEST_WORD = 200, 8, 40
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
ENDINGS = tuple("a ach ami ce e ego ej em emu i ia ie iem im mi mowi o om ow owi owie u y ych ym ymi ze".split())  # noqa: SIM905
# Sounds that change before an ending: „w bibliotece” is „biblioteka”.
CHANGES = (("rz", "r"), ("dz", "d"), ("dz", "g"), ("c", "k"), ("sz", "ch"))
UKRAINIAN = re.compile(r"(ами|ями|ові|еві|ого|ому|ими|их|ою|ею|єю|ів|їв|ах|ях|ам|ям|ом|ем|ий|ій|їй|а|я|у|ю|і|ї|и|е|є|о|ь|й)$")
SHORT = 4
# One typing error is forgiven, in stems of eight letters and more two; so many letters an ending may have.
TOO_FAR, LONGEST_ENDING = 3, 4


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


def _smaller_or_larger(stem: str) -> Iterable[str]:
    """A diminutive for its word and a word for its diminutive: „biblioteka” is „biblioteczka”, „ławeczka” is „ławka”."""
    # Not "cz" alone: „rzeka” is no „rzecz”.
    if re.search("[aeiouy]k$", stem) and len(stem) >= SHORT:
        yield from (f"{stem[:-1]}czk", f"{stem[:-1]}czek")
    if found := re.search("^(.*[aeiouy])cze?k$", stem):
        yield from (larger for larger in _changed(f"{found[1]}k", stem) if len(larger) >= SHORT)


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
        stems |= {other for stem in stems for other in _smaller_or_larger(stem)}
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

    def with_near(self, candidates: Iterable[str]) -> "Word":
        """The word together with the nearest of the candidates, when it may be one of them with a typing error; else as it is."""
        stems = [stem for stem in self.beginnings if not re.search(r"\d", stem)]
        distances = {other: min((_edits(stem, other) for stem in stems), default=TOO_FAR) for other in candidates}
        nearest = min(distances.values(), default=TOO_FAR)
        if nearest >= TOO_FAR:
            return self
        near = [Word.typed(other) for other, distance in distances.items() if distance == nearest]
        return replace(
            self,
            beginnings=self.beginnings.union(*(word.beginnings for word in near)),
            forms=self.forms.union(*(word.forms for word in near)),
        )


def _edits(stem: str, word: str) -> int:
    """How many letters are to be changed, added, left out or swapped until the word begins so, whatever its ending; or TOO_FAR."""
    if len(stem) < 2 * SHORT - 2 and stem[0] != word[0]:
        return TOO_FAR
    rows = [list(range(len(word) + 1))]
    for y, letter in enumerate(stem, start=1):
        rows.append([y])
        for x, other in enumerate(word, start=1):
            least = min(rows[y - 1][x] + 1, rows[y][x - 1] + 1, rows[y - 1][x - 1] + (letter != other))
            if x > 1 and y > 1 and letter == word[x - 2] and other == stem[y - 2]:
                least = min(least, rows[y - 2][x - 2] + 1)
            rows[y].append(least)
    edits = min(rows[-1][max(0, len(word) - LONGEST_ENDING) :])
    return edits if edits <= (1 if len(stem) < 2 * SHORT else 2) else TOO_FAR


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


# --- What was found, as it is shown ----------------------------------------------------------------------------------------

# What Markdown writes beside the words: links' addresses, pictures, headings, lists, tables.
_BESIDE = (
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"^\s*(?:#{1,6}|[-*+>]|\d+\.)\s+", re.MULTILINE), ""),
    (re.compile(r"[*_`|]+|-{3,}"), " "),
)
_SOUND = re.compile(f"[a-z0-9{SILENT}]+")
BEFORE_HIT, EXCERPT = 80, 260


def unmarked(text: str) -> str:
    """Markdown as running text."""
    for sign, instead in _BESIDE:
        text = sign.sub(instead, text)
    return " ".join(text.split())


def hits(text: str, words: Iterable[Word]) -> list[tuple[int, int]]:
    """Where in a text the words stand, in some form."""
    words = list(words)
    return [
        found.span()
        for found in _SOUND.finditer(_in_step(text))
        if (sound := found[0].translate({ord(sign): None for sign in SILENT})) and any(word.is_in(sound) for word in words)
    ]


def _in_step(text: str) -> str:
    """The text as it is heard, letter by letter in the same places."""
    sound = by_ear(text)
    return sound if len(sound) == len(text) else "".join(by_ear(letter)[:1] or letter for letter in text)


def marked(text: str, places: Iterable[tuple[int, int]]) -> SafeString:
    """The text, escaped, with what stands at the places in ``<mark>``."""
    parts, end = [], 0
    for start, stop in places:
        parts += [conditional_escape(text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308 - every part is escaped


def excerpt(text: str, words: Iterable[Word]) -> tuple[SafeString, bool]:
    """The part of a text about the first hit, marked, and whether there is one; else its beginning."""
    text = unicodedata.normalize("NFC", text)
    places = hits(text, words)
    start = max(0, places[0][0] - BEFORE_HIT) if places else 0
    if start:
        start = text.find(" ", start) + 1
    stop = start + EXCERPT
    if stop < len(text):
        stop = max(text.rfind(" ", start, stop), places[0][1] if places else 0, start + EXCERPT // 2)
    inside = [(first - start, last - start) for first, last in places if first >= start and last <= stop]
    shown = marked(text[start:stop], inside)
    return format_html("{}{}{}", "… " if start else "", shown, " …" if stop < len(text) else ""), bool(places)
