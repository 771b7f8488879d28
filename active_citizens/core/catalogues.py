"""Translations without GNU gettext: read the sources, keep ``locale/*/LC_MESSAGES/django.po``, compile them.

The order of a catalogue is that of its msgids and it names no lines, so it changes only when a text does.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

SOURCE_LANGUAGE = "en"
NOT_OURS = {"var", "tests", "node_modules", "locale", "__pycache__"}
TEMPLATES = {".html", ".txt"}
KEYWORDS: dict[str, Any] = {
    name + lazy: places
    for lazy in ("", "_lazy")
    for name, places in {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}.items()
} | {"_": None, "gettext_noop": None}

Found = dict[tuple[str, str | None], Message]


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def catalogue_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")


# --- What the sources say ---------------------------------------------------------------------------------------------


def extract_texts(root: Path) -> Found:
    """Every translatable text of the project below ``root``, by msgid and context."""
    found: Found = {}
    for path in sources(root):
        for message in texts_of(path.read_text(encoding="utf-8"), is_template=path.suffix in TEMPLATES, name=str(path.relative_to(root))):
            key = (singular(message), message.context)
            # The same text with and without a plural is one entry, as in gettext.
            if key not in found or isinstance(message.id, tuple):
                found[key] = message
    return found


def sources(root: Path) -> Iterator[Path]:
    """Our Python files and templates, in a fixed order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and not name.startswith("."))
        in_templates = "templates" in Path(folder).relative_to(root).parts
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix == ".py" or (in_templates and path.suffix in TEMPLATES):
                yield path


def texts_of(source: str, *, is_template: bool, name: str = "") -> Iterator[Message]:
    """The translatable texts of one file."""
    if is_template:
        # What is left of a template is words and calls; within brackets its indentation means nothing.
        source = f"(\n{templatize(source, origin=name)}\n)"
    found = extract("python", BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"})
    for _line, text, _comments, context in found:
        if text:
            yield Message(text, context=context)


def singular(message: Message) -> str:
    return forms(message.id)[0]


def forms(texts: Any) -> list[str]:
    """A message's id or translation as a list, whether it is counted or not."""
    return list(texts) if isinstance(texts, tuple | list) else [texts or ""]


# --- The catalogues -----------------------------------------------------------------------------------------------------


@cache
def plural_forms(language: str) -> str:
    """The plural rule Django itself uses for the language: two rules for one language would contradict each other."""
    path = Path(django.__file__).parent / "conf" / "locale" / language / "LC_MESSAGES" / "django.po"
    header = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    joined = "".join(re.findall(r'^"(.*)"$', header, re.MULTILINE))
    rule = re.search(r"Plural-Forms: (.*?)\\n", joined)
    return " ".join(rule.group(1).split()) if rule else "nplurals=2; plural=(n != 1);"


def header(language: str) -> str:
    lines = [
        "Project-Id-Version: active-citizens",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {plural_forms(language)}",
    ]
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def read_catalogue(language: str) -> Catalog:
    """The kept catalogue, or an empty one with the right plural rule."""
    path = catalogue_path(language)
    text = path.read_bytes() if path.exists() else header(language).encode()
    return read_po(BytesIO(text), locale=language, ignore_obsolete=True)


def updated(language: str, found: Found) -> str:
    """The catalogue as it should stand: every text of the sources and no other, with the translations kept."""
    kept = read_catalogue(language)
    fresh = read_po(BytesIO(header(language).encode()), locale=language)
    for (text, context), message in found.items():
        old = kept.get(text, context)
        translation, fuzzy = _carried(message, old, language, fresh.num_plurals)
        comments = old.user_comments if old else []
        fresh.add(message.id, translation, flags={"fuzzy"} if fuzzy else (), context=context, user_comments=comments)
    written = BytesIO()
    write_po(written, fresh, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return header(language) + written.getvalue().decode().strip() + "\n"


def _carried(message: Message, old: Message | None, language: str, wanted: int) -> tuple[str | tuple[str, ...], bool]:
    """What the new entry takes over; English is copied from the source, a text that gained a plural starts anew."""
    plural = isinstance(message.id, tuple)
    kept = old.string if old and isinstance(old.string, tuple | list) == plural else ""
    fuzzy = bool(old and old.fuzzy)
    if not plural:
        return forms(kept)[0] or (singular(message) if language == SOURCE_LANGUAGE else ""), fuzzy
    strings = [*forms(kept), *[""] * wanted][:wanted]
    if language == SOURCE_LANGUAGE:
        strings = [text or source for text, source in zip(strings, forms(message.id), strict=True)]
    elif wanted == 4 and not strings[3]:
        # The fourth Slavonic form is for fractions, which are never counted here.
        strings[3] = strings[2]
    return tuple(strings), fuzzy


def write(path: Path, content: bytes) -> None:
    """Put the file in place whole: another process may be reading it, or writing the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def compile_catalogues() -> list[Path]:
    """Write every ``.mo`` that is older than its ``.po`` and let this process read it; the files that were written."""
    made = []
    for language in languages():
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
            continue
        content = BytesIO()
        write_mo(content, read_catalogue(language))
        write(target, content.getvalue())
        made.append(target)
    if made:
        translation_file_changed(None, made[0])
    return made


# --- What is wrong with them ----------------------------------------------------------------------------------------------

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
STRAY_PERCENT = re.compile(r"%(?![%sd(])")
# LANG-05: both genders or neutral words. A slash or a bracket with an ending, two forms of one word, a gendered „you".
ENDINGS = "ka|ek|a|y|i|ą|na|ny|ni|ną|ś|eś|aś|em|am|ów|ej|emu|ego|ła|ł|łaś|łam|czka|rka|nka|anka"
GENDERED = (
    re.compile(rf"\w/-?(?:{ENDINGS})\b"),
    re.compile(rf"\w\(-?(?:{ENDINGS})\)"),
    re.compile(r"\b(\w{3,})\w*/\1\w*", re.IGNORECASE),
    re.compile(r"\w{2,}ł[ea]ś\b|\bpowin(?:ieneś|naś)\b", re.IGNORECASE),
)


def faults(language: str) -> Iterator[str]:
    """One sentence for every entry that must not be shown to people as it is."""
    for message in read_catalogue(language):
        if not message.id:
            continue
        strings = forms(message.string)
        name = f"{language}: {singular(message)!r}"
        if not all(strings):
            yield f"{name} is not translated"
        elif message.fuzzy:
            yield f"{name} is marked fuzzy"
        else:
            yield from (f"{name}: {fault}" for fault in _faults_of(message, strings, language))


def _faults_of(message: Message, strings: list[str], language: str) -> Iterator[str]:
    sources = forms(message.id)
    wanted = [sorted(PLACEHOLDER.findall(text)) for text in sources]
    allowed = {place for places in wanted for place in places}
    formatted = any(place.startswith("%") for place in allowed)
    for number, text in enumerate(strings):
        places = sorted(PLACEHOLDER.findall(text))
        # "One place" may do without its number; nothing else may lose or gain a placeholder.
        freely = len(sources) > 1 and number == 0 and set(places) <= allowed
        if places not in wanted and not freely:
            yield f"the placeholders of {text!r} differ"
        if formatted and STRAY_PERCENT.search(text):
            yield f"{text!r} has a bare % sign"
        if language == "pl" and (hit := next(filter(None, (pattern.search(text) for pattern in GENDERED)), None)):
            yield f"{text!r} addresses one gender or splits a word: {hit.group()!r} (LANG-05)"
