"""A portal of its own: PostgreSQL that may be restarted, real web server processes, a real worker that may be killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from active_citizens.core.catalogues import compile_catalogues
from active_citizens.database import locks, server
from tests.server import free_port

ROOT = Path(__file__).resolve().parents[2]


class Line:
    """A connection to the portal's database for all threads; each statement is a transaction of its own.

    It outlives a restart: what could not be asked is asked again.
    """

    def __init__(self, address: dict[str, str]) -> None:
        self.address = address
        self._open: Any = None
        self._one_at_a_time = threading.Lock()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        gives_up = time.monotonic() + 60
        while True:
            try:
                with self._one_at_a_time:
                    return self._ask(sql, values)
            except psycopg2.Error as away:
                # A connection that breaks says nothing; one that is told so says that the server stops or starts.
                if time.monotonic() > gives_up or (away.pgcode and not away.pgcode.startswith("57P")):
                    raise
            time.sleep(0.2)

    def _ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self._open is None or self._open.closed:
            self._open = psycopg2.connect(dbname="portal", **self.address)
            self._open.autocommit = True
        with self._open.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.rows(sql, values)[0][0]

    def close(self) -> None:
        if self._open is not None:
            self._open.close()


class Portal:
    """The processes of one portal in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails = folder / "mail"
        self.database = server.at(folder / "postgresql")
        unwanted = {"DATABASE_URL", "TEST_SERVER_DATABASE"}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        self.environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.storm.settings", "VAR_DIR": str(folder)}
        self.worker: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    # --- Database ---------------------------------------------------------------------------------------------------

    def line(self) -> Line:
        return Line(self.database.address())

    def restart_database(self, mode: str) -> None:
        """Stop PostgreSQL under everybody's feet ("fast": told so; "immediate": as after a power cut) and start it again."""
        cluster, sockets = self.database.cluster, self.database.sockets
        assert cluster is not None
        assert sockets is not None
        with locks.only_one(self.database.folder / "start.lock", patience=60):
            cluster.stop(mode)
            cluster.start(sockets)

    # --- Processes --------------------------------------------------------------------------------------------------

    def run(self, *command: str) -> str:
        done = subprocess.run([sys.executable, *command], env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=240)
        return done.stdout.decode()

    def start(self, *command: str, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, *command], env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def said(self, name: str) -> str:
        """What the processes of that name complained about."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start_worker(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.kill_worker()
        self.worker = self.start("manage.py", "worker", name="worker")

    def kill_worker(self) -> None:
        """SIGKILL: nothing is finished, nobody is told."""
        assert self.worker is not None
        self.worker.kill()
        assert self.worker.wait(20) == -signal.SIGKILL
        self.deaths += 1

    def stop_worker(self) -> int:
        assert self.worker is not None
        self.worker.terminate()
        return self.worker.wait(60)


@contextmanager
def a_portal() -> Iterator[tuple[Portal, str, dict[str, Any]]]:
    """A furnished portal, the address it answers at, and what it is furnished with."""
    compile_catalogues()
    # Not ``tmp_path``, which is closed to the account root lends to PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="storm", dir="/tmp"))
    folder.chmod(0o755)
    portal = Portal(folder)
    web: subprocess.Popen[bytes] | None = None
    try:
        furniture = json.loads(portal.run("-m", "tests.storm.furnish"))
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        portal.line().close()  # from here on this process keeps PostgreSQL running, too
        options = ["--workers=2", "--threads=4", "--worker-class=gthread", "--log-level=warning", "--no-control-socket"]
        web = portal.start("-m", "gunicorn", "active_citizens.wsgi", f"--bind=127.0.0.1:{port}", *options, name="web")
        assert until(lambda: answers(address), 60), portal.said("web")
        yield portal, address, furniture
    finally:
        for process in (web, portal.worker):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(60)
        portal.database.leave()
        shutil.rmtree(folder, ignore_errors=True)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=10):
            return True
    except OSError:
        return False


def until(condition: Any, seconds: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
