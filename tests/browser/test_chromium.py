"""The browser itself: strict pages can be examined, and a page that misbehaves is caught."""

import pytest

POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'"}
PAGE = '<!doctype html><html lang="pl"><head><title>Ugorek</title></head><body><main><h1>Ugorek</h1>{}</main></body></html>'


def show(page, body: str) -> None:
    """Answer the first request with this body instead of asking the portal."""
    page.route("**/proba/", lambda route: route.fulfill(body=PAGE.format(body), content_type="text/html; charset=utf-8", headers=POLICY))
    page.goto("/proba/")


def test_page_under_a_strict_policy_can_be_examined(page, assert_accessible):
    show(page, "<p>Osiedle Ugorek</p>")

    assert_accessible(page)
    assert page.viewport_size["width"] == 360


def test_fault_is_named(page, assert_accessible):
    show(page, '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')

    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)


@pytest.mark.parametrize(
    ("body", "problem"),
    [("<script>alert(1)</script>", "console"), ('<img alt="" src="http://other.invalid/x.png">', "request to another origin")],
)
def test_misbehaving_page_is_caught(page, watch, body, problem):
    show(page, body)
    page.wait_for_load_state("networkidle")

    assert any(text.startswith(problem) for text in watch.unexpected())
    watch.expect("")


def test_visitor_without_scripts(page_for, javascript):
    page = page_for(javascript=javascript)
    show(page, "<noscript>bez skryptów</noscript>")

    assert ("bez skryptów" in page.locator("main").inner_text()) is not javascript
