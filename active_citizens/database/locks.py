"""File locks between processes; the kernel gives them back even after kill -9."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    """A descriptor of the lock file; ``close`` it to give the lock back."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        # Root must not shut out the owner of the folder by having come first.
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def share(descriptor: int) -> None:
    """Hold the lock together with others; wait while somebody holds it alone."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def alone(descriptor: int) -> bool:
    """Whether nobody else holds the lock; if so it is now held alone."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def only_one(path: Path, patience: float) -> Iterator[None]:
    """Run the block in one process at a time; TimeoutError after ``patience`` seconds."""
    descriptor = open_lock(path)
    deadline = time.monotonic() + patience
    try:
        while not alone(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process has held {path} for {patience:.0f} seconds")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
