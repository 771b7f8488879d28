"""Sending a form in the browser and being there when the answer is."""

from playwright.sync_api import Locator


def send(button: Locator) -> None:
    """Press a button that sends its form and wait for the page that answers: on a busy machine a click is back before it."""
    with button.page.expect_navigation():
        button.click()
