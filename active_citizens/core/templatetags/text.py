"""Words on a page: Markdown that staff write, Polish typography, telephones."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import nh3
from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from active_citizens.core import amounts
from active_citizens.core import text as words
from active_citizens.core.templatetags.components import tel

register = template.Library()

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "width", "height", "loading"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
CONTACT = re.compile(r"(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?P<phone>\+?\d(?:[\s()-]{0,2}\d){8,13})")


@register.filter
def zloty(grosze: int | None) -> str:
    """An amount kept in grosze, in złoty."""
    return amounts.zloty(grosze)


@register.filter
def duration(minutes: int) -> str:
    """„8 godz.", „1 godz. 30 min", „45 min"."""
    hours, rest = divmod(minutes, 60)
    said = [ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}] if hours else []
    return " ".join([*said, gettext("%(count)d min") % {"count": rest}] if rest or not said else said)


@cache
def _size_of(name: str) -> tuple[int, int] | None:
    """Width and height of a screenshot of ours, by its name; None when there is no such picture."""
    found = finders.find(f"img/handbook/{name}.webp") if re.fullmatch(r"[a-z0-9-]+", name) else None
    if not isinstance(found, str):
        return None
    with Image.open(found) as picture:
        return picture.size


def _picture(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A screenshot of the handbook by its name alone: ``![What it shows](door)``; any other picture leaves its words.

    People's pictures have fields of their own with an alternative text, and the policy of the pages lets in none from elsewhere.
    """
    token = tokens[index]
    words_of = renderer.renderInlineAsText(token.children or [], options, env)
    name = str(token.attrGet("src") or "")
    size = _size_of(name)
    if size is None:
        return str(conditional_escape(words_of))
    # Twice as many points as on the page, so that letters stay sharp.
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        static(f"img/handbook/{name}.webp"), words_of, str(size[0] // 2), str(size[1] // 2),
    )  # fmt: skip


_markdown.add_render_rule("image", _picture)


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
