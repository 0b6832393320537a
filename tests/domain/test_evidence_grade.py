"""Evidence: grades are derived and credit is clipped (R15, R16)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.domain.activity import ActivityKind
from service.domain.event import SHANGHAI
from service.domain.evidence import GRADE_WORDS, credited_interval, grade, month_closes_at
from service.domain.interval import Interval, count_once
from tests.domain.clean_up import ENDS, HOUR, MINUTE, STARTS

SIGNED = {"signed_in_at": STARTS, "signed_out_at": ENDS}
CLOSES = datetime(2026, 4, 11, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def graded(**differently: Any) -> str | None:
    facts: dict[str, Any] = {
        "kind": ActivityKind.COMMUNITY,
        "ends_at": ENDS,
        "recorded_at": ENDS + HOUR,
        "signed_in_at": None,
        "signed_out_at": None,
        "endorsed": True,
    }
    return grade(**facts | differently)


def test_a_is_signed_in_and_out_and_endorsed() -> None:
    assert graded(**SIGNED) == "A"


@pytest.mark.parametrize("missing", ["signed_in_at", "signed_out_at"])
def test_b_is_endorsed_only(missing: str) -> None:
    assert graded() == "B"
    assert graded(**SIGNED | {missing: None}) == "B"


def test_c_is_the_member_s_own_statement_confirmed() -> None:
    assert graded(kind=ActivityKind.OWN) == "C"
    assert graded(kind=ActivityKind.UNIT) == "B"


@pytest.mark.parametrize("kind", list(ActivityKind))
def test_d_is_entered_after_the_month_closed(kind: ActivityKind) -> None:
    assert graded(**SIGNED, kind=kind, recorded_at=CLOSES) == "D"
    assert graded(**SIGNED, kind=kind, recorded_at=CLOSES - SECOND) != "D"


def test_without_an_endorsement_there_is_no_grade() -> None:
    for kind in ActivityKind:
        assert graded(**SIGNED, kind=kind, endorsed=False) is None
    assert graded(endorsed=False, recorded_at=CLOSES) is None


def test_every_grade_has_its_words() -> None:
    assert list(GRADE_WORDS) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("served_until", "closes_at"),
    [
        ("2026-03-01T00:00+08:00", "2026-04-11T00:00+08:00"),
        ("2026-03-31T23:59+08:00", "2026-04-11T00:00+08:00"),
        ("2026-04-01T00:00+08:00", "2026-05-11T00:00+08:00"),
        ("2026-01-31T12:00+08:00", "2026-02-11T00:00+08:00"),
        ("2026-12-05T12:00+08:00", "2027-01-11T00:00+08:00"),
    ],
)
def test_a_month_closes_ten_days_after_its_end(served_until: str, closes_at: str) -> None:
    closes = month_closes_at(datetime.fromisoformat(served_until))
    assert closes == datetime.fromisoformat(closes_at)


def test_a_month_is_the_local_one() -> None:
    assert month_closes_at(datetime(2026, 3, 31, 17, tzinfo=UTC)).month == 5


def test_planned_two_hours_signed_four_hours_credits_two() -> None:
    signed = Interval(STARTS - HOUR, ENDS + HOUR)
    assert signed.minutes == 240
    credit = credited_interval(
        signed,
        window_starts_at=STARTS,
        window_ends_at=ENDS,
        signed_in_at=signed.start,
        signed_out_at=signed.end,
    )
    assert credit is not None
    assert credit.minutes == 120


def test_only_the_time_between_the_signatures_is_credited() -> None:
    recorded = Interval(STARTS, ENDS)
    late = credited_interval(recorded, signed_in_at=STARTS + HOUR)
    early = credited_interval(recorded, signed_out_at=ENDS - MINUTE)
    assert late == Interval(STARTS + HOUR, ENDS)
    assert early == Interval(STARTS, ENDS - MINUTE)


def test_only_the_recorded_interval_is_credited() -> None:
    recorded = Interval(STARTS + MINUTE, ENDS - MINUTE)
    window = {"window_starts_at": STARTS, "window_ends_at": ENDS}
    assert credited_interval(recorded, **window) == recorded
    assert credited_interval(recorded) == recorded


def test_nothing_is_credited_outside_the_window() -> None:
    after = Interval(ENDS, ENDS + HOUR)
    assert credited_interval(after, window_starts_at=STARTS, window_ends_at=ENDS) is None


def test_credited_overlaps_count_once_and_both_are_flagged() -> None:
    one = credited_interval(Interval(STARTS, ENDS), window_ends_at=ENDS)
    two = credited_interval(Interval(STARTS + HOUR, ENDS + HOUR))
    assert one is not None
    assert two is not None
    counted = count_once([("one", one), ("two", two)])
    assert sum(each.minutes for each in counted.values()) == 180
    assert counted["one"].overlaps == ("two",)
    assert counted["two"].overlaps == ("one",)
