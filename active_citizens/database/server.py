"""The starter: the first query of the first process starts the server, the last process out stops it.

Every process holds a shared lock on ``in-use.lock`` for its life. Whoever leaves and then gets that lock alone was the
last. Making, starting and stopping happen under ``start.lock``, in one process at a time.
"""

import atexit
import os
import threading
from contextlib import suppress
from pathlib import Path

from . import account, binaries, locks
from .cluster import PORT, ROLE, Cluster, answers
from .refusal import ServerRefused

PATIENCE = 90
_servers: dict[Path, "Server"] = {}


def at(folder: Path) -> "Server":
    """This process's one starter for a data folder."""
    folder = Path(folder).absolute()
    if folder not in _servers:
        _servers.setdefault(folder, Server(folder))
    return _servers[folder]


class Server:
    """Hands out the address of a running server, whatever had to be done for it to run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster: Cluster | None = None
        self.sockets: Path | None = None
        self._threads = threading.Lock()
        self._in_use: int | None = None

    def address(self) -> dict[str, str]:
        """Host, port and role to connect with; the server runs when this returns."""
        with self._threads:
            if self._in_use is None or self.sockets is None or not answers(self.sockets):
                self._attach()
        return {"host": str(self.sockets), "port": str(PORT), "user": ROLE}

    def program(self, name: str) -> str:
        """The path of a PostgreSQL program of the server's version, or its bare name when the package lacks it."""
        self.address()
        path = Path(self.cluster.binaries[name]) if self.cluster else Path(name)
        return str(path) if path.exists() else name

    def mend(self) -> None:
        """After a refused connection: wait for, or start again, a server that is not ready; return at once if it is."""
        with self._threads:
            self._attach()

    def _attach(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locks.only_one(self.folder / "start.lock", PATIENCE):
                # Found anew when somebody has moved the folder away meanwhile.
                self.cluster = cluster = self.cluster if self.cluster and self.cluster.home.exists() else self._find()
                self._hold(cluster)
                cluster.make()
                self.sockets = cluster.sockets()
                cluster.start(self.sockets)
                cluster.add_database(self.sockets)
        except ServerRefused:
            self._let_go()
            raise
        except PermissionError as error:
            self._let_go()
            raise ServerRefused(self.folder, "the permissions of the folder were lost or belong to another account", str(error)) from error
        except (OSError, TimeoutError) as error:
            self._let_go()
            raise ServerRefused(self.folder, "the folder cannot be used", str(error)) from error

    def _find(self) -> Cluster:
        lent = account.of_the_server(self.folder)
        programs = binaries.find(self.folder, lent)
        home = self.folder / str(programs.major)
        others = sorted(path.parents[1].name for path in self.folder.glob("*/data/PG_VERSION") if path.parents[1] != home)
        if others and not (home / "data").exists():
            versions = ", ".join(others)
            raise ServerRefused(self.folder, f"the data is of PostgreSQL {versions}, and the programs here are PostgreSQL {programs.major}")
        return Cluster(self.folder, account.prepare(home, lent), programs, lent)

    def _hold(self, cluster: Cluster) -> None:
        self._let_go()
        self._in_use = locks.open_lock(cluster.home / "in-use.lock")
        locks.share(self._in_use)

    def _let_go(self) -> None:
        if self._in_use is not None:
            os.close(self._in_use)
            self._in_use = None

    def leave(self) -> None:
        """Give the server up, and stop it if nobody else uses it."""
        if self._in_use is None or self.cluster is None:
            return
        # A folder that was moved away, or a process stopped while starting, must not keep this one from ending.
        with suppress(OSError, TimeoutError), locks.only_one(self.folder / "start.lock", patience=5):
            self._let_go()
            in_use = locks.open_lock(self.cluster.home / "in-use.lock")
            if locks.alone(in_use) and self.sockets is not None and answers(self.sockets):
                self.cluster.stop()
            os.close(in_use)

    def after_fork(self) -> None:
        """Give a forked child a lock of its own: the inherited one is the parent's, and is given back only once."""
        self._threads = threading.Lock()
        if self._in_use is None or self.cluster is None:
            return
        inherited = self._in_use
        with suppress(OSError):
            self._in_use = locks.open_lock(self.cluster.home / "in-use.lock")
            locks.share(self._in_use)
            os.close(inherited)


def _each(method: str) -> None:
    for server in list(_servers.values()):
        getattr(server, method)()


atexit.register(_each, "leave")
os.register_at_fork(after_in_child=lambda: _each("after_fork"))
