"""Working time: which minutes of an interval lie outside the eight hours (R20, R21).

Pure arithmetic on the local whole minutes of `Interval`, whose ends are truncated.

How a date is judged, first match wins:

1. Its year has no published calendar: every minute of it is pending, weekends, shifts and leave
   included (R21). Nothing is guessed, also where the answer looks obvious.
2. Approved leave: the minutes on leave are outside.
3. A shift begins on or reaches into the date: the shifts' minutes are inside, the rest of the
   date is outside, on working days, weekends and festivals alike.
4. A working day by the calendar: the minutes in the unit's timetable are inside.
5. Any other minute is outside.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Self

from service.domain.event import SHANGHAI
from service.domain.interval import Interval, Span

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Shift(Interval):
    """One turn of duty on a member's shift roster, at least a minute long (R20).

    It replaces the timetable on every local date it begins on or reaches into.
    """

    def __post_init__(self) -> None:
        Interval.__post_init__(self)
        if self.minutes == 0:
            # An empty shift would silently switch the timetable off for its date.
            raise ValueError("a shift lasts at least a minute")


@dataclass(frozen=True, slots=True)
class Leave(Interval):
    """Approved leave; nothing during it is inside working time (R20)."""

    @classmethod
    def of_days(cls, first: date, last: date) -> Self:
        """Leave on whole local dates, `last` included."""
        return cls(
            datetime.combine(first, time(), SHANGHAI),
            datetime.combine(last + timedelta(days=1), time(), SHANGHAI),
        )


@dataclass(frozen=True, slots=True)
class Timetable:
    """A unit's hours on working days from the local date `valid_from` on (R20).

    `periods` are local start and end times; the gap between two is the lunch break. An end of
    00:00 is the midnight that ends the day. Raises ValueError unless there is a period and all
    are whole-minute, ordered and disjoint.
    """

    valid_from: date
    periods: tuple[tuple[time, time], ...]
    spans: tuple[Span, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        edges = [edge for period in self.periods for edge in period]
        if not edges:
            raise ValueError("a timetable has at least one period")
        if any(edge.tzinfo or edge.second or edge.microsecond for edge in edges):
            raise ValueError("a timetable's times are local whole minutes")
        minutes = [edge.hour * 60 + edge.minute for edge in edges]
        starts, ends = minutes[::2], [minute or _DAY for minute in minutes[1::2]]
        empty = any(start >= end for start, end in zip(starts, ends, strict=True))
        overlapping = any(end > start for end, start in zip(ends, starts[1:], strict=False))
        if empty or overlapping:
            raise ValueError("a timetable's periods are ordered, disjoint and not empty")
        object.__setattr__(self, "spans", tuple(zip(starts, ends, strict=True)))

    @classmethod
    def of_hours(cls, valid_from: date, hours: Iterable[tuple[str, str]]) -> Self:
        """From local times as `HH:MM`, where an end may be `24:00`."""
        return cls(
            valid_from,
            tuple(
                (time.fromisoformat(start), time() if end == "24:00" else time.fromisoformat(end))
                for start, end in hours
            ),
        )


DEFAULT_TIMETABLE = Timetable(date.min, ((time(9), time(12)), (time(13), time(17))))
"""Hours assumed on a working day before the unit's first timetable, or if it has none.

Using them is not silent: `Split.default_timetable` says so.
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One year's working days as the State Council arranged them (R20, R21).

    `source` is the notice's document number, `version` a fingerprint of the content used,
    `working_swaps` the weekend days worked in exchange (调休).
    """

    year: int
    source: str
    version: str
    days_off: frozenset[date]
    working_swaps: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """Whether `day`, a date of this calendar's year, is worked."""
        if day.year != self.year:
            raise ValueError(f"{day} is not in the calendar of {self.year}")
        if day.weekday() >= 5:
            return day in self.working_swaps
        return day not in self.days_off

    @property
    def citation(self) -> str:
        """The source as a verdict names it."""
        return f"{self.source}（{self.year}年，版本{self.version}）"


class Calendars:
    """The calendars published so far, one a year; ValueError if a year comes twice."""

    def __init__(self, published: Iterable[Calendar] = ()) -> None:
        self._by_year: dict[int, Calendar] = {}
        for calendar in published:
            if calendar.year in self._by_year:
                raise ValueError(f"two calendars for {calendar.year}")
            self._by_year[calendar.year] = calendar

    def of(self, year: int) -> Calendar | None:
        """The year's calendar, or None while it is not published."""
        return self._by_year.get(year)

    @property
    def citations(self) -> tuple[str, ...]:
        """How they are cited, by year."""
        return tuple(calendar.citation for _, calendar in sorted(self._by_year.items()))

    def as_cited(self, citations: Collection[str]) -> "Calendars":
        """Those that are cited here, each in just that version."""
        published = self._by_year.values()
        return Calendars(each for each in published if each.citation in citations)

    @property
    def years(self) -> tuple[int, ...]:
        """The published years, ascending."""
        return tuple(sorted(self._by_year))


@dataclass(frozen=True, slots=True)
class Split:
    """The verdict on an interval: minutes outside, inside and pending, and from which calendars.

    The three add up to the interval's whole minutes. Verdicts on disjoint intervals can be added.
    """

    outside_minutes: int = 0
    inside_minutes: int = 0
    pending_minutes: int = 0
    citations: tuple[str, ...] = ()
    default_timetable: bool = False

    @property
    def total_minutes(self) -> int:
        """All minutes of the interval."""
        return self.outside_minutes + self.inside_minutes + self.pending_minutes

    @property
    def calendar(self) -> str:
        """Source and version of each calendar used, in Chinese; empty for no minutes (R21)."""
        return "；".join(self.citations)

    def __add__(self, other: "Split") -> "Split":
        return Split(
            self.outside_minutes + other.outside_minutes,
            self.inside_minutes + other.inside_minutes,
            self.pending_minutes + other.pending_minutes,
            tuple(dict.fromkeys(self.citations + other.citations)),
            self.default_timetable or other.default_timetable,
        )


def split(
    interval: Interval,
    calendars: Calendars,
    timetables: Sequence[Timetable] = (),
    shifts: Sequence[Shift] = (),
    leaves: Sequence[Leave] = (),
) -> Split:
    """Split the interval's minutes into outside, inside and pending (R20, R21).

    Each date is judged by the timetable with the latest `valid_from` not after it (of two with
    the same, the later in the sequence), else by DEFAULT_TIMETABLE. Shifts and leaves of other
    times are ignored, so the whole roster of a member may be passed.
    """
    minute, end = interval.first_minute, interval.end_minute
    first_midnight, last_midnight = minute - minute % _DAY, end - end % _DAY + _DAY
    duties = [
        (shift.first_minute, shift.end_minute)
        for shift in shifts
        if shift.first_minute < last_midnight and shift.end_minute > first_midnight
    ]
    absences = [
        (leave.first_minute, leave.end_minute)
        for leave in leaves
        if leave.first_minute < end and leave.end_minute > minute
    ]
    total = end - minute
    inside = pending = 0
    assumed = False
    citations: list[str] = []
    while minute < end:
        ordinal = minute // _DAY
        midnight = ordinal * _DAY
        until = min(end, midnight + _DAY)
        day = date.fromordinal(ordinal)
        calendar = calendars.of(day.year)
        citation = calendar.citation if calendar else f"{day.year}年放假安排尚未公布"
        if citation not in citations:
            citations.append(citation)
        if calendar is None:
            pending += until - minute
        else:
            working = [duty for duty in duties if duty[0] < midnight + _DAY and duty[1] > midnight]
            if not working and calendar.is_working_day(day):
                timetable = _timetable_on(day, timetables)
                assumed = assumed or timetable is DEFAULT_TIMETABLE
                working = [(midnight + start, midnight + stop) for start, stop in timetable.spans]
            # Working minutes less those on leave: |W without L| = |W and L together| - |L|.
            inside += _covered(working + absences, minute, until)
            inside -= _covered(absences, minute, until)
        minute = until
    return Split(total - inside - pending, inside, pending, tuple(citations), assumed)


def _timetable_on(day: date, timetables: Sequence[Timetable]) -> Timetable:
    chosen = DEFAULT_TIMETABLE
    for timetable in timetables:
        if chosen.valid_from <= timetable.valid_from <= day:
            chosen = timetable
    return chosen


def _covered(spans: Sequence[Span], start: int, end: int) -> int:
    """How many minutes of [start, end) lie in at least one of the spans."""
    covered, reached = 0, start
    for first, last in sorted(spans):
        begin, stop = max(first, reached), min(last, end)
        if stop > begin:
            covered += stop - begin
            reached = stop
    return covered
