"""作息、请假、排班: when a member is at work, as working time needs to know it (R20)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from service.domain.event import (
    BranchId,
    Command,
    Event,
    Instant,
    MemberId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.membership import Memberships
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.working_time import Leave, Shift, Timetable


class WorkingHours(BaseModel):
    """工作时段: local times as ``HH:MM``; ``ends_at`` may be ``24:00``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_at: str
    ends_at: str


class TimetableAdopted(Event, type="TimetableAdopted"):
    """作息时间: the branch's working hours on a working day from ``valid_from`` on (R20)."""

    branch_id: BranchId
    valid_from: date
    hours: tuple[WorkingHours, ...]


class LeaveReason(StrEnum):
    """请假原因 (R20)."""

    ANNUAL = "annual"
    PERSONAL = "personal"
    SICK = "sick"
    MARRIAGE = "marriage"
    MATERNITY = "maternity"
    BEREAVEMENT = "bereavement"
    FAMILY_VISIT = "family_visit"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "annual": "年休假",
            "personal": "事假",
            "sick": "病假",
            "marriage": "婚假",
            "maternity": "产假",
            "bereavement": "丧假",
            "family_visit": "探亲假",
            "other": "其他",
        }[self.value]


class LeaveApproved(Event, type="LeaveApproved"):
    """批准请假: inside this interval the member was not at work (R20)."""

    leave_id: Annotated[str, Tag("leave")]
    member_id: MemberId
    branch_id: BranchId
    starts_at: Instant
    ends_at: Instant
    reason_code: LeaveReason


class DutyShift(BaseModel):
    """值班: one interval on duty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_at: Instant
    ends_at: Instant


class ShiftsAssigned(Event, type="ShiftsAssigned"):
    """排班: the member's shift roster for these days, instead of the timetable (R20)."""

    member_id: MemberId
    branch_id: BranchId
    shifts: tuple[DutyShift, ...]


class MalformedTimetable(Rejection):
    """作息时间不正确：时段须按先后排列、互不重叠，精确到分钟。"""

    rule = "R20"


class LeaveWithoutDuration(Rejection):
    """请假的结束时间须晚于开始时间。"""

    rule = "R20"


class NoShifts(Rejection):
    """排班表中没有班次。"""

    rule = "R20"


class ShiftWithoutDuration(Rejection):
    """班次的结束时间须晚于开始时间至少一分钟。"""

    rule = "R20"


class ShiftsOverlap(Rejection):
    """班次之间互相重叠，或与已排班次重叠。"""

    rule = "R20"


@dataclass(kw_only=True)
class AdoptTimetable(Command):
    """作息时间: the branch adopts working hours from a date on (R20)."""

    branch_id: str
    valid_from: date
    hours: tuple[WorkingHours, ...]
    organisations: Organisations = field(init=False, default_factory=Organisations)

    def consistency_boundary(self) -> list[Selector]:
        return [Organisations.about(self.branch_id)]

    def execute(self) -> None:
        self.organisations.require(self.branch_id, OrganisationKind.BRANCH)
        try:
            Timetable.of_hours(self.valid_from, ((h.starts_at, h.ends_at) for h in self.hours))
        except ValueError:
            raise MalformedTimetable(pointer="/hours") from None
        self.happened(
            TimetableAdopted(branch_id=self.branch_id, valid_from=self.valid_from, hours=self.hours)
        )


@dataclass(kw_only=True)
class ApproveLeave(Command):
    """批准请假: the branch approves its member's leave (R20)."""

    leave_id: str
    member_id: str
    starts_at: datetime
    ends_at: datetime
    reason_code: LeaveReason
    memberships: Memberships = field(init=False, default_factory=Memberships)

    def consistency_boundary(self) -> list[Selector]:
        return [Memberships.about(self.member_id)]

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        if self.ends_at < self.starts_at or not Leave(self.starts_at, self.ends_at).minutes:
            raise LeaveWithoutDuration(pointer="/ends_at")
        self.happened(
            LeaveApproved(
                leave_id=self.leave_id,
                member_id=self.member_id,
                branch_id=branch_id,
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                reason_code=self.reason_code,
            )
        )


def shifts_overlap(shifts: Iterable[DutyShift]) -> bool:
    """Whether any two of the shifts share a moment."""
    in_order = sorted(shifts, key=lambda shift: shift.starts_at)
    return any(earlier.ends_at > later.starts_at for earlier, later in pairwise(in_order))


@dataclass(kw_only=True)
class AssignShifts(Command):
    """排班: the branch assigns its member's shifts (R20)."""

    member_id: str
    shifts: tuple[DutyShift, ...]
    memberships: Memberships = field(init=False, default_factory=Memberships)
    assigned: list[DutyShift] = field(init=False, default_factory=list)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Memberships.about(self.member_id),
            Selector([ShiftsAssigned], [f"member:{self.member_id}"]),
        ]

    @on(ShiftsAssigned)
    def _(self, shifts: tuple[DutyShift, ...]) -> None:
        self.assigned += shifts

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        if not self.shifts:
            raise NoShifts(pointer="/shifts")
        for row, shift in enumerate(self.shifts):
            try:
                Shift(shift.starts_at, shift.ends_at)
            except ValueError:
                raise ShiftWithoutDuration(pointer=f"/shifts/{row}/ends_at") from None
        if shifts_overlap([*self.assigned, *self.shifts]):
            raise ShiftsOverlap(pointer="/shifts")
        self.happened(
            ShiftsAssigned(member_id=self.member_id, branch_id=branch_id, shifts=self.shifts)
        )
