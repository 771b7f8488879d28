"""The Chromium of the browser tests: found on the machine, or installed where that takes one command.

``python -m tests.chromium`` makes sure there is one.
"""

import os
import shutil
import sys
from pathlib import Path

from tests.debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Nothing of Chromium's own may go over the network: a test fails on any request to another origin.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of a Chromium of this machine, CHROMIUM from the environment first."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).exists() else None
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MACOS) if MACOS.exists() else None)


def ensure() -> str | None:
    """A Chromium, installed by apt when root of a Debian has none."""
    if find() is None:
        install("chromium", "the browser tests")
    return find()


if __name__ == "__main__":
    if ensure() is None:
        sys.exit(
            "The browser tests need Chromium, and none was found: install it (on Debian: apt install chromium) or name it in CHROMIUM."
        )
