"""活动与报名: a community plans, publishes and carries out; members sign up."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Id, LongText, Moment, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.activity import ActivityKind
from service.domain.activity_planning import (
    CancelActivity,
    CompleteActivity,
    PlanActivity,
    PublishActivity,
    RescheduleActivity,
)
from service.domain.sign_up import SignUp, WithdrawSignUp

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["活动与报名"])

Writing = Annotated[Write, writes(Scope.ACTIVITIES_WRITE)]
SigningUp = Annotated[Write, writes(Scope.SIGN_UPS_WRITE)]


class PlanActivityBody(Act):
    """活动计划。"""

    title: ShortText
    kind: Annotated[ActivityKind, Field(strict=False)]
    """活动类型：community 社区组织，unit 单位集中，own 个人自发。"""
    category: ShortText
    starts_at: Moment
    ends_at: Moment
    place: ShortText
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """名额；不填为不限。"""
    branch_id: Id | None = None
    """单位集中的活动：来的是哪个支部。"""
    service_post_id: Id | None = None
    programme_id: Id | None = None
    risky: bool = False
    """是否有风险；有风险的须有风险提示和保险才能发布。"""
    risk_notes: LongText | None = None
    insurance: LongText | None = None


class PublishActivityBody(Act):
    """活动发布。"""

    risk_notes: LongText | None = None
    insurance: LongText | None = None


class RescheduleActivityBody(Act):
    """活动改期。"""

    starts_at: Moment
    ends_at: Moment
    place: ShortText
    reason: LongText


class CancelActivityBody(Act):
    """活动取消。"""

    reason: LongText


class CompleteActivityBody(Act):
    """活动结束。"""


class SignUpBody(Act):
    """活动报名。"""

    member_id: Id


@router.post(
    "/communities/{community_id}/activities",
    status_code=201,
    response_model=recorded("ActivityRecorded", "activity_id"),
    summary="活动计划",
)
async def plan_activity(community_id: Id, body: PlanActivityBody, write: Writing) -> Response:
    """社区安排的活动，或单位集中参加的活动。"""
    acting_for(write.caller, community_id)
    return await write.decide(
        PlanActivity(
            by=write.by(body),
            at=write.at(body),
            activity_id=new_id(),
            community_id=community_id,
            **body.model_dump(exclude={"occurred_at", "acting_officer"}),
        ),
        ids("activity_id"),
        "/api/v1/activities/{activity_id}",
    )


@router.post(
    "/activities/{activity_id}/publication",
    status_code=201,
    response_model=recorded("PublicationRecorded", "activity_id"),
    summary="活动发布",
)
async def publish_activity(activity_id: Id, write: Writing, body: PublishActivityBody) -> Response:
    """发布之后可以报名；可补充风险提示和保险。"""
    return await write.decide(
        PublishActivity(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            risk_notes=body.risk_notes,
            insurance=body.insurance,
        ),
        ids("activity_id"),
    )


@router.post(
    "/activities/{activity_id}/rescheduling",
    status_code=201,
    response_model=recorded("ReschedulingRecorded", "activity_id"),
    summary="活动改期",
)
async def reschedule_activity(
    activity_id: Id, body: RescheduleActivityBody, write: Writing
) -> Response:
    """已有人签到的不能改期。"""
    return await write.decide(
        RescheduleActivity(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            place=body.place,
            reason=body.reason,
        ),
        ids("activity_id"),
    )


@router.post(
    "/activities/{activity_id}/cancellation",
    status_code=201,
    response_model=recorded("CancellationRecorded", "activity_id"),
    summary="活动取消",
)
async def cancel_activity(activity_id: Id, body: CancelActivityBody, write: Writing) -> Response:
    """须有原因；已有人签到的不能取消。"""
    return await write.decide(
        CancelActivity(
            by=write.by(body), at=write.at(body), activity_id=activity_id, reason=body.reason
        ),
        ids("activity_id"),
    )


@router.post(
    "/activities/{activity_id}/completion",
    status_code=201,
    response_model=recorded("CompletionRecorded", "activity_id"),
    summary="活动结束",
)
async def complete_activity(
    activity_id: Id, write: Writing, body: CompleteActivityBody
) -> Response:
    """活动已经举行。"""
    return await write.decide(
        CompleteActivity(by=write.by(body), at=write.at(body), activity_id=activity_id),
        ids("activity_id"),
    )


@router.post(
    "/activities/{activity_id}/sign-ups",
    status_code=201,
    response_model=recorded("SignUpRecorded", "activity_id", "member_id"),
    summary="活动报名",
)
async def sign_up(activity_id: Id, body: SignUpBody, write: SigningUp) -> Response:
    """为在该社区报到的党员报名；名额已满的不受理。"""
    return await write.decide(
        SignUp(
            by=write.by(body), at=write.at(body), activity_id=activity_id, member_id=body.member_id
        ),
        ids("activity_id", "member_id"),
    )


@router.post(
    "/activities/{activity_id}/sign-up-withdrawals",
    status_code=201,
    response_model=recorded("SignUpWithdrawalRecorded", "activity_id", "member_id"),
    summary="取消报名",
)
async def withdraw_sign_up(activity_id: Id, body: SignUpBody, write: SigningUp) -> Response:
    """名额空出。"""
    return await write.decide(
        WithdrawSignUp(
            by=write.by(body), at=write.at(body), activity_id=activity_id, member_id=body.member_id
        ),
        ids("activity_id", "member_id"),
    )
