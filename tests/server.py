"""Real server processes on the database of the running test."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

# Seconds; a second or two where nothing else runs.
STARTS_WITHIN = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def portal_server(workers: int = 2, threads: int = 4) -> Iterator[str]:
    """The portal behind gunicorn, as in production; yields its address, stops it afterwards."""
    environment = {**os.environ, "TEST_SERVER_DATABASE": connection.settings_dict["NAME"]}
    # The port is handed over listening: one that is only known to be free may be somebody else's when the server comes.
    door = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "active_citizens.wsgi", "--bind", f"fd://{door.fileno()}"]
    options = [
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        "--worker-class",
        "gthread",
        "--log-level",
        "warning",
        "--graceful-timeout",
        "3",
    ]
    with door:
        server = subprocess.Popen([*command, *options], env=environment, cwd=settings.BASE_DIR, pass_fds=[door.fileno()])
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    gives_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < gives_up:
        if server.poll() is not None:
            raise RuntimeError("the server stopped before it answered")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {STARTS_WITHIN} seconds")
