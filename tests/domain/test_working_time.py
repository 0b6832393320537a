"""Outside the eight hours: the seven cases of the rule, and what holds for every interval."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.data.calendars import published_calendars
from service.domain.event import SHANGHAI
from service.domain.interval import Interval
from service.domain.working_time import (
    DEFAULT_TIMETABLE,
    Calendar,
    Calendars,
    Leave,
    Shift,
    Split,
    Timetable,
    split,
)
from tests.domain.test_calendars import notice

UNIT = Timetable(date(2024, 1, 1), ((time(9), time(12)), (time(13), time(17))))
WEDNESDAY = date(2026, 3, 4)


def at(day: date, clock: str) -> datetime:
    """The local moment; ``24:00`` is the midnight that ends the day."""
    if clock == "24:00":
        return at(day + timedelta(days=1), "00:00")
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)


def on(day: date, start: str, end: str) -> Interval:
    return Interval(at(day, start), at(day, end))


def judge(
    interval: Interval,
    timetables: tuple[Timetable, ...] = (UNIT,),
    shifts: tuple[Shift, ...] = (),
    leaves: tuple[Leave, ...] = (),
) -> tuple[int, int, int]:
    """Inside, outside and pending minutes by the published calendars."""
    verdict = split(interval, published_calendars(), timetables, shifts, leaves)
    return verdict.inside_minutes, verdict.outside_minutes, verdict.pending_minutes


# The seven cases, in the rule's order.


def test_a_saturday_worked_in_exchange_is_inside() -> None:
    assert judge(on(date(2026, 2, 14), "09:00", "11:00")) == (120, 0, 0)


def test_spring_festival_on_a_tuesday_is_outside() -> None:
    assert judge(on(date(2026, 2, 17), "09:00", "11:00")) == (0, 120, 0)


def test_the_lunch_break_of_a_swap_day_is_outside() -> None:
    assert judge(on(date(2026, 2, 28), "12:00", "14:00")) == (60, 60, 0)


def test_after_work_on_a_working_day_is_outside() -> None:
    assert judge(on(WEDNESDAY, "16:00", "18:30")) == (60, 90, 0)


def test_a_weekend_on_shift_is_inside() -> None:
    saturday = date(2026, 7, 4)
    duty = Shift(at(saturday, "08:00"), at(saturday, "16:00"))
    assert judge(on(saturday, "09:00", "11:00"), shifts=(duty,)) == (120, 0, 0)


def test_approved_leave_on_a_working_day_is_outside() -> None:
    leave = Leave.of_days(WEDNESDAY, WEDNESDAY)
    assert judge(on(WEDNESDAY, "14:00", "16:00"), leaves=(leave,)) == (0, 120, 0)


def test_a_year_whose_calendar_is_not_published_is_pending() -> None:
    assert judge(on(date(2027, 5, 1), "09:00", "11:00")) == (0, 0, 120)


def test_adding_the_calendar_computes_what_was_pending(tmp_path: Path) -> None:
    (tmp_path / "2027.json").write_text(json.dumps(notice()))
    saturday = on(date(2027, 5, 1), "09:00", "11:00")
    verdict = split(saturday, published_calendars(tmp_path), (UNIT,))
    assert (verdict.outside_minutes, verdict.pending_minutes) == (120, 0)
    assert "国办发明电〔2026〕9号" in verdict.calendar


# Shifts, leave and timetables.


def test_a_shift_replaces_the_timetable_on_its_date() -> None:
    evening = Shift(at(WEDNESDAY, "18:00"), at(WEDNESDAY, "22:00"))
    assert judge(on(WEDNESDAY, "09:00", "20:00"), shifts=(evening,)) == (120, 540, 0)


def test_a_night_shift_reaches_into_the_next_date() -> None:
    thursday = WEDNESDAY + timedelta(days=1)
    night = Shift(at(WEDNESDAY, "22:00"), at(thursday, "06:00"))
    assert judge(on(thursday, "05:00", "11:00"), shifts=(night,)) == (60, 300, 0)


def test_a_shift_that_ends_at_midnight_leaves_the_next_date_alone() -> None:
    late = Shift(at(WEDNESDAY, "16:00"), at(WEDNESDAY, "24:00"))
    thursday = WEDNESDAY + timedelta(days=1)
    assert judge(on(thursday, "09:00", "11:00"), shifts=(late,)) == (120, 0, 0)


def test_overlapping_shifts_count_once() -> None:
    duties = (
        Shift(at(WEDNESDAY, "08:00"), at(WEDNESDAY, "12:00")),
        Shift(at(WEDNESDAY, "10:00"), at(WEDNESDAY, "14:00")),
    )
    assert judge(on(WEDNESDAY, "07:00", "15:00"), shifts=duties) == (360, 120, 0)


def test_an_empty_shift_is_refused() -> None:
    moment = at(WEDNESDAY, "08:00")
    with pytest.raises(ValueError, match="at least a minute"):
        Shift(moment, moment + timedelta(seconds=20))


def test_leave_for_part_of_a_shift_is_outside() -> None:
    duty = Shift(at(WEDNESDAY, "08:00"), at(WEDNESDAY, "16:00"))
    leave = Leave(at(WEDNESDAY, "10:00"), at(WEDNESDAY, "11:00"))
    assert judge(on(WEDNESDAY, "09:00", "12:00"), (UNIT,), (duty,), (leave,)) == (120, 60, 0)


def test_a_timetable_may_change_during_the_interval() -> None:
    thursday = WEDNESDAY + timedelta(days=1)
    summer = Timetable(thursday, ((time(8), time(11)), (time(14), time(18))))
    whole = Interval(at(WEDNESDAY, "17:00"), at(thursday, "09:00"))
    assert judge(whole, (UNIT, summer)) == (60, 900, 0)
    assert judge(whole, (summer, UNIT)) == (60, 900, 0)


def test_of_two_timetables_from_the_same_day_the_later_one_counts() -> None:
    mistaken = Timetable(WEDNESDAY, ((time(8), time(9)),))
    put_right = Timetable(WEDNESDAY, ((time(8), time(10)),))
    assert judge(on(WEDNESDAY, "08:00", "10:00"), (mistaken, put_right)) == (120, 0, 0)


def test_without_a_timetable_the_eight_hours_are_assumed_and_said_so() -> None:
    morning = on(WEDNESDAY, "08:00", "10:00")
    assumed = split(morning, published_calendars())
    assert assumed.inside_minutes == 60
    assert assumed.default_timetable
    assert not split(morning, published_calendars(), (UNIT,)).default_timetable


def test_a_timetable_may_end_at_midnight() -> None:
    late = Timetable.of_hours(date(2026, 1, 1), [("16:00", "24:00")])
    assert judge(on(WEDNESDAY, "23:00", "24:00"), (late,)) == (60, 0, 0)


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        ([], "at least one"),
        ([("09:00", "09:00")], "not empty"),
        ([("12:00", "09:00")], "ordered"),
        ([("09:00", "12:00"), ("11:00", "17:00")], "disjoint"),
        ([("09:00:30", "12:00")], "whole minutes"),
    ],
)
def test_an_impossible_timetable_is_refused(hours: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Timetable.of_hours(date(2026, 1, 1), hours)


def test_two_calendars_for_one_year_are_refused() -> None:
    calendar = published_calendars().of(2026)
    assert calendar is not None
    with pytest.raises(ValueError, match="two calendars for 2026"):
        Calendars([calendar, calendar])


def test_new_year_s_eve_into_a_year_without_a_calendar_is_half_pending() -> None:
    eve = Interval(at(date(2026, 12, 31), "16:00"), at(date(2027, 1, 1), "01:00"))
    verdict = split(eve, published_calendars(), (UNIT,))
    assert (verdict.inside_minutes, verdict.outside_minutes) == (60, 420)
    assert verdict.pending_minutes == 60
    assert verdict.citations[0].startswith("国办发明电〔2025〕7号")
    assert verdict.citations[1] == "2027年放假安排尚未公布"


def test_a_verdict_names_the_calendar_and_its_version() -> None:
    calendar = published_calendars().of(2026)
    assert calendar is not None
    assert split(on(WEDNESDAY, "09:00", "10:00"), published_calendars()).calendar == (
        f"国办发明电〔2025〕7号（2026年，版本{calendar.version}）"
    )


def test_no_minutes_need_no_calendar() -> None:
    assert split(on(WEDNESDAY, "09:00", "09:00"), published_calendars()) == Split()


# What holds for every interval, around midnight, month ends and new calendars.

FIRST = datetime(2025, 12, 25, tzinfo=SHANGHAI)
moments = st.integers(0, 100 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
lengths = st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
intervals = st.builds(lambda start, length: Interval(start, start + length), moments, lengths)
leaves = st.lists(
    st.builds(lambda start, length: Leave(start, start + length), moments, lengths), max_size=3
)
shifts = st.lists(
    st.builds(
        lambda start, length: Shift(start, start + length + timedelta(minutes=1)), moments, lengths
    ),
    max_size=3,
)


def _timetable(days: int, edges: list[int]) -> Timetable:
    clock = [time(edge // 60, edge % 60) for edge in sorted(edges)]
    return Timetable(FIRST.date() + timedelta(days=days), ((clock[0], clock[1]),))


timetables = st.lists(
    st.builds(
        _timetable,
        st.integers(-5, 100),
        st.lists(st.integers(1, 24 * 60 - 1), min_size=2, max_size=2, unique=True),
    ),
    max_size=3,
)
ONLY_2026 = Calendars(
    [calendar for year in (2026,) if (calendar := published_calendars().of(year)) is not None]
)


@given(intervals, timetables, shifts, leaves)
def test_inside_outside_and_pending_add_up_to_the_total(
    interval: Interval, units: list[Timetable], duties: list[Shift], absences: list[Leave]
) -> None:
    verdict = split(interval, ONLY_2026, units, duties, absences)
    parts = (verdict.inside_minutes, verdict.outside_minutes, verdict.pending_minutes)
    assert min(parts) >= 0
    assert sum(parts) == interval.minutes == verdict.total_minutes


@given(intervals, lengths, timetables, shifts, leaves)
def test_adjacent_intervals_add_up(
    one: Interval,
    length: timedelta,
    units: list[Timetable],
    duties: list[Shift],
    absences: list[Leave],
) -> None:
    two = Interval(one.end, one.end + length)
    verdicts = [
        split(each, ONLY_2026, units, duties, absences)
        for each in (one, two, Interval(one.start, two.end))
    ]
    assert verdicts[0] + verdicts[1] == verdicts[2]


@given(intervals, lengths, lengths, timetables, shifts, leaves)
def test_a_longer_interval_never_has_less_of_anything(
    short: Interval,
    before: timedelta,
    after: timedelta,
    units: list[Timetable],
    duties: list[Shift],
    absences: list[Leave],
) -> None:
    long = Interval(short.start - before, short.end + after)
    less = split(short, ONLY_2026, units, duties, absences)
    more = split(long, ONLY_2026, units, duties, absences)
    assert less.inside_minutes <= more.inside_minutes
    assert less.outside_minutes <= more.outside_minutes
    assert less.pending_minutes <= more.pending_minutes


@given(intervals, timetables, shifts, leaves)
def test_the_verdict_is_that_of_every_minute_judged_by_itself(
    interval: Interval, units: list[Timetable], duties: list[Shift], absences: list[Leave]
) -> None:
    calendars = published_calendars()
    short = Interval(interval.start, min(interval.end, interval.start + timedelta(hours=30)))
    expected = sum(
        _inside(minute, calendars, units, duties, absences)
        for minute in range(short.first_minute, short.end_minute)
    )
    assert split(short, calendars, units, duties, absences).inside_minutes == expected


def _inside(
    minute: int,
    calendars: Calendars,
    units: list[Timetable],
    duties: list[Shift],
    absences: list[Leave],
) -> bool:
    """The rule read aloud, for one minute."""
    day, clock = date.fromordinal(minute // 1440), minute % 1440
    midnight = minute - clock
    if any(leave.first_minute <= minute < leave.end_minute for leave in absences):
        return False
    today = [
        duty
        for duty in duties
        if duty.first_minute < midnight + 1440 and duty.end_minute > midnight
    ]
    if today:
        return any(duty.first_minute <= minute < duty.end_minute for duty in today)
    calendar: Calendar | None = calendars.of(day.year)
    if calendar is None or not calendar.is_working_day(day):
        return False
    valid = [unit for unit in units if unit.valid_from <= day]
    unit = max(reversed(valid), key=lambda each: each.valid_from, default=DEFAULT_TIMETABLE)
    return any(start <= clock < end for start, end in unit.spans)


@given(moments, st.integers(0, 59), st.integers(0, 59))
def test_seconds_never_make_or_lose_a_minute(start: datetime, one: int, two: int) -> None:
    end = start + timedelta(minutes=90)
    ragged = Interval(start + timedelta(seconds=one), end + timedelta(seconds=two))
    assert split(ragged, ONLY_2026) == split(Interval(start, end), ONLY_2026)
