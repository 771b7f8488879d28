"""The pictures of the handbook and of the help page, taken of a fresh demo: ``make screenshots``.

Each is the phone's view at twice its points, so that letters stay sharp. Addresses are found by clicking, as a person would.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium
from tests.server import free_port

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "static" / "img" / "handbook"
PASSWORD = "aktywna-spolecznosc"
PHONE = {"width": 400, "height": 780}
NOBODY, ANIMATOR, OFFICER, COORDINATOR = "", "animatorka@example.org", "urzedniczka@example.org", "koordynatorka@example.org"


@dataclass(frozen=True)
class Shot:
    """One picture: its name, who looks, the way to the page, and how much of it is shown (points from the top)."""

    name: str
    who: str
    way: Callable[[Page], object]
    height: int = 700


def at(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def follow(page: Page, selector: str) -> None:
    """Go where the first such link leads; on the phone's lists a whole row lies over it."""
    page.goto(str(page.locator(selector).first.get_attribute("href")))


def first_of(list_address: str) -> Callable[[Page], object]:
    """The page of the first row of a list."""

    def way(page: Page) -> None:
        page.goto(list_address)
        follow(page, "#result_list tbody th a")

    return way


def event(button: str) -> Callable[[Page], object]:
    """The first event to come of the animator's list with people signed up, and one of its buttons."""

    def way(page: Page) -> None:
        first_of("/panel/events/event/?when=upcoming&status__exact=published&o=1")(page)
        follow(page, f'.panel-tools a:has-text("{button}")')

    return way


def today(button: str) -> Callable[[Page], object]:
    """One of the buttons of the first of today's events on the animator's first screen."""

    def way(page: Page) -> None:
        page.goto("/panel/")
        follow(page, f'.work-event a:has-text("{button}")')

    return way


def to_close(page: Page) -> None:
    """The closing card of the first event that waits for one."""
    page.goto("/panel/")
    follow(page, 'section[aria-labelledby="to-close"] li a')


SHOTS = [
    Shot("moja-praca", ANIMATOR, at("/panel/")),
    Shot("nowe-wydarzenie", ANIMATOR, at("/panel/events/event/add/")),
    Shot("stanowisko", ANIMATOR, at("/panel/counter/")),
    Shot("zapisy", ANIMATOR, event("Zapisy")),
    Shot("telefony", ANIMATOR, at("/panel/projects/calltask/")),
    Shot("przy-drzwiach", ANIMATOR, today("Obecność przy wejściu")),
    Shot("zamkniecie", ANIMATOR, to_close),
    Shot("osoby", ANIMATOR, at("/panel/participants/person/")),
    Shot("raporty", OFFICER, at("/raporty/")),
    Shot("edycja", COORDINATOR, first_of("/panel/projects/project/")),
    Shot("lista-wydarzen", NOBODY, at("/wydarzenia/"), 780),
    Shot("moje-zapisy", NOBODY, at("/moje-zapisy/")),
]


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
        for shot in SHOTS:
            if not names or shot.name in names:
                size = take(browser, address, shot)
                print(f"{shot.name}.webp {size / 1024:.0f} kB", flush=True)
        browser.close()


def take(browser: Browser, address: str, shot: Shot) -> int:
    """Take one picture and put it in place; says its size in bytes."""
    context = browser.new_context(base_url=address, viewport=PHONE, device_scale_factor=2, locale="pl-PL")
    page = context.new_page()
    if shot.who:
        page.goto("/konto/logowanie/")
        page.fill("input[name=login]", shot.who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state()
    shot.way(page)
    page.wait_for_load_state("networkidle")
    high = min(shot.height, int(page.evaluate("document.documentElement.scrollHeight")))
    raw = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": PHONE["width"], "height": high})
    context.close()
    path = FOLDER / f"{shot.name}.webp"
    Image.open(io.BytesIO(raw)).convert("RGB").save(path, "WEBP", quality=72, method=6)
    return path.stat().st_size


@contextmanager
def demo() -> Iterator[str]:
    """A portal of its own with the demo's data; yields its address, and is gone afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="screenshots-", ignore_cleanup_errors=True) as folder:
        unwanted = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment |= {"VAR_DIR": folder, "PORT": str(port), "DEMO": "1"}
        server = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def wait_for(address: str) -> None:
    for _try in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the demo did not open within two minutes")


if __name__ == "__main__":
    main(sys.argv[1:])
