"""Months, quarters and half-years, by how they are written (R22 to R24)."""

from calendar import monthrange
from datetime import date, datetime

MONTHS_LONG = {"Q": 3, "H": 6}


def months(period: str) -> list[str]:
    """The months of a period."""
    year, _, rest = period.partition("-")
    long = MONTHS_LONG.get(rest[0], 1)
    last = int(rest.lstrip("QH")) * long
    return [f"{year}-{month:02}" for month in range(last - long + 1, last + 1)]


def first_day(period: str) -> date:
    """The first day of a period."""
    return date.fromisoformat(f"{months(period)[0]}-01")


def last_day(period: str) -> date:
    """The last day of a period."""
    year, month = map(int, months(period)[-1].split("-"))
    return date(year, month, monthrange(year, month)[1])


def is_over(period: str, at: datetime) -> bool:
    """Whether its last day has passed; steps tell the time as it is in Shanghai."""
    return at.date() > last_day(period)
