"""名册: who belongs to which branch, and when they work (R2-R4, R20)."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from service.domain.event import (
    AssessmentText,
    BranchId,
    Event,
    Instant,
    MemberId,
    PersonalText,
    Tag,
)


class MemberEnrolled(Event, type="MemberEnrolled"):
    """党员入册: a branch lists a member whose formal membership it holds (R2).

    ``person`` is a keyed hash of the ID number: the same natural person has the same one, and
    nobody can go back from it to the number.
    """

    member_id: MemberId
    branch_id: BranchId
    member_no: Annotated[str, Tag("member-no")]
    person: Annotated[str, Tag("person")]
    name: PersonalText
    id_number: PersonalText
    phone: PersonalText
    specialities: tuple[str, ...] = ()


class RosterPublished(Event, type="RosterPublished"):
    """名册公布: the branch states its head count; a difference to the list is explained (R2)."""

    branch_id: BranchId
    stated_head_count: int
    listed_head_count: int
    difference_explained: str | None = None


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


class LeaveApproved(Event, type="LeaveApproved"):
    """批准请假: inside this interval the member was not at work (R20)."""

    leave_id: Annotated[str, Tag("leave")]
    member_id: MemberId
    branch_id: BranchId
    starts_at: Instant
    ends_at: Instant
    reason_code: str


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


class MemberExempted(Event, type="MemberExempted"):
    """免予报到: for a reason and a term nothing is demanded of the member (R3).

    ``ends_on`` is the last day, inclusive.
    """

    exemption_id: Annotated[str, Tag("exemption")]
    member_id: MemberId
    branch_id: BranchId
    reason_code: str
    starts_on: date
    ends_on: date


class ExemptionEnded(Event, type="ExemptionEnded"):
    """提前结束免予: the exemption's last day is now ``ended_on`` (R3)."""

    exemption_id: Annotated[str, Tag("exemption")]
    member_id: MemberId
    branch_id: BranchId
    ended_on: date
    reason: str


class BranchTransferRequested(Event, type="BranchTransferRequested"):
    """申请转接组织关系: the old branch asks the new one; the old stays responsible (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId


class BranchTransferAccepted(Event, type="BranchTransferAccepted"):
    """接收组织关系: from now on the member belongs to ``to_branch_id`` (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId


class BranchTransferRefused(Event, type="BranchTransferRefused"):
    """退回组织关系: the new branch refuses with a reason code (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId
    reason_code: str
    note: AssessmentText | None = None
