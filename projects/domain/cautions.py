"""What a moderator is pointed to in somebody's words: links, and contacts or numbers that are nobody's business."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

LINKS = "links"
# With or without a scheme, as advertisers write them; "np.kawa" and "12.30" are no links.
LINK = re.compile(r"https?:|//|www\.|\b[\w-]+\.(?:pl|com|eu|net|org|info|biz|online|shop|xyz|io|ru|ua|uk|de|link|top)\b", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Nine digits or more, grouped as people group them: phones, PESEL numbers and accounts alike.
NUMBER = re.compile(r"(?<!\w)\+?\d(?:[ ().\u00a0-]{0,2}\d){8,}(?!\w)")


def worded(text: str) -> str:
    """The text in one Unicode form, without control and direction marks, with at most one empty line between paragraphs."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(letter for letter in composed if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def held_why(text: str) -> str:
    """Why the text is marked for the team beside waiting like all others; empty for most."""
    return LINKS if LINK.search(EMAIL.sub("", text)) else ""


def private_in(text: str) -> list[str]:
    """What in the text may be somebody's private data, in words for the moderator."""
    found = []
    if EMAIL.search(text):
        found.append(str(_("an e-mail address")))
    if NUMBER.search(text):
        found.append(str(_("a telephone or another long number")))
    return found
