"""期间: the month, quarter and half-year that supervision goes by (R22-R24).

Days are those of Beijing time. When something is due is counted from the last day of its period,
and the day named is the last one that is on time (ours; the source names the rhythm only).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from service.domain.event import SHANGHAI, Rejection
from service.domain.evidence import MONTH_CLOSES_AFTER_DAYS


class PeriodNotOver(Rejection):
    """这一期间尚未结束，还不能办理。"""

    rule = "R23"


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A stretch of whole months within one year; `Month`, `Quarter` and `Half` are the kinds.

    Written as in ``2026-03``, ``2026-Q1``, ``2026-H1``; `parse` raises ValueError for anything
    else.
    """

    year: int
    number: int
    """Which one of the year, from 1."""

    months_long: ClassVar[int]
    mark: ClassVar[str]

    def __post_init__(self) -> None:
        if not (2000 <= self.year <= 2100 and 1 <= self.number <= 12 // self.months_long):
            raise ValueError(f"there is no {type(self).__name__} {self.number} of {self.year}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period that is written so."""
        year, _, number = text.partition("-")
        if number.startswith(cls.mark) and number.isascii() and year.isascii():
            number = number.removeprefix(cls.mark)
            if year.isdecimal() and number.isdecimal():
                period = cls(int(year), int(number))
                if str(period) == text:
                    return period
        raise ValueError(f"not a {cls.__name__}: {text!r}")

    @classmethod
    def of_day(cls, day: date) -> Self:
        """The period a day lies in."""
        return cls(day.year, (day.month - 1) // cls.months_long + 1)

    @classmethod
    def of_year(cls, year: int) -> tuple[Self, ...]:
        """All periods of a year."""
        return tuple(cls(year, number) for number in range(1, 12 // cls.months_long + 1))

    def __str__(self) -> str:
        return f"{self.year}-{self.mark}{self.number}"

    @property
    def first_day(self) -> date:
        return date(self.year, (self.number - 1) * self.months_long + 1, 1)

    @property
    def last_day(self) -> date:
        month = self.number * self.months_long
        return date(self.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    @property
    def months(self) -> tuple["Month", ...]:
        """Its months, in order."""
        first = (self.number - 1) * self.months_long + 1
        return tuple(Month(self.year, first + each) for each in range(self.months_long))

    def over(self, at: datetime) -> bool:
        """Whether its last day has passed at that moment."""
        return at.astimezone(SHANGHAI).date() > self.last_day

    def require_over(self, at: datetime, pointer: str) -> None:
        """Refused before its last day has passed."""
        if not self.over(at):
            raise PeriodNotOver(f"{self.word}尚未结束。", pointer)

    @property
    def word(self) -> str:
        """What a person reads."""
        raise NotImplementedError  # pragma: no cover - every kind has its own


class Month(Period):
    """月: ``2026-03``."""

    months_long = 1
    mark = ""

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def word(self) -> str:
        return f"{self.year}年{self.number}月"


class Quarter(Period):
    """季度: ``2026-Q1``."""

    months_long = 3
    mark = "Q"

    @property
    def word(self) -> str:
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"


class Half(Period):
    """半年: ``2026-H1``."""

    months_long = 6
    mark = "H"

    @property
    def word(self) -> str:
        return f"{self.year}年{'上下'[self.number - 1]}半年"


class Task(StrEnum):
    """督查事项: what an organisation owes for each period; ``word`` is what a person reads."""

    INSPECTION = "inspection"
    REPORT = "report"
    CONSOLIDATION = "consolidation"
    SYMPOSIUM = "symposium"
    SUMMARY = "summary"
    FEEDBACK = "feedback"

    @property
    def word(self) -> str:
        return {
            "inspection": "月查",
            "report": "季报",
            "consolidation": "季度汇总",
            "symposium": "季度座谈会",
            "summary": "半年总结",
            "feedback": "季度反馈",
        }[self.value]

    @property
    def period(self) -> type[Period]:
        """The kind of period it is owed for."""
        kinds: dict[str, type[Period]] = {"inspection": Month, "summary": Half}
        return kinds.get(self.value, Quarter)

    def due_on(self, period: Period) -> date:
        """The last day on which it is on time.

        The inspection is due when the month closes for entries, each later step when the one it
        builds on has had time to be made.
        """
        days = {
            "inspection": MONTH_CLOSES_AFTER_DAYS,
            "feedback": 10,
            "report": 15,
            "consolidation": 25,
            "symposium": 30,
            "summary": 30,
        }[self.value]
        return period.last_day + timedelta(days=days)

    def of_year(self, year: int) -> Iterator[tuple[Period, date]]:
        """Every period of the year it is owed for, with the day it is due on."""
        for period in self.period.of_year(year):
            yield period, self.due_on(period)
