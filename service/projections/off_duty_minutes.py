"""What the entries of one member and year come to: credit, overlaps, working time (R15, R20, R21).

Everything is in Beijing time. An interval over New Year is split there: each year shows the entry
with the minutes that lie in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from service.domain.event import SHANGHAI
from service.domain.evidence import credited_interval
from service.domain.interval import Interval, count_once
from service.domain.working_time import Calendars, Leave, Shift, Split, Timetable, split
from service.projections.off_duty_tables import Document

NO_MINUTES = Split()


@dataclass(frozen=True)
class WorkingTime:
    """When the member was at work, as known today."""

    calendars: Calendars
    timetables: Mapping[str, Sequence[Timetable]]
    """By branch, in the order adopted."""
    shifts: Sequence[Shift]
    leaves: Sequence[Leave]

    @classmethod
    def of(
        cls,
        document: Document,
        timetables: Mapping[str, Sequence[Timetable]],
        calendars: Calendars,
    ) -> Self:
        """Of a member, by their document."""
        return cls(
            calendars,
            timetables,
            [Shift(*map(datetime.fromisoformat, shift)) for shift in document["shifts"]],
            [Leave(*map(datetime.fromisoformat, leave)) for leave in document["leaves"]],
        )

    def split(self, interval: Interval, branch_id: str) -> Split:
        """The minutes of an interval by the hours of the branch the member then belonged to."""
        timetables = self.timetables.get(branch_id, ())
        return split(interval, self.calendars, timetables, self.shifts, self.leaves)


@dataclass(frozen=True)
class Verdict:
    """What one entry comes to in the year."""

    total: Split = NO_MINUTES
    months: Mapping[int, Split] = field(default_factory=dict)
    overlaps: tuple[str, ...] = ()


def counts(document: Document) -> bool:
    """Whether the entry's minutes count: endorsed as it stands, and not voided."""
    return document["endorsement"] is not None and document["voided"] is None


def verdicts(
    year: int, entries: Sequence[tuple[str, Document]], working_time: WorkingTime
) -> dict[str, Verdict]:
    """What each entry comes to, by participation; ``entries`` are in the order recorded.

    Endorsed entries take their minutes first: one that nobody vouched for takes nothing from
    them. Voided entries come to nothing and overlap with nothing.
    """
    whole_year = Interval(
        datetime(year, 1, 1, tzinfo=SHANGHAI), datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
    )
    found = {participation: Verdict() for participation, _ in entries}
    documents = dict(entries)
    in_turn = sorted(entries, key=lambda entry: not counts(entry[1]))  # stable
    intervals = [
        (participation, interval)
        for participation, document in in_turn
        if document["voided"] is None and (interval := _credited(document, whole_year))
    ]
    for participation, counted in count_once(intervals).items():
        branch_id = documents[participation]["branch_id"]
        total, months = NO_MINUTES, dict[int, Split]()
        for part in counted.parts:
            for piece in _by_month(part):
                minutes = working_time.split(piece, branch_id)
                total += minutes
                month = piece.start.month
                months[month] = months.get(month, NO_MINUTES) + minutes
        found[participation] = Verdict(total, months, counted.overlaps)
    return found


def moment(text: str | None) -> datetime | None:
    """A moment of a document."""
    return None if text is None else datetime.fromisoformat(text).astimezone(SHANGHAI)


def _credited(document: Document, whole_year: Interval) -> Interval | None:
    starts_at, ends_at = moment(document["window_starts_at"]), moment(document["window_ends_at"])
    return credited_interval(
        Interval(
            datetime.fromisoformat(document["starts_at"]),
            datetime.fromisoformat(document["ends_at"]),
        ),
        window_starts_at=max(starts_at, whole_year.start) if starts_at else whole_year.start,
        window_ends_at=min(ends_at, whole_year.end) if ends_at else whole_year.end,
        signed_in_at=moment(document["signed_in_at"]),
        signed_out_at=moment(document["signed_out_at"]),
    )


def _by_month(interval: Interval) -> Iterator[Interval]:
    start = interval.start.astimezone(SHANGHAI)
    while start < interval.end:
        following = datetime(
            start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=SHANGHAI
        )
        if start == interval.start and interval.end <= following:
            yield interval
            return
        end = min(interval.end, following)
        yield Interval(start, end)
        start = end
