"""The building blocks of every page. Each declares what it accepts: a wrong name or value raises, it never shows half a page.

The tags are template builtins, so pages use them without loading anything; their HTML lives in ``templates/components/``.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from zlib import crc32

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet, CheckboxInput, Select
from django.template.loader import get_template
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from active_citizens.core import mapping
from active_citizens.core.pages import AheadPaginator

register = template.Library()

# Every estate has its own colour; an estate this list does not know gets one of the palette, always the same.
ESTATES = {"ugorek": "green", "olsza-ii": "brick", "azory": "blue"}
PALETTE = ("plum", "teal", "ochre", "green", "brick", "blue")
NOTICES = {"info": "info", "success": "check", "warning": "warning", "danger": "warning"}
BUTTONS = ("primary", "secondary", "quiet", "phone")
BADGES = ("", *NOTICES)
STATES = ("", "done", "now", "next")
LANGUAGE_NAMES = {"pl": "Polski", "en": "English", "uk": "Українська"}


class WrongComponent(ValueError):
    """A page asked a component for something it does not have."""


def _render(name: str, **values: Any) -> SafeString:
    return mark_safe(get_template(f"components/{name}.html").render(values))  # noqa: S308 - rendered with escaping on


def _one_of(component: str, argument: str, value: Any, allowed: Iterable[Any]) -> None:
    if value not in allowed:
        raise WrongComponent(f"{component}: {argument}={value!r}; one of {', '.join(map(repr, allowed))} was expected.")


def tone_of(slug: str) -> str:
    """The colour of an estate's slug; a colour's own name stands for itself, nothing gives the programme's ink."""
    if not slug or slug == "ink":
        return "ink"
    if slug in PALETTE:
        return slug
    return ESTATES.get(slug) or PALETTE[crc32(slug.encode()) % len(PALETTE)]


@register.filter
def tone_class(slug: str) -> str:
    return f"tone-{tone_of(slug)}"


# --- Words on the board ---------------------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str,
    href: str = "",
    eyebrow: str = "",
    tone: str = "",
    date: date | datetime | None = None,
    emblem: str = "",
    image: str = "",
    image_alt: str = "",
    level: int = 3,
    lang: str = "",
) -> SafeString:
    """A notice pinned to the board; with ``href`` all of it leads there, with ``date`` a calendar leaf hangs beside it."""
    _one_of("card", "level", level, (2, 3, 4))
    return _render("card", **locals() | {"tone": tone_class(tone), "heading": f"h{level}"})


@register.simple_tag
def badge(label: str, *, tone: str = "", kind: str = "") -> SafeString:
    _one_of("badge", "kind", kind, BADGES)
    kind_class = f"badge-{kind}" if kind else tone_class(tone) if tone else "badge-plain"
    return format_html('<span class="badge {}">{}</span>', kind_class, label)


@register.simple_block_tag
def notice(content: str, *, kind: str = "info", title: str = "", live: bool = False) -> SafeString:
    """A boxed message; ``live`` when it answers what the visitor has just done."""
    _one_of("notice", "kind", kind, NOTICES)
    role = ("alert" if kind == "danger" else "status") if live else ""
    return _render("notice", content=content, kind=kind, title=title, role=role, icon_name=NOTICES[kind])


@register.simple_tag
def page_header(
    title: str, *, lead: str = "", eyebrow: str = "", tone: str = "", emblem: str = "", date: date | datetime | None = None, lang: str = ""
) -> SafeString:
    """The page's only h1. With ``tone`` it is a poster in the estate's colour, without it quiet type on paper."""
    return _render(
        "page_header", title=title, lead=lead, eyebrow=eyebrow, tone=tone and tone_class(tone), emblem=emblem, date=date, lang=lang
    )


@register.simple_block_tag
def facts(content: str, *, label: str = "") -> SafeString:
    """A list of facts; inside it only ``fact``."""
    return format_html('<dl class="facts"{}>{}</dl>', format_html(' aria-label="{}"', label) if label else "", content)


@register.simple_block_tag
def fact(content: str, *, label: str, icon: str = "") -> SafeString:
    return _render("fact", content=content, label=label, icon_name=icon)


@register.simple_block_tag
def timeline(content: str, *, label: str = "") -> SafeString:
    """Things in the order of time; inside it only ``timeline_item``."""
    return format_html('<ol class="timeline"{}>{}</ol>', format_html(' aria-label="{}"', label) if label else "", content)


@register.simple_block_tag
def timeline_item(
    content: str,
    *,
    title: str,
    date: str = "",
    datetime: str = "",
    href: str = "",
    state: str = "",
    tone: str = "",
    level: int = 3,
    anchor: str = "",
) -> SafeString:
    """``date`` is text for people (history is often imprecise); ``datetime`` its machine form, when it has one; ``anchor`` for links."""
    _one_of("timeline_item", "state", state, STATES)
    _one_of("timeline_item", "level", level, (2, 3, 4))
    labels = {"done": _("Finished"), "now": _("Now"), "next": _("Ahead")}
    return _render(
        "timeline_item",
        **locals() | {"tone": tone and tone_class(tone), "heading": f"h{level}", "state_label": labels.get(state, "")},
    )


@register.simple_tag
def empty_state(title: str, text: str = "", action_href: str = "", action_label: str = "") -> SafeString:
    if bool(action_href) != bool(action_label):
        raise WrongComponent("empty_state: action_href and action_label come together.")
    return _render("empty_state", title=title, text=text, action_href=action_href, action_label=action_label)


@register.simple_tag
def button_link(href: str, label: str, kind: str = "primary", *, icon: str = "") -> SafeString:
    _one_of("button_link", "kind", kind, BUTTONS)
    return _render("button_link", href=href, label=label, kind=kind, icon_name=icon or ("phone" if kind == "phone" else ""))


@register.filter
def tel(number: str) -> str:
    """The number as a ``tel:`` address; one without a country is Polish."""
    digits = re.sub(r"[^\d+]", "", str(number))
    return f"tel:{digits if digits.startswith('+') else '+48' + digits}"


@register.simple_tag
def phone_line(phone: str, hours: str = "", *, title: str = "", level: int = 2) -> SafeString:
    """The programme's telephone, as the notice with slips to tear off."""
    _one_of("phone_line", "level", level, (2, 3, 4))
    return _render("phone_line", phone=phone, hours=hours, title=title, heading=f"h{level}") if phone else mark_safe("")


@register.simple_tag
def source_note(label: str, url: str = "") -> SafeString:
    return _render("source_note", label=label, url=url)


@register.simple_tag
def metka(
    *,
    publisher: str = "",
    author: str = "",
    published_by: str = "",
    made_at: date | datetime | None = None,
    published_at: date | datetime | None = None,
    updated_at: date | datetime | None = None,
    history_href: str = "",
) -> SafeString:
    """Who answers for the text and since when it has been here (access to public information act, art. 8(6))."""
    return _render("metka", **locals())


@register.simple_tag
def date_stamp(value: date | datetime, *, tone: str = "") -> SafeString:
    """A leaf of a tear-off calendar; the year is printed only when it is not this one."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return _render(
        "date_stamp",
        iso=value.strftime("%Y-%m-%d"),
        weekday=date_format(value, "l").lower() if get_language() != "en" else date_format(value, "l"),
        day=str(value.day),
        month=date_format(value, "j E").split(" ", 1)[1],
        year="" if value.year == timezone.localdate().year else str(value.year),
        tone=tone and tone_class(tone),
    )


# --- Finding one's way ------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, label: str) -> SafeString:
    """A link of the menu; on its own page, and below it, it is marked as the current one."""
    href = reverse(name)
    path = context["request"].path if "request" in context else ""
    mark = "page" if path == href else "true" if name != "home" and path.startswith(href) else ""
    return format_html('<a href="{}"{}>{}</a>', href, format_html(' aria-current="{}"', mark) if mark else "", label)


@register.simple_tag
def breadcrumbs(*items: Any) -> SafeString:
    """``{% breadcrumbs label url label url this_page %}``, or one list of (label, url). The home page comes first by itself."""
    pairs = list(items[0]) if len(items) == 1 and not isinstance(items[0], str) else [items[at : at + 2] for at in range(0, len(items), 2)]
    crumbs = [{"label": str(pair[0]), "href": str(pair[1]) if len(pair) > 1 else ""} for pair in pairs]
    if any(not crumb["href"] for crumb in crumbs[:-1]):
        raise WrongComponent("breadcrumbs: every step but the last needs an address.")
    return _render("breadcrumbs", crumbs=crumbs)


def _made_once(context: template.Context, name: str, make: Callable[[], SafeString]) -> SafeString:
    """What a page shows twice, for wide screens and for narrow ones, is made once."""
    made: dict[str, SafeString] = context.render_context.setdefault("made once", {})
    if name not in made:
        made[name] = make()
    return made[name]


@register.simple_tag(takes_context=True)
def page_part(context: template.Context, name: str) -> SafeString:
    """``{% include "components/_name.html" %}`` for a part of the frame, which looks alike wherever it stands on a page."""
    part = get_template(f"components/_{name}.html").template
    return _made_once(context, name, lambda: part.render(context))


@register.simple_tag(takes_context=True)
def language_switch(context: template.Context) -> SafeString:
    """The same page in the other languages, each named in itself."""
    return _made_once(context, "languages", lambda: _language_switch(context))


def _language_switch(context: template.Context) -> SafeString:
    path = context["request"].get_full_path() if "request" in context and context["request"].method in ("GET", "HEAD") else ""
    path = path or (context["request"].path if "request" in context else "/")
    here = get_language()
    languages = [
        {
            "code": code,
            "name": LANGUAGE_NAMES.get(code, str(name)),
            "href": path if code == here else translate_url(path, code),
            "current": code == here,
        }
        for code, name in settings.LANGUAGES
    ]
    return _render("language_switch", languages=languages)


@register.simple_tag(takes_context=True)
def pagination(context: template.Context, page_obj: Page, *, parameter: str = "page", label: str = "") -> SafeString:
    """Steps through the pages of a list; the other GET parameters stay."""
    if not page_obj.has_other_pages():
        return mark_safe("")
    query = context["request"].GET.copy()

    def link(number: int) -> str:
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    ahead = isinstance(page_obj.paginator, AheadPaginator)
    numbers = [] if ahead else page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    steps = [
        {"number": number, "href": link(number) if isinstance(number, int) else "", "current": number == page_obj.number}
        for number in numbers
    ]
    return _render(
        "pagination",
        steps=steps,
        label=label or _("Pages of the list"),
        previous=link(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        next=link(page_obj.next_page_number()) if page_obj.has_next() else "",
        number=str(page_obj.number),
        count="" if ahead else str(page_obj.paginator.num_pages),
    )


# --- Forms ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def filters(form: BaseForm, *, label: str = "", submit: str = "", action: str = "", active: bool | None = None) -> SafeString:
    """A GET form over a list; „clear" appears once something is chosen (or when ``active`` says so)."""
    if active is None:
        active = form.is_bound and any(field.data not in (None, "", []) for field in form.visible_fields())
    fields = []
    for field in form.visible_fields():
        widget = field.field.widget
        style = "form-select" if isinstance(widget, Select) else "form-check-input" if isinstance(widget, CheckboxInput) else "form-control"
        fields.append({"field": field, "check": style == "form-check-input", "widget": field.as_widget(attrs={"class": style})})
    return _render("filters", form=form, fields=fields, label=label or _("Filter the list"), submit=submit, action=action, active=active)


@register.simple_tag
def error_summary(*forms: BaseForm | BaseFormSet) -> SafeString:
    """Everything that is wrong, at the top, each entry leading to its field; nothing while all is well.

    The fields of a formset have the number of their line.
    """
    errors = []
    for formset in (form for form in forms if isinstance(form, BaseFormSet) and form.is_bound):
        errors += [{"href": "", "label": "", "message": message} for message in formset.non_form_errors()]
        for number, line in enumerate(formset, 1):
            place = _("Line %(number)s") % {"number": number}
            errors += [{**error, "label": f"{place}, {error['label']}" if error["label"] else f"{place}:"} for error in _errors_of(line)]
    for form in forms:
        if not isinstance(form, BaseFormSet):
            errors += _errors_of(form)
    return _render("error_summary", errors=errors) if errors else mark_safe("")


def _errors_of(form: BaseForm) -> list[dict[str, Any]]:
    if not form or not form.is_bound or not form.errors:
        return []
    errors: list[dict[str, Any]] = [{"href": "", "label": "", "message": message} for message in form.non_field_errors()]
    for field in form:
        target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
        href = "" if field.is_hidden else f"#{target}"
        # A question needs no colon after it.
        label = str(field.label) if str(field.label).endswith("?") else f"{field.label}:"
        errors += [{"href": href, "label": label, "message": message} for message in field.errors]
    return errors


# --- Drawings -----------------------------------------------------------------------------------------------------------


@cache
def _drawing(path: str) -> str:
    """The inside of one of our own SVG files, to be put into the page."""
    found = finders.find(path)
    if not found:
        return ""
    with open(found, encoding="utf-8") as file:
        return re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", file.read(), flags=re.DOTALL)


@register.simple_tag
def emblem(slug: str, size: int = 64, *, title: str = "") -> SafeString:
    """The estate's drawn emblem; an estate without a drawing of its own gets blocks of flats in its colour."""
    _one_of("emblem", "size", size, (32, 48, 64, 96, 128, 192))
    drawing = _drawing(f"img/emblems/{slug}.svg") if re.fullmatch(r"[\w-]+", slug) else ""
    return _render(
        "emblem",
        drawing=mark_safe(drawing or _drawing("img/emblems/estate.svg")),  # noqa: S308 - a file of this repository
        size=str(size),
        title=title,
        tone=tone_class(slug),
    )


@register.simple_tag
def skyline(*, tone: str = "") -> SafeString:
    """Blocks of flats in the evening, some windows lit; a picture without words."""
    return _render("skyline", drawing=mark_safe(_drawing("img/skyline.svg")), tone=tone and tone_class(tone))  # noqa: S308


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawn sign beside words; it never stands for them."""
    drawing = _drawing(f"img/icons/{name}.svg")
    if not drawing:
        raise WrongComponent(f"icon: no drawing called {name!r} in static/img/icons/.")
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(drawing),  # noqa: S308
    )


@register.simple_tag
def svg_map(shapes: Iterable[dict[str, Any]], *, label: str = "", caption: str = "", anchor: str = "map") -> SafeString:
    """The estates drawn from their boundaries: dicts of slug, name, url, rings, centre, tone (longitude before latitude)."""
    sheet = mapping.draw(shapes)
    if sheet is None:
        return mark_safe("")
    drawn = [shape._asdict() | {"tone": tone_class(shape.tone)} for shape in sheet.shapes]
    return _render("svg_map", sheet=sheet, shapes=drawn, label=label or _("Map of the neighbourhoods"), caption=caption, anchor=anchor)
