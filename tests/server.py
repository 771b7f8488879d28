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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def portal_server(workers: int = 2, threads: int = 4) -> Iterator[str]:
    """The portal behind gunicorn, as in production; yields its address, stops it afterwards."""
    port = free_port()
    environment = {**os.environ, "TEST_SERVER_DATABASE": connection.settings_dict["NAME"]}
    command = [sys.executable, "-m", "gunicorn", "active_citizens.wsgi", "--bind", f"127.0.0.1:{port}"]
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
    server = subprocess.Popen([*command, *options], env=environment, cwd=settings.BASE_DIR)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _try in range(200):
        if server.poll() is not None:
            raise RuntimeError("the server stopped before it answered")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within 20 seconds")
