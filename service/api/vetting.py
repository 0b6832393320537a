"""任前考察: opened with a team, looked into, made public and concluded (R29)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Act, AtOnce, Day, Id, LongText, OfficerId, ShortText
from service.api.gate import GateShown, gate_shown
from service.api.named import Named, opened
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.concluding_vetting import ConcludeVetting
from service.domain.deciding import OverrideGate
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.examining import (
    AddFieldInquiry,
    OpenVetting,
    PostPublicNotice,
)
from service.domain.vetting import UnknownVetting
from service.projections import membership, vettings_answer
from service.projections.vettings import VIEW
from service.projections.vettings_answer import Vetting, VettingPage

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["任前考察"])

Vettings = Annotated[Write, writes(Scope.VETTINGS_WRITE)]
VettingsRead = Annotated[Read, reads(Scope.VETTINGS_READ, Purpose.VETTING)]


class OpenVettingBody(Act):
    """启动任前考察。"""

    member_id: Id
    """考察对象。"""
    period: Annotated[str, Field(max_length=21)]
    """考察期间，如 2021-03-01/2026-09-30。"""
    team: Annotated[list[OfficerId], Field(min_length=1, max_length=20)]
    """考察组成员（人员标识），至少两名不同的人员。"""


class AddFieldInquiryBody(Act):
    """实地了解。"""

    held_on: Day
    """日期。"""
    inquirers: Annotated[list[OfficerId], Field(min_length=1, max_length=20)]
    """了解人，须为考察组成员。"""
    interviewees: Annotated[int, Field(ge=0, le=1000)]
    """谈话人数。"""
    findings: LongText
    """了解到的情况。"""


class PostPublicNoticeBody(AtOnce):
    """任前公示。"""

    starts_on: Day
    """自何日起，不得早于今日；至其后第五个工作日止。"""
    place: ShortText
    """公示地点；不得写入身份证号码、电话号码等个人信息。"""


class OverrideVettingBody(AtOnce):
    """特批。"""

    reason: LongText
    """原因。"""


class ConcludeVettingBody(AtOnce):
    """作出考察结论。"""

    result: Annotated[DecisionResult, Field(strict=False)]
    """结论：suitable 考察通过，deferred 暂缓，unsuitable 考察不通过。"""
    document_no: ShortText
    """依据文号。"""
    reason: LongText
    """理由。"""


class VettingNamed(Vetting, Named):
    """一次任前考察，以及党员的编号和姓名。"""


class VettingStanding(Vetting):
    """一次任前考察，及其先行程序今日的状态。"""

    gate: GateShown | None
    """先行程序；已经作出结论的为空。"""
    as_of_position: int
    """数据截至的日志位置；先行程序按此刻的日志判断。"""


class VettingShown(VettingStanding, Named):
    """一次任前考察及其先行程序今日的状态，以及党员的编号和姓名。"""


@router.post(
    "/vettings",
    status_code=201,
    response_model=recorded("VettingOpeningRecorded", "decision_id", "member_id"),
    summary="启动任前考察",
)
async def open_vetting(body: OpenVettingBody, write: Vettings) -> Response:
    """由组织部门启动，考察组至少两人，不得有考察对象本人；须另行征求社区党组织意见。"""
    return await write.decide(
        OpenVetting(
            by=write.by(body),
            at=write.at(body),
            decision_id=new_id(),
            member_id=body.member_id,
            period=body.period,
            team=tuple(body.team),
        ),
        ids("decision_id", "member_id"),
        "/api/v1/vettings/{decision_id}",
    )


@router.get("/vettings", response_model=Page[VettingNamed], responses=EXPORTS, summary="任前考察")
async def vettings(
    read: VettingsRead,
    paging: Paged,
    member_id: Annotated[Id | None, Query(description="只列对这名党员的考察。")] = None,
) -> Response:
    """本机关启动的任前考察，按启动先后排列；只供本机关查看。"""
    await read.fresh(VIEW, membership.VIEW)

    async def fetch(after: int, limit: int) -> VettingPage:
        return await vettings_answer.vettings(
            read.sight, read.caller.organisation_id, member_id=member_id, after=after, limit=limit
        )

    async def present(page: VettingPage) -> list[dict[str, Any]]:
        return await opened(read, page.items, page.as_of_position, names=read.sight)

    return await paging.answer(fetch, present, VettingNamed)


@router.get("/vettings/{vetting_id}", response_model=VettingShown, summary="一次任前考察")
async def vetting(vetting_id: Id, read: VettingsRead) -> Response:
    """办理情况，以及能否作出结论：先行程序按日志中的记录判断，不等视图更新。"""
    await read.fresh(VIEW, membership.VIEW)
    found = await vettings_answer.vetting(read.sight, vetting_id)
    if found is None:
        await read.certain(VIEW)
        found = await vettings_answer.vetting(read.sight, vetting_id)
    if found is None or found[0].organisation_id != read.caller.organisation_id:
        raise UnknownVetting
    shown, position = found
    gate = None
    if shown.conclusion is None:
        gate = await gate_shown(
            read.serving,
            vetting_id,
            shown.member_id,
            DecisionPurpose.VETTING,
            shown.period,
            shown.organisation_id,
        )
    standing = VettingStanding(**dict(shown), gate=gate, as_of_position=position)
    [item] = await opened(read, [standing], position, names=read.sight)
    return answer(item, position)


@router.post(
    "/vettings/{vetting_id}/field-inquiries",
    status_code=201,
    response_model=recorded("FieldInquiryRecorded", "inquiry_id"),
    summary="记录实地了解",
)
async def add_field_inquiry(vetting_id: Id, body: AddFieldInquiryBody, write: Vettings) -> Response:
    """由考察组成员在作出结论之前记录。"""
    return await write.decide(
        AddFieldInquiry(
            by=write.by(body),
            at=write.at(body),
            inquiry_id=new_id(),
            decision_id=vetting_id,
            held_on=body.held_on,
            inquirers=tuple(body.inquirers),
            interviewees=body.interviewees,
            findings=body.findings,
        ),
        ids("inquiry_id"),
    )


@router.post(
    "/vettings/{vetting_id}/public-notice",
    status_code=201,
    response_model=recorded("PublicNoticeRecorded", "decision_id", "starts_on", "ends_on"),
    summary="任前公示",
)
async def post_public_notice(
    vetting_id: Id, body: PostPublicNoticeBody, write: Vettings
) -> Response:
    """公示五个工作日，按国务院办公厅的放假安排计算；重新公示的，以最后一次为准。"""
    return await write.decide(
        PostPublicNotice(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            decision_id=vetting_id,
            starts_on=body.starts_on,
            place=body.place,
            published=write.serving.calendars,
        ),
        ids("decision_id", "starts_on", "ends_on"),
    )


@router.post(
    "/vettings/{vetting_id}/override",
    status_code=201,
    response_model=recorded("VettingOverrideRecorded", "override_id"),
    summary="特批",
)
async def override_vetting(vetting_id: Id, body: OverrideVettingBody, write: Vettings) -> Response:
    """由另一名负责人对目前未满足的条件特批，须有原因，随结论一并显示。"""
    return await write.decide(
        OverrideGate(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            override_id=new_id(),
            decision_id=vetting_id,
            reason=body.reason,
        ),
        ids("override_id"),
    )


@router.post(
    "/vettings/{vetting_id}/conclusion",
    status_code=201,
    response_model=recorded("VettingConclusionRecorded", "decision_id"),
    summary="作出考察结论",
)
async def conclude_vetting(vetting_id: Id, body: ConcludeVettingBody, write: Vettings) -> Response:
    """考察材料已经固定、公示期满、先行程序完成之后，由组织部门负责人作出。"""
    return await write.decide(
        ConcludeVetting(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            decision_id=vetting_id,
            result=body.result,
            document_no=body.document_no,
            reason=body.reason,
        ),
        ids("decision_id"),
    )
