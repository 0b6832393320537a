"""免予报到: members of whom nothing is demanded, for a reason and a term."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Act, Day, Id, LongText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.exemption import EndExemption, ExemptionReason, ExemptMember

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["免予报到"])

Writing = Annotated[Write, writes(Scope.EXEMPTIONS_WRITE)]


class ExemptMemberBody(Act):
    """免予报到。"""

    reason_code: Annotated[ExemptionReason, Field(strict=False)]
    """原因。"""
    starts_on: Day
    ends_on: Day
    """最后一日，含当日。"""


class EndExemptionBody(Act):
    """提前结束免予报到。"""

    ended_on: Day
    """改为这一日结束，含当日。"""
    reason: LongText


@router.post(
    "/members/{member_id}/exemptions",
    status_code=201,
    response_model=recorded("ExemptionRecorded", "exemption_id"),
    summary="免予报到",
)
async def exempt_member(member_id: Id, body: ExemptMemberBody, write: Writing) -> Response:
    """免予报到的党员不计入应报到人数，仍可参加活动。"""
    return await write.decide(
        ExemptMember(
            by=write.by(body),
            at=write.at(body),
            exemption_id=new_id(),
            member_id=member_id,
            reason_code=body.reason_code,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
        ),
        ids("exemption_id"),
    )


@router.post(
    "/exemptions/{exemption_id}/ending",
    status_code=201,
    response_model=recorded("ExemptionEndRecorded", "exemption_id"),
    summary="提前结束免予报到",
)
async def end_exemption(exemption_id: Id, body: EndExemptionBody, write: Writing) -> Response:
    """免予报到的事由提前消失。"""
    return await write.decide(
        EndExemption(
            by=write.by(body),
            at=write.at(body),
            exemption_id=exemption_id,
            ended_on=body.ended_on,
            reason=body.reason,
        ),
        ids("exemption_id"),
    )
