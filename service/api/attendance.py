"""签到签退: by QR, by six-digit code, or by roll-call."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api import attendance_code
from service.api.access import Caller, needs
from service.api.fields import Act, Body, Id, Moment, SixDigits
from service.api.problems import Fault, Refusal
from service.api.resources import own_activity
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import serving
from service.api.writes import Write, ids, recorded, writes
from service.domain.attendance import AbsenceReason, RollCallException, SignIn, SignOut
from service.domain.roll_call import CallRoll

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["签到签退"])

Writing = Annotated[Write, writes(Scope.ATTENDANCES_WRITE)]


class AttendanceCodeWrong(Refusal):
    """签到码不正确或已过期。"""

    status = 409
    rule = "R14"


class SignBody(Act):
    """签到签退。"""

    member_id: Id
    sign: Literal["in", "out"]
    """in 签到，out 签退。"""
    at: Moment | None = None
    """签到签退的时间；不填为现在。"""
    code: SixDigits | None = None
    """当时显示的六位签到码；不填为由社区扫党员的二维码。"""


class AbsenceBody(Body):
    """应到未到的一人。"""

    member_id: Id
    reason_code: Annotated[AbsenceReason, Field(strict=False)]
    """原因。"""


class CallRollBody(Act):
    """点名。"""

    present: Annotated[list[Id], Field(max_length=1000)]
    """到场的党员。"""
    exceptions: Annotated[list[AbsenceBody], Field(max_length=1000)] = Field(default=[])
    """应到未到的党员及原因。"""


class AttendanceCode(BaseModel):
    """此刻的签到码。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """六位签到码。"""
    expires_in: int
    """多少秒后换新码；旧码在下一分钟内仍然有效。"""
    url: str
    """二维码的内容：带有同一签到码的地址。"""


@router.get("/activities/{activity_id}/attendance-code", responses={409: {}}, summary="签到码")
async def attendance_code_now(
    activity_id: Id, request: Request, caller: Annotated[Caller, needs(Scope.ATTENDANCES_WRITE)]
) -> AttendanceCode:
    """由举办活动的社区在现场显示，每分钟一换。"""
    state = serving(request)
    activity = await own_activity(state.log, caller, activity_id)
    activity.require_took_place()
    seconds = state.clock().timestamp()
    code = attendance_code.code(state.attendance_secret, activity_id, seconds)
    place = request.url_for("sign_attendance", activity_id=activity_id)
    return AttendanceCode(
        code=code,
        expires_in=attendance_code.STEP - int(seconds) % attendance_code.STEP,
        url=f"{place}?code={code}",
    )


@router.post(
    "/activities/{activity_id}/attendances",
    status_code=201,
    response_model=recorded("AttendanceRecorded", "activity_id", "member_id"),
    summary="签到签退",
)
async def sign_attendance(activity_id: Id, body: SignBody, write: Writing) -> Response:
    """再次签到不抹去前一次；签退以最后一次为准。"""
    signed_at = write.serving.clock() if body.at is None else body.at
    secret, moment = write.serving.attendance_secret, signed_at.timestamp()
    if body.code is not None and not attendance_code.fits(secret, activity_id, moment, body.code):
        fault = Fault(detail="不是当时显示的签到码", code="attendance_code", pointer="/code")
        raise AttendanceCodeWrong(errors=[fault])
    command = SignIn if body.sign == "in" else SignOut
    return await write.decide(
        command(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            member_id=body.member_id,
            signed_at=signed_at,
            method="qr" if body.code is None else "code",
        ),
        ids("activity_id", "member_id"),
    )


@router.post(
    "/activities/{activity_id}/roll-calls",
    status_code=201,
    response_model=recorded("RollCallRecorded", "activity_id"),
    summary="点名",
)
async def call_roll(activity_id: Id, body: CallRollBody, write: Writing) -> Response:
    """一次记下全部到场和未到的党员。"""
    return await write.decide(
        CallRoll(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            present=body.present,
            exceptions=[
                RollCallException(member_id=each.member_id, reason_code=each.reason_code)
                for each in body.exceptions
            ],
        ),
        ids("activity_id"),
    )
