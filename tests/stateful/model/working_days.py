"""Working days, counted by the library and not by our calendars (R21, R29)."""

from datetime import date, timedelta

import chinese_calendar

LAST_PUBLISHED = 2026


def is_published(day: date) -> bool:
    """Whether anybody can know if the day is worked."""
    return day.year <= LAST_PUBLISHED


def is_worked(day: date) -> bool:
    """Whether a published day is worked."""
    return bool(chinese_calendar.is_workday(day))


def working_day_after(day: date, number: int) -> date | None:
    """The day until which so many working days have passed; None if nobody can know yet."""
    while number:
        day += timedelta(days=1)
        if not is_published(day):
            return None
        number -= is_worked(day)
    return day
