"""Working days, hours of duty, quiet nights."""

from datetime import date, time

import pytest

from active_citizens.core.days import add_duty_hours, add_working_days, after_quiet, before_quiet, holiday_name, is_working_day
from tests.makers import warsaw


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 10), True),
        (date(2026, 11, 11), False),  # Independence Day, a Wednesday
        (date(2026, 11, 14), False),  # Saturday
        (date(2026, 6, 4), False),  # Corpus Christi moves with Easter
        (date(2024, 12, 24), True),  # Christmas Eve became a day off in 2025
        (date(2025, 12, 24), False),
    ],
)
def test_working_days_follow_the_polish_calendar(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_holidays_have_polish_names() -> None:
    assert holiday_name(date(2026, 11, 11)) == "Narodowe Święto Niepodległości"
    assert holiday_name(date(2026, 11, 12)) == ""


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 11, 9), 3, date(2026, 11, 13)),  # over Independence Day
        (date(2026, 11, 13), -3, date(2026, 11, 9)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),  # Christmas and a weekend
        (date(2026, 11, 9), 0, date(2026, 11, 9)),
    ],
)
def test_counting_working_days(day: date, count: int, found: date) -> None:
    assert add_working_days(day, count) == found


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-11-23 12:00", "2026-11-23 12:00"),
        ("2026-11-23 21:00", "2026-11-24 08:00"),
        ("2026-11-23 23:59", "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-10-24 22:00", "2026-10-25 08:00"),  # the night the clocks go back
        ("2027-03-28 01:30", "2027-03-28 08:00"),  # the night they go forward
    ],
)
def test_nights_are_quiet(moment: str, found: str) -> None:
    assert after_quiet(warsaw(moment)) == warsaw(found)


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-11-23 12:00", "2026-11-23 12:00"),
        ("2026-11-23 23:59", "2026-11-23 21:00"),
        ("2026-11-24 01:48", "2026-11-23 21:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
    ],
)
def test_a_call_due_at_night_is_due_in_the_evening(moment: str, found: str) -> None:
    assert before_quiet(warsaw(moment)) == warsaw(found)


@pytest.mark.parametrize(
    ("moment", "hours", "found"),
    [
        ("2026-11-23 09:00", 6, "2026-11-23 15:00"),
        ("2026-11-23 14:00", 2, "2026-11-24 10:00"),
        ("2026-11-27 14:30", 1, "2026-11-30 09:30"),  # over a weekend
        ("2026-11-10 16:00", 1, "2026-11-12 10:00"),  # over Independence Day
        ("2026-11-23 03:00", 8, "2026-11-24 11:00"),
    ],
)
def test_an_offer_by_phone_counts_hours_of_duty(moment: str, hours: int, found: str) -> None:
    assert add_duty_hours(warsaw(moment), hours, start=time(9), end=time(15)) == warsaw(found)
