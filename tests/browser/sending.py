"""Leading the browser to another page and being there when it has come: on a busy machine a press is back long before it."""

from playwright.sync_api import Locator, Page


def send(button: Locator) -> None:
    """Press a button that sends its form, or a link, and wait for the page that answers."""
    with button.page.expect_navigation():
        button.click()


def strike(page: Page, key: str = "Enter") -> None:
    """The same with the keyboard, on what has the focus."""
    with page.expect_navigation():
        page.keyboard.press(key)
