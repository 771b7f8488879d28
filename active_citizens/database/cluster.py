"""One data folder and the server process on it: make, look, start, stop. Callers hold the start lock."""

import re
import shlex
import shutil
import socket
import tempfile
import time
from enum import Enum
from pathlib import Path

import psycopg2

from .account import Account
from .binaries import Binaries
from .refusal import ServerRefused

ROLE = "portal"
DATABASE = "portal"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 90
START_SECONDS = 30
# What PostgreSQL says while the remains of a killed server are still going away.
PASSING = re.compile(r"shared memory block|lock file .* already exists", re.IGNORECASE)
NOT_YET = re.compile(r"starting up|shutting down|recovery mode|not (yet )?accepting|closed the connection", re.IGNORECASE)


class State(Enum):
    READY = "ready"
    BUSY = "busy"
    DOWN = "down"


def answers(sockets: Path) -> bool:
    """Whether some process listens on the server's socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(sockets / SOCKET))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


class Cluster:
    """PostgreSQL data in ``home/data``, reached by a socket that only the server's account (and root) may open."""

    def __init__(self, folder: Path, home: Path, binaries: Binaries, account: Account) -> None:
        self.folder, self.home, self.binaries, self.account = folder, home, binaries, account
        self.data = home / "data"
        self.log = home / "server.log"

    def make(self) -> None:
        """Create the data folder, whole or not at all."""
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise ServerRefused(self.folder, f"{self.data} is not a data folder of PostgreSQL: its PG_VERSION is missing")
        for leftover in self.home.glob("making-*"):
            shutil.rmtree(leftover)
        draft = Path(tempfile.mkdtemp(prefix="making-", dir=self.home))
        self.account.own(draft)
        # The built-in locale knows Polish letters on every system, with no locale of the system's installed.
        if self.binaries.major >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            locale = ["--locale=C.UTF-8"]
        options = ["--encoding=UTF8", f"--username={ROLE}", "--auth-local=trust", "--auth-host=reject", *locale]
        made = self.account.run([self.binaries["initdb"], "-D", str(draft), *options])
        if made.returncode:
            raise ServerRefused(self.folder, "a new data folder could not be made", made.stdout[-600:])
        draft.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.binaries.major):
            raise ServerRefused(
                self.folder,
                f"{self.data} was made by PostgreSQL {made_by or '?'}, and the programs here are PostgreSQL {self.binaries.major}",
            )
        if self.account.lent:
            self.data.chmod(0o700)

    def sockets(self) -> Path:
        """The private folder of the socket; a short one elsewhere when the path would not fit into a socket address."""
        near = self.home / "socket"
        if len(str(near / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self._private(near)
        pointer = self.home / "socket-folder"
        if pointer.exists() and self._is_private(far := Path(pointer.read_text())):
            return far
        far = Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))
        self.account.own(far)
        pointer.write_text(str(far))
        self.account.own(pointer)
        return far

    def _private(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(folder)
        return folder

    def _is_private(self, folder: Path) -> bool:
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == self.account.uid

    def state(self, sockets: Path) -> State:
        """What the server is doing, asked through its socket; a log-in refused for another reason counts as ready."""
        if not answers(sockets):
            return State.DOWN
        try:
            psycopg2.connect(host=str(sockets), port=PORT, user=ROLE, dbname="postgres", connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            return State.BUSY if NOT_YET.search(str(error)) or not answers(sockets) else State.READY
        return State.READY

    def start(self, sockets: Path) -> None:
        """Return when the server lets in; wait out what a killed one left behind, for half a minute at most."""
        deadline = time.monotonic() + START_SECONDS
        trouble = "it does not answer"
        while time.monotonic() < deadline:
            state = self.state(sockets)
            if state is State.READY:
                return
            if state is State.DOWN and not self._still_there():
                self._remove_remains(sockets)
                trouble = self._launch(sockets)
                if trouble and not PASSING.search(trouble):
                    break
            elif state is State.DOWN and time.monotonic() > deadline - START_SECONDS + 5:
                # It runs, but its socket has been swept away: nobody can reach it, so a new one takes its place.
                self.stop(mode="immediate")
            time.sleep(0.1)
        raise ServerRefused(self.folder, "the server did not start", trouble)

    def _launch(self, sockets: Path) -> str:
        """Start the server; what it said if it refused."""
        seen = self.log.stat().st_size if self.log.exists() else 0
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "port": PORT,
            "max_connections": 100,
            # Statements that fail carry people's data; they do not belong into a log file.
            "log_min_messages": "fatal",
            "logging_collector": "off",
        }
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        command = [
            self.binaries["pg_ctl"],
            "start",
            "-w",
            "-t",
            str(START_SECONDS),
            "-D",
            str(self.data),
            "-l",
            str(self.log),
            "-o",
            options,
        ]
        # Not a pipe: the server inherits it and would keep it open for its life.
        with tempfile.TemporaryFile("w+") as said:
            if self.account.run(command, stdout=said).returncode == 0:
                return ""
            said.seek(0)
            told = said.read()
        if self.log.exists():
            with self.log.open(errors="replace") as log:
                log.seek(seen)
                told = "; ".join(re.findall(r"(?:FATAL|PANIC|ERROR|DETAIL):\s*(.*)", log.read())) or told
        return told.strip()[-600:] or "nothing"

    def _still_there(self) -> bool:
        """Whether the process that postmaster.pid names is this server and lives; a zombie does not."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return False
        if Path("/proc/self/stat").exists():
            return _alive_in_proc(pid, self.data)
        listed = self.account.run(["ps", "-o", "stat=,command=", "-p", str(pid)]).stdout.strip()
        return bool(listed) and not listed.startswith("Z") and str(self.data) in listed

    def _remove_remains(self, sockets: Path) -> None:
        # PostgreSQL takes a zombie, or a stranger with the same number, for a running server and would not start.
        for path in (self.data / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
            path.unlink(missing_ok=True)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and wait for it; one that does not stop is left to the next process."""
        self.account.run([self.binaries["pg_ctl"], "stop", "-w", "-t", "20", "-m", mode, "-D", str(self.data)])

    def add_database(self, sockets: Path) -> None:
        """Create the portal's database if the cluster has none yet."""
        connection = psycopg2.connect(host=str(sockets), port=PORT, user=ROLE, dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        connection.close()


def _alive_in_proc(pid: int, data: Path) -> bool:
    process = Path("/proc", str(pid))
    try:
        state = process.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        command = process.joinpath("cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and str(data).encode() in command
