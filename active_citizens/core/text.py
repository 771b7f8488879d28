"""Words as people write them: order, search, phones, typography."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import chain, count

import Stemmer
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Polish letters in the order of the dictionary, foreign letters of the Latin keyboard in their Polish place.
POLISH_ORDER = "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż"
# Consecutive code points outside any script in use, so that byte order is Polish order on every server.
SORT_POINTS = "".join(chr(0xE100 + number) for number in range(len(POLISH_ORDER)))

_STRIP = str.maketrans("łŁøØđĐ", "lLoOdD")


class Translate(models.Func):
    """PostgreSQL's ``translate(text, from, to)``."""

    function = "translate"
    output_field = models.TextField()


class TranslatedField(models.GeneratedField):
    """A stored column with another text column's letters in lower case, each exchanged for the one in the same place."""

    letters, instead = "", ""

    def __init__(self, source: str = "name", **kwargs: object) -> None:
        self.source = source
        kwargs.update(
            expression=Translate(Lower(source), models.Value(self.letters), models.Value(self.instead)),
            output_field=models.TextField(db_collation="C"),
            db_persist=True,
            editable=False,
        )
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        for key in ("expression", "output_field", "db_persist"):
            kwargs.pop(key, None)
        return name, path, list(args), {**kwargs, "source": self.source}


class PolishOrderField(TranslatedField):
    """A stored sort key of another text column: ORDER BY it is Polish order (LANG-03), whatever the server's locale."""

    letters, instead = POLISH_ORDER, SORT_POINTS


def polish_key(text: str) -> str:
    """The same order for sorting in Python as PolishOrderField gives in the database."""
    return text.lower().translate(str.maketrans(POLISH_ORDER, SORT_POINTS))


def plain(text: str) -> str:
    """Lower case without accents: „Żółć” becomes "zolc" (LANG-04)."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_STRIP).lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def slug_of(title: str, longest: int, instead: str) -> str:
    """What stands of a title in an address: „Żółć & miód” becomes "zolc-miod"; ``instead`` where nothing of it does."""
    return slugify(plain(title))[:longest].strip("-") or instead


def first_free(slug: str, is_taken: Callable[[str], bool]) -> str:
    """The address itself, or with the first number that makes it free: "spacer", "spacer-2", "spacer-3"."""
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(free for free in chain([slug], numbered) if not is_taken(free))


# What a name is written with by ear: Latin letters without accents, Cyrillic ones as a Pole hears them, one for one.
_ACCENTED = "".join(
    letter for letter in map(chr, range(0xDF, 0x250)) if letter.islower() and plain(letter) != letter and len(plain(letter)) == 1
)
_CYRILLIC = dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщюяыэё", "abwhgdeezzyiijklmnoprstufhccssuayee", strict=True))
BY_EAR = {**dict(zip(_ACCENTED, map(plain, _ACCENTED), strict=True)), **_CYRILLIC}


class ByEarField(TranslatedField):
    """Another text column as ``by_ear`` gives it, for trigrams, which know the letters of ASCII only on some servers (LANG-04)."""

    letters, instead = "".join(BY_EAR), "".join(BY_EAR.values())


def by_ear(text: str) -> str:
    """Lower case in plain Latin letters: „Żółć” becomes "zolc", „Олена” "olena"."""
    return unicodedata.normalize("NFC", text).lower().translate(str.maketrans(BY_EAR))


def folded(name: str) -> str:
    """A name as it is compared with another: one case, single spaces."""
    return " ".join(name.split()).casefold()


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("polish")


def stems(text: str) -> list[str]:
    """The Polish stems of a text without accents; texts and queries both go through here, or they never meet."""
    words = re.findall(r"\w+", text.lower())
    return [plain(stem) for stem in _stemmer().stemWords(words)]


# --- Phones --------------------------------------------------------------------------------------------------------------

E164 = r"^\+[1-9]\d{7,14}$"


def normalise_phone(text: str) -> str:
    """The number in E.164; nine digits are taken as Polish (LANG-06). Raises ValidationError."""
    digits = re.sub(r"[\s().–-]", "", text.strip())
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"[1-9][0-9]{8}", digits):
        digits = "+48" + digits
    elif re.fullmatch(r"48[1-9][0-9]{8}", digits):
        digits = "+" + digits
    if not re.fullmatch(E164, digits, re.ASCII) or (digits.startswith("+48") and len(digits) != 12):
        raise ValidationError(_("Enter a phone number, for example 12 616 55 55 or +48 600 000 000."), code="phone")
    return digits


def show_phone(number: str) -> str:
    """An E.164 number grouped as Poles read it: +48 12 616 55 55, +48 600 100 200; foreign numbers as they are."""
    if not (number.startswith("+48") and len(number) == 12):
        return number
    digits = number[3:]
    mobile = digits[:2] in {"45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"}
    groups = (digits[:3], digits[3:6], digits[6:]) if mobile else (digits[:2], digits[2:5], digits[5:7], digits[7:])
    return "\N{NO-BREAK SPACE}".join(("+48", *groups))


# --- Addresses people slip into texts ----------------------------------------------------------------------------------

_ADDRESS = re.compile(
    r"//|www\.|@|\b[\w-]+\.(?:com|net|org|info|pl|eu|ua|ru|by|de|uk|io|me|biz|xyz|top|shop|site|online|link|click|app|ly|gg|tk)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\d[\s().–-]{0,2}){9,}")


def has_address(text: str) -> bool:
    """Whether the text holds a web address or an e-mail."""
    return _ADDRESS.search(text) is not None


def has_contact(text: str) -> bool:
    """Whether the text holds a web address, an e-mail or something like a phone number."""
    return has_address(text) or _NUMBER.search(text) is not None


# --- Typography ------------------------------------------------------------------------------------------------------------

_ORPHAN = re.compile(r"(?<![\w&])([aiouwzAIOUWZ]) (?=\S)")
_BEFORE_UNIT = re.compile(r"(\d) (?=(?:zł|gr|m|km|r\.|os\.|min|godz\.|proc\.|%)(?!\w))")
_NUMBERED = re.compile(r"\b(ul\.|al\.|pl\.|os\.|nr|art\.|ust\.|pkt|godz\.|tel\.|św\.|[A-ZŁŚŻŹĆ]\.) (?=\S)")


def bind(text: str) -> str:
    """Polish typography: one-letter words, units and abbreviations never part from their neighbour (LANG-07). Idempotent."""
    for pattern in (_ORPHAN, _BEFORE_UNIT, _NUMBERED):
        text = pattern.sub("\\1\N{NO-BREAK SPACE}", text)
    return text


def hours_and_minutes(minutes: int) -> str:
    """A length in words, 60 minutes to the hour: "2 h 30 min", without the part that is nought."""
    hours, rest = divmod(minutes, 60)
    parts = [gettext("%(count)s h") % {"count": hours}] if hours else []
    if rest or not hours:
        parts.append(gettext("%(count)s min") % {"count": rest})
    return " ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)
