"""Working days: counted by the published calendars, and never guessed (R21, R29)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.data.calendars import published_calendars
from service.domain.working_days import CalendarNotPublished, after, citations, is_working_day

CALENDARS = published_calendars()
KNOWN = st.dates(date(2024, 1, 1), date(2026, 8, 31))
NUMBERS = st.integers(1, 30)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        # The rule's own case: the National Day holiday and a swap Saturday lie between.
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        (date(2026, 3, 4), 1, date(2026, 3, 5)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        # Saturday 14 February 2026 is worked in exchange.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        # Beginning on a day off counts nothing twice.
        (date(2026, 10, 1), 1, date(2026, 10, 8)),
        # Over New Year's Eve from one calendar into the next.
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
    ],
)
def test_r29_the_nth_working_day_after(day: date, n: int, expected: date) -> None:
    assert after(CALENDARS, day, n) == expected


def test_r21_a_day_of_an_unpublished_year_is_not_guessed() -> None:
    assert after(CALENDARS, date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarNotPublished, match=r"^2027年放假安排尚未公布"):
        after(CALENDARS, date(2026, 12, 30), 2)
    with pytest.raises(CalendarNotPublished):
        after(CALENDARS, date(2023, 12, 30), 1)
    # A Saturday looks obvious; a swap day may well lie on it.
    with pytest.raises(CalendarNotPublished):
        is_working_day(CALENDARS, date(2027, 5, 1))


def test_the_calendars_are_cited() -> None:
    year_2025, year_2026 = CALENDARS.of(2025), CALENDARS.of(2026)
    assert year_2025 is not None
    assert year_2026 is not None
    within = citations(CALENDARS, date(2026, 9, 30), date(2026, 10, 13))
    assert within == (year_2026.citation,)
    over = citations(CALENDARS, date(2025, 12, 29), date(2026, 1, 5))
    assert over == (year_2025.citation, year_2026.citation)
    with pytest.raises(CalendarNotPublished):
        citations(CALENDARS, date(2026, 12, 31), date(2027, 1, 1))


@given(KNOWN, NUMBERS)
def test_exactly_n_working_days_lie_between(day: date, n: int) -> None:
    last = after(CALENDARS, day, n)
    days = [day + timedelta(days=passed) for passed in range(1, (last - day).days + 1)]
    assert sum(is_working_day(CALENDARS, each) for each in days) == n
    assert is_working_day(CALENDARS, last)


@given(KNOWN, NUMBERS, NUMBERS)
def test_counting_on_is_counting_once(day: date, n: int, m: int) -> None:
    assert after(CALENDARS, after(CALENDARS, day, n), m) == after(CALENDARS, day, n + m)
