"""What one row of an initiative knows about itself."""

import pytest

from projects.models import Initiative, Project
from tests.makers import warsaw


@pytest.mark.parametrize(
    ("now", "days", "overdue"),
    [
        ("2026-06-01 23:59", 0, False),
        ("2026-06-02 00:10", 1, False),
        ("2026-06-04 23:59", 3, False),
        ("2026-06-05 00:10", 4, True),
    ],
)
def test_days_of_waiting_are_counted_by_the_calendar(now: str, days: int, overdue: bool) -> None:
    idea = Initiative(project=Project(answer_days=3), status="idea", status_since=warsaw("2026-06-01 23:00"))
    assert (idea.days_in_state(warsaw(now)), idea.is_overdue(warsaw(now))) == (days, overdue)


def test_nobody_waits_for_what_runs() -> None:
    running = Initiative(project=Project(answer_days=3), status="running", status_since=warsaw("2026-06-01 23:00"))
    assert not running.is_overdue(warsaw("2027-06-01 12:00"))
