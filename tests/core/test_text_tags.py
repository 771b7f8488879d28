"""The filters of words on a page: what the team writes as Markdown, and the links in what it writes as text."""

import re

import pytest
from django.utils.safestring import mark_safe

from active_citizens.core.templatetags.text import bind, contacts, markdown, phone

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "level", "headings"),
    [
        ("# Plan\n\n## Rano", 2, ["<h2>Plan</h2>", "<h3>Rano</h3>"]),
        ("### Plan\n\n###### Rano", 3, ["<h3>Plan</h3>", "<h4>Rano</h4>"]),
        ("# a\n\n## b\n\n### c", 5, ["<h5>a</h5>", "<h6>b</h6>", "<h6>c</h6>"]),
    ],
)
def test_headings_start_where_the_page_needs_them_and_skip_none(text, level, headings):
    html = markdown(text, level)

    assert [line for line in html.splitlines() if line.startswith("<h")] == headings


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b onclick=x>raz</b>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "![x](../../x)",
        "![x](/static/img/handbook/moja-praca.webp)",
        "![x](nie-ma-takiego)",
        '<a style="x">y</a>',
    ],
)
def test_markdown_lets_nothing_active_through(text):
    html = markdown(text)

    for tag in ("<script", "<b ", "<img", 'href="javascript', "<a style"):
        assert tag not in html


def test_markdown_binds_words_but_not_code_or_addresses():
    html = markdown("Idziemy w las. `a w b` [strona](https://example.org/?q=a%20w%20b)\n\n| i tu | 5 km |\n|---|---|\n| x | y |")

    html = html.replace("&nbsp;", NBSP)
    assert f"w{NBSP}las" in html
    assert "<code>a w b</code>" in html
    assert "q=a%20w%20b" in html
    assert f"<th>i{NBSP}tu</th>" in html
    assert f"<th>5{NBSP}km</th>" in html


@pytest.mark.parametrize("text", [None, "", "   "])
def test_markdown_of_nothing_is_nothing(text):
    assert markdown(text).strip() == ""


def test_bind_leaves_markup_alone_and_escapes_nothing_twice():
    assert bind(mark_safe('<a title="a w b">a w b</a>')) == f'<a title="a w b">a{NBSP}w{NBSP}b</a>'
    assert not hasattr(bind("<b>"), "__html__")
    assert hasattr(bind(mark_safe("<b>")), "__html__")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Ewa, ewa.nowak@um.krakow.pl", 'Ewa, <a href="mailto:ewa.nowak@um.krakow.pl">ewa.nowak@um.krakow.pl</a>'),
        ("tel. 12 616 55 55, w godz. 8–15", 'tel. <a href="tel:+48126165555">12 616 55 55</a>, w godz. 8–15'),
        ("+48 600 700 800", '<a href="tel:+48600700800">+48 600 700 800</a>'),
        ("<b>pokój 12</b>", "&lt;b&gt;pokój 12&lt;/b&gt;"),
    ],
)
def test_contacts_become_links(text, html):
    assert contacts(text) == html


def test_phone_is_grouped_as_it_is_read():
    assert phone("+48126165555") == f"+48{NBSP}12{NBSP}616{NBSP}55{NBSP}55"
    assert phone("") == ""


def test_a_screenshot_is_shown_by_its_name_with_its_size_and_words():
    html = markdown("![Pierwszy ekran, „moja praca”](moja-praca)")

    assert re.search(r'<img src="/static/img/handbook/moja-praca[^"]*\.webp" alt="Pierwszy ekran, „moja praca”" width="400"', html)


def test_a_picture_from_elsewhere_leaves_its_words():
    assert markdown("![Dwa bloki](https://example.org/x.png)") == "<p>Dwa bloki</p>\n"
