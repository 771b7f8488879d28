"""Words on a page: Markdown that staff write, Polish typography, telephones."""

import re
from functools import lru_cache

import nh3
from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from active_citizens.core import text as words
from active_citizens.core.templatetags.components import tel

register = template.Library()

# Pictures have their own fields with an alternative text, and the policy of the pages lets in none from elsewhere.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
CONTACT = re.compile(r"(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?P<phone>\+?\d(?:[\s()-]{0,2}\d){8,13})")


@register.filter
def markdown(text: str, level: int = 2) -> SafeString:
    """The text as HTML, its highest heading at ``level`` and none skipped; HTML in the text stays letters."""
    return _rendered(str(text or ""), int(level))


@lru_cache(maxsize=512)
def _rendered(text: str, level: int) -> SafeString:
    tokens = _markdown.parse(text)
    _move_headings(tokens, level)
    for token in tokens:
        for part in token.children or []:
            if part.type == "text":
                part.content = words.bind(part.content)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3 in the line above


def _move_headings(tokens: list[Token], level: int) -> None:
    """Give the levels that occur the numbers from ``level`` on, so that the page's outline has no gap."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    new = {tag: f"h{min(6, level + number)}" for number, tag in enumerate(used)}
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = new[token.tag]


@register.filter(is_safe=True)
def bind(text: str) -> str:
    """One-letter words and units do not part from their neighbours; markup is left alone."""
    if not isinstance(text, SafeString):
        return words.bind(str(text))
    return mark_safe("".join(part if part.startswith("<") else words.bind(part) for part in re.split(r"(<[^>]*>)", text)))  # noqa: S308


@register.filter
def phone(number: str) -> str:
    """A stored number as Poles read it aloud: +48 12 616 55 55."""
    return words.show_phone(str(number or ""))


@register.filter
def contacts(text: str) -> SafeString:
    """The text with its e-mails and telephones as links."""
    parts, end = [], 0
    for found in CONTACT.finditer(str(text)):
        href = f"mailto:{found[0]}" if found["mail"] else tel(found[0])
        parts += [conditional_escape(str(text)[end : found.start()]), format_html('<a href="{}">{}</a>', href, found[0])]
        end = found.end()
    return mark_safe("".join([*parts, conditional_escape(str(text)[end:])]))  # noqa: S308 - every part is escaped
