"""What working time needs to know: timetables, leave and shifts (R20)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from service.domain.event import SHANGHAI, Command
from service.domain.membership import UnknownMember
from service.domain.organisation import UnknownOrganisation
from service.domain.working_schedule import (
    AdoptTimetable,
    ApproveLeave,
    AssignShifts,
    DutyShift,
    LeaveApproved,
    LeaveReason,
    LeaveWithoutDuration,
    MalformedTimetable,
    NoShifts,
    ShiftsAssigned,
    ShiftsOverlap,
    ShiftWithoutDuration,
    TimetableAdopted,
    WorkingHours,
)
from tests.domain.story import given
from tests.domain.town import AT, BRANCH, COMMUNITY, LI, MEMBER, OTHER_BRANCH, acting


def hours(*periods: tuple[str, str]) -> tuple[WorkingHours, ...]:
    """Periods as the branch writes them."""
    return tuple(WorkingHours(starts_at=start, ends_at=end) for start, end in periods)


def shift(day: int, start: int, length: float = 8) -> DutyShift:
    """A shift in July that lasts so many hours."""
    begins = datetime(2026, 7, day, start, tzinfo=SHANGHAI)
    return DutyShift(starts_at=begins, ends_at=begins + timedelta(hours=length))


adopt = AdoptTimetable(
    by=acting(BRANCH),
    at=AT,
    branch_id=BRANCH,
    valid_from=date(2026, 1, 1),
    hours=hours(("09:00", "12:00"), ("13:00", "17:00")),
)
leave = ApproveLeave(
    by=acting(BRANCH),
    at=AT,
    leave_id="leave",
    member_id=LI,
    starts_at=datetime(2026, 3, 4, 14, 0, tzinfo=SHANGHAI),
    ends_at=datetime(2026, 3, 4, 16, 0, tzinfo=SHANGHAI),
    reason_code=LeaveReason.ANNUAL,
)
assign = AssignShifts(by=acting(BRANCH), at=AT, member_id=LI, shifts=(shift(4, 8), shift(5, 16)))


def test_a_branch_adopts_its_timetable() -> None:
    given(*MEMBER).when(adopt).then(TimetableAdopted, valid_from=date(2026, 1, 1))


def test_a_timetable_may_end_at_midnight() -> None:
    given(*MEMBER).when(replace(adopt, hours=hours(("16:00", "24:00")))).then(TimetableAdopted)


@pytest.mark.parametrize(
    "periods",
    [
        (),
        (("09:00", "09:00"),),
        (("13:00", "17:00"), ("09:00", "12:00")),
        (("09:00", "13:00"), ("12:00", "17:00")),
        (("9点", "12:00"),),
        (("09:00:30", "12:00"),),
        (("25:00", "26:00"),),
    ],
)
def test_malformed_timetable(periods: tuple[tuple[str, str], ...]) -> None:
    command = replace(adopt, hours=hours(*periods))
    given(*MEMBER).when(command).refused(MalformedTimetable, pointer="/hours")


@pytest.mark.parametrize("branch_id", [COMMUNITY, "nowhere"])
def test_only_a_branch_adopts_a_timetable(branch_id: str) -> None:
    given(*MEMBER).when(replace(adopt, branch_id=branch_id)).refused(UnknownOrganisation)


def test_a_branch_approves_leave() -> None:
    given(*MEMBER).when(leave).then(LeaveApproved, branch_id=BRANCH)


@pytest.mark.parametrize("command", [leave, assign])
def test_unknown_member_for_every_other_branch(command: Command) -> None:
    given(*MEMBER).when(replace(command, by=acting(OTHER_BRANCH))).refused(UnknownMember)


@pytest.mark.parametrize("seconds", [-3600, 0, 59])
def test_leave_without_duration(seconds: int) -> None:
    command = replace(leave, ends_at=leave.starts_at + timedelta(seconds=seconds))
    given(*MEMBER).when(command).refused(LeaveWithoutDuration, pointer="/ends_at")


def test_a_branch_assigns_shifts() -> None:
    given(*MEMBER).when(assign).then(ShiftsAssigned, shifts=assign.shifts)


def test_no_shifts() -> None:
    given(*MEMBER).when(replace(assign, shifts=())).refused(NoShifts, pointer="/shifts")


@pytest.mark.parametrize("length", [0, -1, 59 / 3600])
def test_shift_without_duration(length: float) -> None:
    command = replace(assign, shifts=(shift(4, 8), shift(5, 8, length)))
    given(*MEMBER).when(command).refused(ShiftWithoutDuration, pointer="/shifts/1/ends_at")


def test_shifts_overlap_in_one_roster() -> None:
    command = replace(assign, shifts=(shift(4, 15), shift(4, 8)))
    given(*MEMBER).when(command).refused(ShiftsOverlap, pointer="/shifts")


def test_a_long_shift_overlaps_later_ones_that_are_not_next_to_it() -> None:
    command = replace(assign, shifts=(shift(4, 0, 48), shift(4, 8, 0.5), shift(5, 8, 0.5)))
    given(*MEMBER).when(command).refused(ShiftsOverlap)


def test_shifts_overlap_those_assigned_before() -> None:
    command = replace(assign, shifts=(shift(4, 15),))
    given(*MEMBER).when(assign).when(command).refused(ShiftsOverlap, pointer="/shifts")


def test_shifts_overlap_also_when_written_in_another_zone() -> None:
    in_utc = DutyShift(
        starts_at=datetime(2026, 7, 4, 1, tzinfo=UTC), ends_at=datetime(2026, 7, 4, 2, tzinfo=UTC)
    )
    command = replace(assign, shifts=(in_utc,))
    given(*MEMBER).when(assign).when(command).refused(ShiftsOverlap)


def test_a_shift_may_begin_when_the_one_before_ends() -> None:
    given(*MEMBER).when(assign).when(replace(assign, shifts=(shift(4, 16),))).then(ShiftsAssigned)


@pytest.mark.parametrize("reason", LeaveReason)
def test_every_reason_for_leave_has_a_chinese_word(reason: LeaveReason) -> None:
    assert reason.word
