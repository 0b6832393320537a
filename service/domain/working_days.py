"""工作日: days counted by the State Council's calendars, swap days included (R21, R29).

Pure. A day of a year whose calendar is not published is never guessed, weekends included.
"""

from datetime import date, timedelta
from itertools import count, islice

from service.domain.event import Rejection
from service.domain.working_time import Calendar, Calendars

_DAY = timedelta(days=1)


class CalendarNotPublished(Rejection):
    """该年度放假安排尚未公布，不能计算工作日。"""

    rule = "R21"


def is_working_day(calendars: Calendars, day: date) -> bool:
    """Whether the day is worked; CalendarNotPublished if its year has no calendar."""
    return _of(calendars, day.year).is_working_day(day)


def after(calendars: Calendars, day: date, n: int) -> date:
    """The n-th working day after ``day``, which itself is not counted; ``n`` is at least 1.

    CalendarNotPublished when a day of a year without a calendar would have to be judged.
    """
    following = (day + passed * _DAY for passed in count(1))
    worked = (each for each in following if is_working_day(calendars, each))
    return next(islice(worked, n - 1, None))


def citations(calendars: Calendars, first: date, last: date) -> tuple[str, ...]:
    """The calendars that judge the days from ``first`` to ``last``, as a verdict names them."""
    return tuple(_of(calendars, year).citation for year in range(first.year, last.year + 1))


def _of(calendars: Calendars, year: int) -> Calendar:
    calendar = calendars.of(year)
    if calendar is None:
        raise CalendarNotPublished(f"{year}年放假安排尚未公布，不能计算工作日。")
    return calendar
