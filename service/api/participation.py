"""参加记录: a community writes down what a member did, corrects and voids it."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Id, LongText, Moment, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.activity import ActivityKind
from service.domain.participation import Ledger
from service.domain.recording import CorrectParticipation, RecordParticipation, VoidParticipation

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["参加记录"])

Writing = Annotated[Write, writes(Scope.PARTICIPATIONS_WRITE)]


class RecordParticipationBody(Act):
    """参加记录。"""

    member_id: Id
    activity_id: Id | None = None
    """所参加的活动；个人自发的没有。"""
    kind: Annotated[ActivityKind, Field(strict=False)]
    """类型：community 社区组织，unit 单位集中，own 个人自发。"""
    category: ShortText | None = None
    """类别；不填为活动的类别。"""
    starts_at: Moment
    ends_at: Moment
    content: LongText
    """做了什么。"""
    ledger: Ledger
    """台账：duty 组织安排，voluntary 自愿。"""


class CorrectParticipationBody(Act):
    """更正参加记录。"""

    starts_at: Moment
    ends_at: Moment
    content: LongText
    ledger: Ledger
    category: ShortText | None = None
    """不填为不变。"""
    reason: LongText
    """更正的原因。"""


class VoidParticipationBody(Act):
    """作废参加记录。"""

    reason: LongText
    """作废的原因。"""


def _stated(body: Act) -> dict[str, Any]:
    """The fields of an act that the command has under the same names."""
    return body.model_dump(exclude={"occurred_at", "acting_officer"})


@router.post(
    "/communities/{community_id}/participations",
    status_code=201,
    response_model=recorded("ParticipationWritten", "participation_id"),
    summary="记录参加情况",
)
async def record_participation(
    community_id: Id, body: RecordParticipationBody, write: Writing
) -> Response:
    """由党员报到所在社区的负责人如实记录；超出活动计划时间的部分不计入。"""
    acting_for(write.caller, community_id)
    return await write.decide(
        RecordParticipation(
            by=write.by(body),
            at=write.at(body),
            participation_id=new_id(),
            community_id=community_id,
            **_stated(body),
        ),
        ids("participation_id"),
    )


@router.post(
    "/participations/{participation_id}/corrections",
    status_code=201,
    response_model=recorded("CorrectionRecorded", "participation_id"),
    summary="更正参加记录",
)
async def correct_participation(
    participation_id: Id, body: CorrectParticipationBody, write: Writing
) -> Response:
    """原记录保留；更正之后须重新认定。"""
    return await write.decide(
        CorrectParticipation(
            by=write.by(body),
            at=write.at(body),
            participation_id=participation_id,
            **_stated(body),
        ),
        ids("participation_id"),
    )


@router.post(
    "/participations/{participation_id}/voiding",
    status_code=201,
    response_model=recorded("VoidingRecorded", "participation_id"),
    summary="作废参加记录",
)
async def void_participation(
    participation_id: Id, body: VoidParticipationBody, write: Writing
) -> Response:
    """作废不能撤销；确有其事的重新记录。"""
    return await write.decide(
        VoidParticipation(
            by=write.by(body),
            at=write.at(body),
            participation_id=participation_id,
            reason=body.reason,
        ),
        ids("participation_id"),
    )
