"""The worker: asks every registered job in turn whether something is due, and does it."""

import logging
import signal
import threading
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from active_citizens.core import work

logger = logging.getLogger(__name__)
HEARTBEAT = "worker:heartbeat"
HEARTBEAT_SECONDS = 300
IDLE_SECONDS = 1.0
LONGEST_WAIT = 30.0


class Command(BaseCommand):
    help = "Sends messages and does whatever else is due, until it is told to stop (SIGTERM)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            done = do_all_that_is_due(threading.Event())
            self.stdout.write(f"{done} done")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # Only noted: the piece of work in hand is finished first.
            signal.signal(number, lambda *_: stop.set())
        run_until(stop)


def run_until(stop: threading.Event) -> None:
    """Work in rounds; rest when a round did nothing, longer and longer while the database is away."""
    wait = IDLE_SECONDS
    while not stop.is_set():
        try:
            done = one_round(stop)
            beat()
        except Error:
            wait = min(wait * 2, LONGEST_WAIT)
            logger.warning("The database does not answer; the worker tries again in %.0f s.", wait)
            connection.close()
            stop.wait(wait)
            continue
        wait = IDLE_SECONDS
        if not done:
            stop.wait(IDLE_SECONDS)
    logger.info("The worker has stopped.")


def do_all_that_is_due(stop: threading.Event) -> int:
    """Rounds until one of them finds nothing to do."""
    total = 0
    while done := one_round(stop):
        total += done
    beat()
    return total


def one_round(stop: threading.Event) -> int:
    """Every job once; a job that fails is logged and does not keep the others from their turn."""
    done = 0
    for name, job in work.jobs().items():
        if stop.is_set():
            break
        close_old_connections()
        try:
            done += job()
        except Exception:
            logger.exception("The worker's job %s failed.", name)
            _leave_clean()
    return done


def beat() -> None:
    """Note for the health check that the worker is alive."""
    cache.set(HEARTBEAT, timezone.now().isoformat(), HEARTBEAT_SECONDS)


def _leave_clean() -> None:
    """Put the connection right after a failed job; a database that is away is the round's failure, not the job's."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    connection.ensure_connection()
