"""The worker's jobs: upper floors register what is due, the worker asks them in turn."""

from collections.abc import Callable

Job = Callable[[], int]
_jobs: dict[str, Job] = {}


def register(name: str, job: Job) -> None:
    """Let the worker call ``job`` in turn; it does at most one piece of work and says how many things it did."""
    _jobs[name] = job


def jobs() -> dict[str, Job]:
    return dict(_jobs)
