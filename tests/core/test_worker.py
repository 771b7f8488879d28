"""The worker gives every job its turn, whatever the others do."""

import threading

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError

from active_citizens.core import work
from active_citizens.core.management.commands import worker


@pytest.fixture
def jobs(monkeypatch):
    registered = {}
    monkeypatch.setattr(work, "_jobs", registered)
    return registered


def counting_down(start, done):
    left = [start]

    def job():
        if not left[0]:
            return 0
        left[0] -= 1
        done.append(start)
        return 1

    return job


@pytest.mark.django_db
def test_jobs_take_turns_until_nothing_is_due(jobs, capsys):
    done = []
    work.register("messages", counting_down(2, done))
    work.register("exports", counting_down(3, done))

    call_command("worker", "--once")

    assert done == [2, 3, 2, 3, 3]
    assert capsys.readouterr().out == "5 done\n"


@pytest.mark.django_db
def test_failing_job_is_logged_and_stops_nobody(jobs, caplog):
    done = []
    work.register("broken", lambda: 1 / 0)
    work.register("messages", counting_down(1, done))

    call_command("worker", "--once")

    assert done == [1]
    assert "job broken failed" in caplog.text


@pytest.mark.django_db
def test_heartbeat_is_left_for_the_health_check(jobs):
    cache.delete(worker.HEARTBEAT)

    call_command("worker", "--once")

    assert cache.get(worker.HEARTBEAT)


@pytest.mark.django_db
def test_work_in_hand_is_finished_and_no_more_begun(jobs):
    stop, done = threading.Event(), []
    work.register("first", lambda: (stop.set(), done.append("first"), 1)[-1])
    work.register("second", lambda: done.append("second"))

    worker.run_until(stop)

    assert done == ["first"]


@pytest.mark.django_db
def test_database_that_comes_back_is_taken_up_again(jobs, monkeypatch):
    stop, waits, answers = threading.Event(), [], [OperationalError(), OperationalError(), 0]

    def ask(stop):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        stop.set()
        return answer

    monkeypatch.setattr(worker, "one_round", ask)
    monkeypatch.setattr(worker.connection, "close", lambda: None)
    monkeypatch.setattr(stop, "wait", waits.append)

    worker.run_until(stop)

    assert waits[:2] == [2.0, 4.0]
    assert answers == []
