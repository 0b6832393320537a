"""作息、请假、排班: what the branch says about when its members work."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Body, ClockTime, Day, Id, Moment
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.working_schedule import (
    AdoptTimetable,
    ApproveLeave,
    AssignShifts,
    DutyShift,
    LeaveReason,
    WorkingHours,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["作息、请假、排班"])

Writing = Annotated[Write, writes(Scope.WORKING_TIME_WRITE)]


class WorkingHoursBody(Body):
    """一个工作时段。"""

    starts_at: ClockTime
    ends_at: ClockTime


class AdoptTimetableBody(Act):
    """作息时间。"""

    valid_from: Day
    """自何日起执行。"""
    hours: Annotated[list[WorkingHoursBody], Field(max_length=10)]
    """工作日的各个工作时段，其间为午休。"""


class ApproveLeaveBody(Act):
    """批准请假。"""

    starts_at: Moment
    ends_at: Moment
    reason_code: Annotated[LeaveReason, Field(strict=False)] = LeaveReason.OTHER
    """请假原因。"""


class DutyShiftBody(Body):
    """一个班次。"""

    starts_at: Moment
    ends_at: Moment


class AssignShiftsBody(Act):
    """排班。"""

    shifts: Annotated[list[DutyShiftBody], Field(max_length=400)]
    """各个班次；有班次之日不按作息时间。"""


@router.post(
    "/branches/{branch_id}/timetables",
    status_code=201,
    response_model=recorded("TimetableRecorded", "branch_id"),
    summary="作息时间",
)
async def adopt_timetable(branch_id: Id, body: AdoptTimetableBody, write: Writing) -> Response:
    """本单位自某日起的作息时间。"""
    acting_for(write.caller, branch_id)
    return await write.decide(
        AdoptTimetable(
            by=write.by(body),
            at=write.at(body),
            branch_id=branch_id,
            valid_from=body.valid_from,
            hours=tuple(
                WorkingHours(starts_at=each.starts_at, ends_at=each.ends_at) for each in body.hours
            ),
        ),
        ids("branch_id"),
    )


@router.post(
    "/members/{member_id}/leaves",
    status_code=201,
    response_model=recorded("LeaveRecorded", "leave_id"),
    summary="批准请假",
)
async def approve_leave(member_id: Id, body: ApproveLeaveBody, write: Writing) -> Response:
    """经批准请假的时间不计入工作时间。"""
    return await write.decide(
        ApproveLeave(
            by=write.by(body),
            at=write.at(body),
            leave_id=new_id(),
            member_id=member_id,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            reason_code=body.reason_code,
        ),
        ids("leave_id"),
    )


@router.post(
    "/members/{member_id}/shifts",
    status_code=201,
    response_model=recorded("ShiftsRecorded", "member_id"),
    summary="排班",
)
async def assign_shifts(member_id: Id, body: AssignShiftsBody, write: Writing) -> Response:
    """党员的班次；有班次之日以班次为工作时间。"""
    return await write.decide(
        AssignShifts(
            by=write.by(body),
            at=write.at(body),
            member_id=member_id,
            shifts=tuple(
                DutyShift(starts_at=each.starts_at, ends_at=each.ends_at) for each in body.shifts
            ),
        ),
        ids("member_id"),
    )
