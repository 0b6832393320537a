"""Intervals: whole minutes, and overlaps that count once (R15)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.event import SHANGHAI
from service.domain.interval import Interval, count_once

NOON = datetime(2026, 3, 7, 12, tzinfo=SHANGHAI)


def interval(start: int, end: int) -> Interval:
    """An interval in minutes after noon."""
    return Interval(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


spans = st.tuples(st.integers(0, 400), st.integers(0, 200)).map(
    lambda drawn: interval(drawn[0], drawn[0] + drawn[1])
)


def test_an_interval_needs_a_time_zone() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="timezone-aware"):
        Interval(naive, naive)


def test_an_interval_never_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        interval(1, 0)


def test_seconds_are_truncated_at_both_ends() -> None:
    start = NOON + timedelta(seconds=59)
    assert Interval(start, NOON + timedelta(minutes=10, seconds=1)).minutes == 10
    assert Interval(NOON, NOON + timedelta(minutes=10, seconds=59)).minutes == 10


def test_an_overlap_counts_once_for_the_one_recorded_first_and_both_are_flagged() -> None:
    counted = count_once([("later hour", interval(60, 180)), ("earlier hour", interval(0, 120))])
    assert counted["later hour"].minutes == 120
    assert counted["earlier hour"].parts == (interval(0, 60),)
    assert counted["later hour"].overlaps == ("earlier hour",)
    assert counted["earlier hour"].overlaps == ("later hour",)


def test_adjacent_participations_do_not_overlap() -> None:
    counted = count_once([("a", interval(0, 60)), ("b", interval(60, 120))])
    assert [counted[each].minutes for each in "ab"] == [60, 60]
    assert [counted[each].overlaps for each in "ab"] == [(), ()]


def test_what_is_left_around_an_earlier_one_counts_in_two_parts() -> None:
    counted = count_once([("inner", interval(30, 60)), ("outer", interval(0, 120))])
    assert counted["outer"].parts == (interval(0, 30), interval(60, 120))


def test_an_empty_participation_overlaps_with_nothing() -> None:
    counted = count_once([("a", interval(0, 60)), ("empty", interval(30, 30))])
    assert counted["empty"].parts == ()
    assert counted["a"].overlaps == ()


def test_the_same_participation_is_not_counted_twice() -> None:
    with pytest.raises(ValueError, match="only once"):
        count_once([("a", interval(0, 1)), ("a", interval(0, 1))])


@given(st.lists(spans, max_size=8))
def test_counted_minutes_are_exactly_the_union(intervals: list[Interval]) -> None:
    counted = count_once([(str(order), each) for order, each in enumerate(intervals)])
    union = {minute for each in intervals for minute in range(each.first_minute, each.end_minute)}
    parts = [part for each in counted.values() for part in each.parts]
    minutes = [minute for part in parts for minute in range(part.first_minute, part.end_minute)]
    assert len(minutes) == len(set(minutes))
    assert set(minutes) == union


@given(st.lists(spans, max_size=8))
def test_exactly_those_that_share_a_minute_are_flagged(intervals: list[Interval]) -> None:
    counted = count_once([(str(order), each) for order, each in enumerate(intervals)])
    for order, one in enumerate(intervals):
        assert counted[str(order)].overlaps == tuple(
            str(other)
            for other, two in enumerate(intervals)
            if other != order
            and max(one.first_minute, two.first_minute) < min(one.end_minute, two.end_minute)
        )
