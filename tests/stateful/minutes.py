"""Minutes counted one by one: what the record's arithmetic must come to (R15, R16, R20, R21)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import chinese_calendar

from service.data.calendars import published_calendars
from service.domain.event import SHANGHAI
from service.domain.evidence import credited_interval, grade
from service.domain.interval import Interval, count_once
from service.domain.working_time import Leave, Shift, Split, Timetable, split
from tests.stateful.model import Town
from tests.stateful.model.town import Participation

LAST_PUBLISHED = 2026
USUAL_HOURS = (("09:00", "12:00"), ("13:00", "17:00"))
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(2020, 1, 1, tzinfo=SHANGHAI)


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MINUTE


def _whole(starts: datetime, ends: datetime) -> range:
    return range(_number(starts), _number(ends))


@lru_cache(maxsize=1024)
def _is_worked(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


def _hours_on(day: date, timetables: Sequence[tuple[date, Any]]) -> Any:
    """The hours that are valid on the day: of those valid from the same day the later adopted."""
    begun = [(valid_from, at) for at, (valid_from, _) in enumerate(timetables) if valid_from <= day]
    return timetables[max(begun)[1]][1] if begun else USUAL_HOURS


def _of_day(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def judged(minutes: Iterable[int], town: Town, branch: str, member: str) -> Counter[str]:
    """How many of these minutes are inside, outside and pending."""
    away = {each for leave in town.leaves.get(member, ()) for each in _whole(*leave)}
    shifts = [_whole(*each) for each in town.shifts.get(member, ())]
    on_duty = {each for shift in shifts for each in shift}
    verdicts: Counter[str] = Counter()
    for number in minutes:
        moment = _EPOCH + number * _MINUTE
        day, of_day = moment.date(), moment.hour * 60 + moment.minute
        midnight = number - of_day
        inside = False
        if day.year > LAST_PUBLISHED:
            verdicts["pending"] += 1
            continue
        if any(shift.start < midnight + 24 * 60 and shift.stop > midnight for shift in shifts):
            inside = number in on_duty
        elif _is_worked(day):
            inside = any(
                _of_day(start) <= of_day < _of_day(end)
                for start, end in _hours_on(day, town.timetables.get(branch, ()))
            )
        verdicts["inside" if inside and number not in away else "outside"] += 1
    return verdicts


def check_minutes(town: Town, standing: dict[str, Any], member: str) -> None:
    """The domain's arithmetic over all that stands of a member comes to what is counted here.

    ``standing`` is the event that counts, by participation, in the order first recorded.
    """
    counted = {
        participation: (event, interval)
        for participation, event in standing.items()
        if event.member_id == member
        and not town.participations[participation].voided
        and (interval := _credited(event)) is not None
    }
    shared = count_once([(each, interval) for each, (_, interval) in counted.items()])
    seen: set[int] = set()
    for participation, (event, _) in counted.items():
        credited = _credited_minutes(event)
        verdict = sum(
            (_split(part, town, event.branch_id, member) for part in shared[participation].parts),
            Split(),
        )
        assert verdict.total_minutes == len(credited - seen), participation
        expected = judged(credited - seen, town, event.branch_id, member)
        assert {
            "inside": verdict.inside_minutes,
            "outside": verdict.outside_minutes,
            "pending": verdict.pending_minutes,
        } == {each: expected[each] for each in ("inside", "outside", "pending")}, participation
        overlapping = {
            other
            for other, (event_of_other, _) in counted.items()
            if other != participation and credited & _credited_minutes(event_of_other)
        }
        assert set(shared[participation].overlaps) == overlapping, participation
        seen |= credited


def _credited(event: Any) -> Interval | None:
    return credited_interval(
        Interval(event.starts_at, event.ends_at),
        window_starts_at=event.window_starts_at,
        window_ends_at=event.window_ends_at,
        signed_in_at=event.signed_in_at,
        signed_out_at=event.signed_out_at,
    )


def _credited_minutes(event: Any) -> set[int]:
    """What was recorded, within the planned window and the signed times as far as known."""
    found = set(_whole(event.starts_at, event.ends_at))
    for first in (event.window_starts_at, event.signed_in_at):
        found = {each for each in found if first is None or each >= _number(first)}
    for last in (event.window_ends_at, event.signed_out_at):
        found = {each for each in found if last is None or each < _number(last)}
    return found


def _split(part: Interval, town: Town, branch: str, member: str) -> Split:
    return split(
        part,
        published_calendars(),
        [Timetable.of_hours(*each) for each in town.timetables.get(branch, ())],
        [Shift(*each) for each in town.shifts.get(member, ())],
        [Leave(*each) for each in town.leaves.get(member, ())],
    )


def check_grade(known: Participation, event: Any) -> None:
    """None exactly while nobody vouches for it; otherwise by how it was seen and when (R16)."""
    endorsed = known.endorsement is not None and not known.voided
    found = grade(
        kind=event.kind,
        ends_at=event.ends_at,
        recorded_at=known.recorded_at,
        signed_in_at=event.signed_in_at,
        signed_out_at=event.signed_out_at,
        endorsed=endorsed,
    )
    if not endorsed:
        assert found is None
        return
    last_day = event.ends_at.date()
    month = (last_day.year * 12 + last_day.month - 1) + 1
    closes = datetime(month // 12, month % 12 + 1, 11, tzinfo=SHANGHAI)
    if known.recorded_at >= closes:
        assert found == "D"
    elif event.kind == "own":
        assert found == "C"
    else:
        both = event.signed_in_at is not None and event.signed_out_at is not None
        assert found == ("A" if both else "B")
