"""What participations count for, day by day, whatever calendar is published (R15, R16, R20, R21).

The minutes are found by the functions the member's own record is made with, so that both agree to
the minute. Only whether a day is worked is left open: each day has what is inside working time if
it is and if it is not, and whoever adds up knows the calendars.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from service.domain.event import SHANGHAI
from service.domain.evidence import Grade, credited_interval
from service.domain.interval import Interval, count_once
from service.domain.participation import Ledger, ParticipationCorrected, ParticipationRecorded
from service.domain.working_time import Calendar, Calendars, Leave, Shift, Timetable, split
from service.projections.statistics_tables import STANDS, EntryRow


class Day(NamedTuple):
    """What of a participation counts on one day; the columns of `EntryRow` from ``day`` on."""

    day: date
    times: int
    minutes: int = 0
    inside_working: int = 0
    inside_otherwise: int = 0


@dataclass(slots=True)
class Entry:
    """A version of a participation; `EntryRow` says what its fields are."""

    participation_id: str
    since: int
    member_id: str
    position: int
    recorded_at: datetime
    branch_id: str
    community_id: str
    kind: str
    category: str
    ledger: Ledger
    grade: Grade
    starts_at: datetime
    credited: Interval | None
    endorsement: str | None = None
    waiting: bool = True
    days: tuple[Day, ...] = ()
    until: int = STANDS

    @classmethod
    def of(cls, row: EntryRow) -> "Entry":
        """The entry of its first row; the days come with all of them."""
        return cls(
            participation_id=row.participation_id,
            since=row.since,
            member_id=row.member_id,
            position=row.position,
            recorded_at=row.recorded_at,
            branch_id=row.branch_id,
            community_id=row.community_id,
            kind=row.kind,
            category=row.category,
            ledger=row.ledger,
            grade=row.grade,
            starts_at=row.starts_at,
            credited=Interval(row.credited_from, row.credited_until)
            if row.credited_from and row.credited_until
            else None,
            endorsement=row.endorsement,
            waiting=row.waiting,
            until=row.until,
        )

    def rows(self) -> Iterator[tuple[object, ...]]:
        """A row for each day."""
        credited = self.credited
        facts = (
            self.participation_id,
            self.since,
            self.until,
            self.member_id,
            self.position,
            self.recorded_at,
            self.branch_id,
            self.community_id,
            self.kind,
            self.category,
            self.ledger,
            self.grade,
            self.starts_at,
            credited and credited.start,
            credited and credited.end,
            self.endorsement,
            self.waiting,
        )
        return (facts + day for day in self.days)

    def overlaps(self, other: Interval) -> bool:
        """Whether it would count a minute of the other interval."""
        own = self.credited
        return (
            own is not None
            and own.first_minute < other.end_minute
            and other.first_minute < own.end_minute
        )


@dataclass(frozen=True, slots=True)
class AtWork:
    """When a member was at work but for the calendar, as known at a position."""

    timetables: Sequence[Timetable] = ()
    """Of the branch they belonged to, in the order adopted."""
    shifts: Sequence[Shift] = ()
    leaves: Sequence[Leave] = ()


def credit(event: ParticipationRecorded | ParticipationCorrected) -> Interval | None:
    """What of the participation counts were it alone (R15)."""
    return credited_interval(
        Interval(event.starts_at, event.ends_at),
        window_starts_at=event.window_starts_at,
        window_ends_at=event.window_ends_at,
        signed_in_at=event.signed_in_at,
        signed_out_at=event.signed_out_at,
    )


def days(entry: Entry, around: Iterable[Entry], at_work: AtWork) -> tuple[Day, ...]:
    """What the entry comes to beside those it overlaps with: endorsed ones take their minutes
    first, then those recorded first."""
    parts: Sequence[Interval] = ()
    if entry.credited is not None:
        credited = entry.credited
        beside = [each for each in around if each.overlaps(credited)]
        parts = _parts(entry, beside) if beside else [credited]
    began = entry.starts_at.astimezone(SHANGHAI).date()
    found = {began: Day(began, 1)}
    for part in parts:
        for piece in _by_day(part):
            day = piece.start.date()
            before = found.get(day) or Day(day, 0)
            found[day] = Day(
                day,
                before.times,
                before.minutes + piece.minutes,
                before.inside_working + _inside(piece, _ALL_WORKED, at_work),
                # Without a shift nobody works on a day off.
                before.inside_otherwise
                + (_inside(piece, _NONE_WORKED, at_work) if at_work.shifts else 0),
            )
    return tuple(sorted(found.values()))


def _parts(entry: Entry, beside: Iterable[Entry]) -> Sequence[Interval]:
    in_turn = sorted((entry, *beside), key=lambda each: (not each.endorsement, each.position))
    intervals = [(each.participation_id, each.credited) for each in in_turn if each.credited]
    return count_once(intervals)[entry.participation_id].parts


def _inside(piece: Interval, calendars: Calendars, at_work: AtWork) -> int:
    return split(
        piece, calendars, at_work.timetables, at_work.shifts, at_work.leaves
    ).inside_minutes


def _by_day(interval: Interval) -> Iterator[Interval]:
    """The interval cut at midnights of Beijing time."""
    start = interval.start.astimezone(SHANGHAI)
    while start < interval.end:
        midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
        piece = Interval(start, min(interval.end, midnight))
        # A few seconds beyond midnight are no minute of the next day.
        if piece.minutes:
            yield piece
        start = piece.end


class _Alike(Calendars):
    """Calendars by which every day is worked, or none."""

    def __init__(self, *, worked: bool) -> None:
        super().__init__()
        self._worked = worked

    def of(self, year: int) -> Calendar:
        return _year(year, worked=self._worked)


@lru_cache(maxsize=256)
def _year(year: int, *, worked: bool) -> Calendar:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = frozenset(map(date.fromordinal, range(first, last + 1)))
    none = frozenset[date]()
    return Calendar(year, "", "", none if worked else days, days if worked else none)


_ALL_WORKED, _NONE_WORKED = _Alike(worked=True), _Alike(worked=False)
