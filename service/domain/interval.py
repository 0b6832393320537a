"""Intervals in local whole minutes, and what of overlapping ones counts (R15).

Every moment is truncated to its whole minute before anything is computed (09:00:59 counts as
09:00), at both ends alike, so that adjacent intervals stay adjacent and minutes add up exactly.

Local means Beijing time. Its fixed offset of eight hours is right for every moment after
15 September 1991, when summer time was last observed, and needs no tz files on the machine.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.domain.event import SHANGHAI

# Minutes are numbered so that `minute // (24 * 60)` is the local date's ordinal.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal() * 24 * 60 + 8 * 60

Span = tuple[int, int]
"""From one local minute to before another."""


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60) + _EPOCH


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp((minute - _EPOCH) * 60, SHANGHAI)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to before `end`, both timezone-aware; may be empty, never reversed.

    `first_minute` and `end_minute` are the local whole minutes all arithmetic uses.
    Raises ValueError for a time without a zone or an end before the start.
    """

    start: datetime
    end: datetime
    first_minute: int = field(init=False, repr=False, compare=False)
    end_minute: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("an interval needs timezone-aware times")
        if self.end < self.start:
            raise ValueError(f"an interval ends before it starts: {self.start} to {self.end}")
        object.__setattr__(self, "first_minute", _minute(self.start))
        object.__setattr__(self, "end_minute", _minute(self.end))

    @property
    def minutes(self) -> int:
        """Length in whole minutes, the ends truncated."""
        return self.end_minute - self.first_minute


@dataclass(frozen=True, slots=True)
class Counted:
    """What of one participation counts: disjoint parts, and with whom it overlaps (R15)."""

    parts: tuple[Interval, ...]
    overlaps: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Minutes counted for this participation."""
        return sum(part.minutes for part in self.parts)


def count_once(intervals: Sequence[tuple[str, Interval]]) -> dict[str, Counted]:
    """Count every minute of one member's participations once (R15).

    `intervals` are (participation id, interval) in the order recorded: the one recorded first
    keeps the shared minutes, the later ones get what is left, so that the parts of all together
    are exactly the union. Every one that shares a minute with another is flagged with its ids,
    in the order recorded. Parts are whole minutes in local time. ValueError if an id comes twice.
    """
    if len({participation for participation, _ in intervals}) < len(intervals):
        raise ValueError("a participation can be counted only once")
    overlaps = _overlaps(intervals)
    taken: list[Span] = []  # sorted, disjoint
    counted: dict[str, Counted] = {}
    for participation, interval in intervals:
        parts = _take(taken, interval.first_minute, interval.end_minute)
        counted[participation] = Counted(
            tuple(Interval(_moment(start), _moment(end)) for start, end in parts),
            overlaps[participation],
        )
    return counted


def _take(taken: list[Span], start: int, end: int) -> list[Span]:
    """Take the free parts of [start, end) and return them."""
    # The first span that can reach beyond `start` is the one before the insertion point.
    at = max(bisect_right(taken, (start, start)) - 1, 0)
    free: list[Span] = []
    while start < end:
        if at == len(taken) or taken[at][0] >= end:
            free.append((start, end))
            break
        first, stop = taken[at]
        if first > start:
            free.append((start, first))
        start = max(start, stop)
        at += 1
    taken.extend(free)
    taken.sort()
    return free


def _overlaps(intervals: Sequence[tuple[str, Interval]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[int]] = {participation: set() for participation, _ in intervals}
    by_start = sorted(
        (interval.first_minute, interval.end_minute, order)
        for order, (_, interval) in enumerate(intervals)
        if interval.minutes
    )
    for at, (_, end, order) in enumerate(by_start):
        for later in range(at + 1, len(by_start)):
            other_start, _, other = by_start[later]
            if other_start >= end:
                break
            found[intervals[order][0]].add(other)
            found[intervals[other][0]].add(order)
    return {
        participation: tuple(intervals[order][0] for order in sorted(orders))
        for participation, orders in found.items()
    }
