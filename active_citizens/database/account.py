"""Whose name the server runs under: PostgreSQL refuses root, so root lends it another account."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .refusal import ServerRefused

# What root keeps for the lent account when the checkout stands in a folder that account may not enter.
PRIVATE = Path("/var/lib/active-citizens")


@dataclass(frozen=True)
class Account:
    """The account the server runs as, and how to run something in its name."""

    uid: int
    name: str
    lent: dict[str, Any] = field(default_factory=dict)

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """The finished command, run in this account's name with none of the caller's PostgreSQL settings."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
        options |= {"stdin": subprocess.DEVNULL, "cwd": "/", "env": {**environment, "LC_ALL": "C"}, **self.lent}
        return subprocess.run(command, check=False, text=True, errors="replace", **options)

    def may_write(self, folder: Path) -> bool:
        """Whether this account can really get there, asked of the system rather than worked out from modes."""
        return self.run(["/bin/sh", "-c", 'test -w "$0" && test -x "$0"', str(folder)]).returncode == 0

    def own(self, path: Path) -> None:
        """Give root's files to the account the server runs as; for an ordinary user nothing changes."""
        if self.lent:
            os.chown(path, self.uid, self.lent["group"], follow_symlinks=False)


def of_the_server(folder: Path) -> Account:
    """The caller's account; for root the owner of the data, else ``postgres``, else ``nobody``."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), str(os.geteuid()))
    for known in _accounts(folder):
        return Account(known.pw_uid, known.pw_name, {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []})
    raise ServerRefused(folder, "root may not run PostgreSQL, and there is neither an account postgres nor nobody")


def _accounts(folder: Path) -> Iterator[pwd.struct_passwd]:
    # A folder an ordinary user began stays that user's, also when root starts the portal once.
    owners = [data.stat().st_uid for data in folder.glob("*/data")]
    for owner in owners:
        with suppress(KeyError):
            if owner != 0:
                yield pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            yield pwd.getpwnam(name)


def prepare(home: Path, account: Account) -> Path:
    """A private folder the server's account can write to: ``home``, or what ``home`` points to when it is out of reach."""
    if home.is_symlink() and not home.exists():
        raise ServerRefused(home.parent, f"{home} points to {home.readlink()}, which is gone")
    home.mkdir(mode=0o700, exist_ok=True)
    if account.lent:
        home.parent.chmod(home.parent.stat().st_mode | 0o111)
        _hand_over(home.resolve(), account)
    if account.may_write(home.resolve()):
        return home.resolve()
    if not account.lent:
        owner = home.stat().st_uid
        raise ServerRefused(home.parent, f"the account {account.name} may not write to {home}, which belongs to the account {owner}")
    return _moved_out(home, account)


def _hand_over(place: Path, account: Account) -> None:
    """Root gives the folder with all in it to the server's account; a second time there is nothing to do."""
    place.chmod(0o700)
    if all(path.stat().st_uid == account.uid for path in (place, place / "data") if path.exists()):
        return
    for path in (place, *place.rglob("*")):
        account.own(path)


def _moved_out(home: Path, account: Account) -> Path:
    """The folder under /var/lib with a link left in its stead: the checkout's parents are never opened to others."""
    try:
        PRIVATE.mkdir(parents=True, exist_ok=True)
        PRIVATE.chmod(0o755)
        outside = Path(tempfile.mkdtemp(prefix="data-", dir=PRIVATE))
        account.own(outside)
        moved = outside / home.name
        shutil.move(home.resolve(), moved)
        home.unlink(missing_ok=True)
        home.symlink_to(moved)
        for path in (moved, *moved.rglob("*")):
            account.own(path)
    except OSError as error:
        trouble = f"the account {account.name} cannot reach {home}, and the data could not be kept in {PRIVATE} instead"
        raise ServerRefused(home.parent, trouble, str(error)) from error
    return moved
