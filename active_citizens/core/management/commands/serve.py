"""What ``make run`` runs: everything from the empty folder to the open portal, and an orderly end."""

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from active_citizens.core.catalogues import compile_catalogues

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 30
LONGEST_BACK_OFF = 30
DEMO_LOGINS = (
    ("mieszkanka@example.org", "mieszkanka"),
    ("mieszkaniec@example.org", "mieszkaniec"),
    ("animatorka@example.org", "animatorka: Ugorek"),
    ("animator@example.org", "animator: Azory, Olsza II"),
    ("urzedniczka@example.org", "urzędniczka"),
    ("koordynatorka@example.org", "koordynatorka"),
)
DEMO_PASSWORD = "aktywna-spolecznosc"  # noqa: S105 - public, and made only with DEMO=1


class Command(BaseCommand):
    help = "Prepares everything and serves the portal with its worker until stopped (SIGTERM, Ctrl-C)."
    # The database may not exist yet; migrate and the children run the checks.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_taken_port(settings.PORT)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            self.prepare(stop)
        except OperationalError as error:
            raise CommandError(str(error)) from error
        if not stop.is_set():
            self.serve(stop)

    def prepare(self, stop: threading.Event) -> None:
        """Bring catalogues, tables, static files and data up to date; quick when nothing has changed."""
        steps = [
            ("translations", compile_catalogues),
            ("database", lambda: call_command("migrate", interactive=False, verbosity=0)),
            ("cache table", lambda: call_command("createcachetable", verbosity=0)),
            ("static files", collect_static),
            ("programme", lambda: call_command("load_programme", "krakow-2013", verbosity=0)),
        ]
        if settings.DEMO:
            steps.append(("demo data", lambda: call_command("load_demo", refresh=True, verbosity=0)))
        for name, step in steps:
            if stop.is_set():
                return
            self.stdout.write(f"Preparing: {name}…")
            self.stdout.flush()
            step()
        # The children have connections of their own; this process only keeps the embedded server running.
        connections.close_all()

    def serve(self, stop: threading.Event) -> None:
        """Keep the web server and the worker running; end when told to, or when the web server ends."""
        web, worker = start(web_command()), Worker()
        try:
            if wait_until_open(web, stop):
                self.stdout.write(welcome())
                self.stdout.flush()
            while not stop.wait(0.3) and web.poll() is None:
                worker.keep_running()
        finally:
            failed = web.poll()
            end([web, worker.process])
        if failed is not None and not stop.is_set():
            raise CommandError(f"The web server ended by itself (code {failed}); its reason stands above.")
        self.stdout.write("The portal has stopped.")


class Worker:
    """The worker process; started again when it dies, after a longer wait each time."""

    def __init__(self) -> None:
        self.process = self._start()
        self._back_off = 1.0
        self._again_at: float | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._started = time.monotonic()
        return start([sys.executable, "manage.py", "worker"])

    def keep_running(self) -> None:
        """Start it again if it has died and its wait is over."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if self._again_at is None:
            if now - self._started > LONGEST_BACK_OFF:
                self._back_off = 1.0
            self._again_at = now + self._back_off
            self._back_off = min(self._back_off * 2, LONGEST_BACK_OFF)
        elif now >= self._again_at:
            self._again_at = None
            self.process = self._start()


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """A child that ends with this process, even when this process is killed and cannot ask it to."""
    tie = _end_with_the_parent if sys.platform == "linux" else None
    return subprocess.Popen(command, cwd=settings.BASE_DIR, preexec_fn=tie)  # noqa: PLW1509 - this process has one thread


def _end_with_the_parent() -> None:
    # prctl(PR_SET_PDEATHSIG, SIGTERM): otherwise an orphaned web server would keep the port.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def refuse_taken_port(port: int) -> None:
    """Say so in one sentence, before anything is prepared, when another program has the port."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken by another program; choose another one, for example: make run PORT={port + 1}"
            ) from error


def collect_static() -> None:
    """Collect (and compress) the static files if one of them has changed since the last time."""
    folder = Path(str(settings.STATIC_ROOT))
    stamp = folder.with_name("static.stamp")
    fingerprint = sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            fingerprint.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == fingerprint.hexdigest() and folder.exists():
        return
    # A clean folder: files that are gone from the sources are not served for ever.
    shutil.rmtree(folder, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint.hexdigest())


def web_command() -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "active_citizens.wsgi:application", f"--chdir={settings.BASE_DIR}"]
    command += [f"--bind={HOST}:{settings.PORT}", "--worker-class=gthread", "--workers=2", "--threads=4"]
    command += ["--log-level=warning", "--no-control-socket", "--graceful-timeout=10"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat files belong into memory
        command.append("--worker-tmp-dir=/dev/shm")
    return command


def wait_until_open(web: subprocess.Popen[bytes], stop: threading.Event) -> bool:
    """Whether the web server takes visitors within the time a start may need."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and web.poll() is None and not stop.wait(0.1):
        visitor = HTTPConnection(HOST, settings.PORT, timeout=START_SECONDS)
        # Any answer will do: the socket listens well before a process stands behind it.
        with suppress(OSError, HTTPException):
            visitor.request("GET", "/healthz")
            visitor.getresponse()
            return True
    return False


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, then wait for each; what does not end in time is killed."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def welcome() -> str:
    """What somebody who tries the portal out needs to know."""
    lines = [
        "",
        f"The portal is open: http://{HOST}:{settings.PORT}/",
        f"Staff enter at http://{HOST}:{settings.PORT}/{settings.ADMIN_PATH}",
    ]
    if settings.DEMO:
        width = max(len(login) for login, _ in DEMO_LOGINS)
        lines += ["", f"Demo logins, all with the password {DEMO_PASSWORD}:"]
        lines += [f"  {login:{width}}  {who}" for login, who in DEMO_LOGINS]
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder:
        lines += ["", f"Mail is written to {folder}"]
    return "\n".join([*lines, "", "Ctrl-C stops it.", ""])
