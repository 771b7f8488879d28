"""The embedded PostgreSQL, tried with real processes and real kills, each test in a data folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from active_citizens.database import server
from active_citizens.database.cluster import answers

ROOT = Path(__file__).resolve().parents[2]
# A process of the portal: it says when it is connected, obeys one line at a time and leaves at the end of its input.
CLIENT = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "active_citizens.database", "NAME": "portal", "DATA_DIR": Path(sys.argv[1])}})
import django
from django.db import connection
django.setup()

def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None

for line in sys.stdin:
    try:
        print(eval(line), flush=True)
    except Exception as error:
        print(type(error).__name__, *str(error).split(), flush=True)
"""


class Client:
    """Another process that uses the embedded server."""

    def __init__(self, folder: Path) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-c", CLIENT, str(folder)], text=True, cwd=ROOT, **pipes)

    def send(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        return self.process.stdout.readline().strip()

    def ask(self, sql: str) -> str:
        self.send(f"ask({sql!r})")
        return self.answer()

    def leave(self) -> None:
        """End in the ordinary way."""
        self.process.stdin.close()
        self.process.wait(90)
        self.process.stdout.close()

    def kill(self) -> None:
        """End as after ``kill -9``."""
        self.process.kill()
        self.process.wait(60)
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()


@contextmanager
def short_folder():
    """A folder for one server; not ``tmp_path``, which is long and closed to the account root lends to the server."""
    path = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        for pid in postmasters(path):
            os.kill(pid, signal.SIGQUIT)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def empty():
    """A folder no server has seen yet."""
    with short_folder() as path:
        yield path / "data"


@pytest.fixture(scope="module")
def made_once():
    with short_folder() as path:
        one = Client(path / "data")
        one.ask("SELECT 1")
        one.leave()
        yield path / "data"


@pytest.fixture
def folder(made_once):
    """A folder whose server has run before and is stopped: a copy, for making one takes PostgreSQL more than a second."""
    with short_folder() as path:
        subprocess.run(["cp", "-a", str(made_once), str(path)], check=True)
        yield path / "data"


@pytest.fixture
def client():
    """Starts other processes of the portal; none outlives the test."""
    clients = []

    def start(folder: Path) -> Client:
        clients.append(Client(folder))
        return clients[-1]

    yield start
    for one in clients:
        one.kill()


def postmasters(folder: Path) -> list[int]:
    return [int(path.read_text().split()[0]) for path in folder.rglob("postmaster.pid")]


def runs(folder: Path) -> bool:
    return any(answers(path) for path in folder.glob("*/socket"))


def test_nothing_starts_before_the_first_query(client, empty):
    one = client(empty)
    one.send("connection.vendor")

    assert one.answer() == "postgresql"
    assert not empty.exists()


def test_four_cold_starts_share_one_server_and_the_last_one_out_stops_it(client, empty):
    clients = [client(empty) for _ in range(4)]
    for one in clients:
        one.send("ask('SELECT pg_postmaster_start_time()')")
    assert len({one.answer() for one in clients}) == 1

    for one in clients[:3]:
        one.leave()
    assert runs(empty)
    clients[3].leave()
    assert not runs(empty)


def test_polish_letters_fold_and_the_data_outlives_the_server(client, folder):
    first = client(folder)
    first.ask("CREATE TABLE estate AS SELECT 'ŁĄKA' AS name")
    first.leave()
    assert not runs(folder)

    assert client(folder).ask("SELECT lower(name) FROM estate") == "łąka"


def test_killed_server_comes_back_with_its_data(client, folder):
    one = client(folder)
    one.ask("CREATE TABLE estate AS SELECT 'Azory' AS name")
    (pid,) = postmasters(folder)
    os.kill(pid, signal.SIGKILL)

    one.send("connection.close()")
    one.answer()
    assert one.ask("SELECT name FROM estate") == "Azory"
    assert client(folder).ask("SELECT name FROM estate") == "Azory"


def test_killed_process_does_not_keep_the_server_running(client, folder):
    killed, last = client(folder), client(folder)
    killed.ask("SELECT 1")
    last.ask("SELECT 1")
    killed.kill()
    assert runs(folder)

    last.leave()
    assert not runs(folder)


def test_forked_child_does_not_stop_the_server_under_its_parent(client, folder):
    parent = client(folder)
    parent.ask("SELECT 1")
    # Like a gunicorn worker: the child leaves through the interpreter's ordinary end.
    parent.send("__import__('os').fork() or sys.exit()")
    parent.answer()
    time.sleep(0.5)

    assert runs(folder)
    assert parent.ask("SELECT 1") == "1"


def test_stranger_with_the_dead_servers_number_does_not_hinder_the_start(client, folder):
    (data,) = folder.glob("*/data")
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")

    assert client(folder).ask("SELECT 1") == "1"


def test_long_path_moves_the_socket_to_a_short_private_folder(client, folder):
    long = folder.rename(folder.with_name("osiedle-" * 12))
    one = client(long)
    try:
        host = Path(one.ask("SHOW unix_socket_directories").strip('"'))
        assert len(str(host)) < 30
        assert host.stat().st_mode & 0o777 == 0o700
    finally:
        one.leave()
    assert not answers(host)
    shutil.rmtree(host)


def test_dbshell_runs_the_servers_own_psql(client, folder):
    one = client(folder)
    one.send("connection.client.settings_to_cmd_args_env(connection.settings_dict, ['-c', 'x'])[0]")
    psql = one.answer()

    assert "bin/psql" in psql
    assert str(folder) in psql


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: (data / "PG_VERSION").unlink(), "is not a data folder of PostgreSQL"),
        (lambda data: (data / "PG_VERSION").write_text("9\n"), "was made by PostgreSQL 9"),
        (lambda data: (data / "global" / "pg_control").unlink(), "pg_control"),
        (lambda data: data.parent.rename(data.parent.with_name("17")), "the data is of PostgreSQL 17"),
    ],
    ids=["no version", "other version", "no control file", "folder of another major"],
)
def test_broken_data_folder_is_named_with_the_way_out(client, folder, damage, said):
    damage(next(folder.glob("*/data")))

    message = client(folder).ask("SELECT 1")

    assert message.startswith("ServerRefused")
    assert said in message
    assert "var/postgresql" in message
    assert f"move the folder {folder} away" in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account")
def test_closed_checkout_of_root_stays_closed_and_keeps_its_data(client, empty):
    empty.mkdir()
    empty.parent.chmod(0o700)
    with short_folder() as private:
        one = client(empty)
        one.send(f"setattr(__import__('active_citizens.database.account').database.account, 'PRIVATE', Path({str(private)!r}))")
        one.answer()
        one.ask("CREATE TABLE estate AS SELECT 'Ugorek' AS name")
        one.leave()
        assert client(empty).ask("SELECT name FROM estate") == "Ugorek"
        assert empty.parent.stat().st_mode & 0o777 == 0o700
        assert next(empty.glob("[0-9]*")).resolve().is_relative_to(private)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two accounts")
def test_folder_of_another_account_is_refused_with_the_reason(client, folder):
    client(folder).ask("SELECT 1")

    other = client(folder)
    other.send("[connection.vendor, __import__('os').setgid(65534), __import__('os').setuid(65534)]")
    other.answer()
    message = other.ask("SELECT 1")

    assert "ServerRefused" in message
    assert "permissions" in message


def test_one_process_has_one_starter_per_folder(tmp_path):
    assert server.at(tmp_path) is server.at(str(tmp_path))
