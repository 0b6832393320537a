"""月查: the list a branch looks through each month, its confirmation, and what was found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Body, Day, Id, LongText
from service.api.inspection_list import branch_record, with_names
from service.api.pages import EXPORTS, Page, Paged
from service.api.periods import MonthField, MonthText, last_period
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Recorded, Write, ids, new_id, recorded, writes
from service.domain.event import Event
from service.domain.inspecting import ConfirmInspection, Finding, ResolveDiscrepancy
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyFound,
    DiscrepancyKind,
    DismissalReason,
    InspectionConfirmed,
    Resolution,
    TalkOutcome,
)
from service.domain.organisation import OrganisationKind
from service.domain.period import Month
from service.projections import inspections_answer, membership
from service.projections.inspection_worksheet import prepared, worksheet
from service.projections.inspection_worksheet_answer import Worksheet
from service.projections.inspections import VIEW
from service.projections.inspections_answer import (
    Discrepancy,
    DiscrepancyState,
    Inspection,
    SupervisionPage,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["月查"])

Writing = Annotated[Write, writes(Scope.INSPECTIONS_WRITE)]
Reading = Annotated[Read, reads(Scope.SUPERVISION_READ, Purpose.INSPECTION)]


class TalkBody(Body):
    """与社区的一次联系。"""

    community_id: Id
    held_on: Day
    """联系日期。"""
    outcome: Annotated[TalkOutcome, Field(strict=False)]
    """结果：consistent 与记录一致，differs 与记录有出入，concern 社区反映问题须跟进。"""
    note: LongText | None = None
    """说明；不得写入姓名等个人信息。"""


class FindingBody(Body):
    """清单以外发现的一项差异。"""

    member_id: Id
    """本支部党员。"""
    kind: Annotated[DiscrepancyKind, Field(strict=False)]
    """类别：missing_sign_out 没有签退，inside_working_time 有八小时内的分钟数，overlap 时间重叠，
    late_entry 逾期补录，unendorsed 尚未认定，other 其他。"""
    participation_id: Id | None = None
    """该党员的参加记录。"""
    note: LongText | None = None
    """说明。"""


class DismissalBody(Body):
    """清单所列、不作差异处理的一项。"""

    discrepancy_id: Id
    reason_code: Annotated[DismissalReason, Field(strict=False)]
    """原因：explained_by_community 社区已作说明，explained_by_member 本人已作说明，being_endorsed
    社区正在办理认定，other 其他。"""


class ConfirmInspectionBody(Act):
    """月查完成。"""

    month: MonthField
    """所查月份，如 2026-03，须已结束。"""
    talks: Annotated[list[TalkBody], Field(max_length=200)] = Field(default=[])
    """与社区的联系：本支部党员报到的每个社区至少一次。"""
    found: Annotated[list[FindingBody], Field(max_length=200)] = Field(default=[])
    """清单以外发现的差异。"""
    dismissed: Annotated[list[DismissalBody], Field(max_length=1000)] = Field(default=[])
    """清单所列、不作差异处理的；其余的记为待处理。"""


class ResolveDiscrepancyBody(Act):
    """处理差异。"""

    resolution: Annotated[Resolution, Field(strict=False)]
    """结果：corrected 社区已更正，endorsed 社区已补办认定，voided 社区已作废，explained 查明属实，
    reminded 已提醒本人。"""
    note: LongText | None = None
    """说明。"""


class InspectionRecorded(Recorded):
    """月查已记录。"""

    inspection_id: str
    discrepancy_ids: list[str]
    """待处理的差异。"""


class DiscrepancyShown(Discrepancy):
    """一项差异及所涉党员的姓名。"""

    member_no: str | None
    """党员编号；已不在本支部的为空。"""
    name: str | None
    """姓名；已不在本支部的为空。"""


async def _within(read: Read, branch_id: str) -> None:
    """The branch is the caller's own or below it."""
    place = await read.serving.places.within(read.caller, branch_id)
    if place.kind is not OrganisationKind.BRANCH:
        raise ResourceNotFound


@router.get(
    "/branches/{branch_id}/inspection-worksheet",
    response_model=Worksheet,
    responses={425: {}},
    summary="查验清单",
)
async def inspection_worksheet(
    branch_id: Id,
    read: Reading,
    month: Annotated[
        MonthText | None, Query(description="所查月份，如 2026-03；不填为上个月。")
    ] = None,
) -> Response:
    """一个月须查验的活动证、参加记录、差异和须联系的社区；须重点查看的党员在前。"""
    await _within(read, branch_id)
    state = read.serving
    inspected = last_period(Month, state.clock()) if month is None else Month.parse(month)
    record = await with_names(state, await branch_record(state, branch_id, inspected))
    await read.certain(VIEW)
    still_open: dict[str, list[Discrepancy]] = {}
    after: int | None = 0
    while after is not None:
        page = await inspections_answer.discrepancies_of(
            read.sight, branch_id, state="open", after=after
        )
        for each in page.items:
            still_open.setdefault(each.member_id, []).append(each)
        after = page.next_after
    record = replace(record, still_open=still_open)
    sheet = worksheet(branch_id, inspected, record).model_dump(mode="json")
    shown = [(each["member_id"], each) for each in sheet["members"]]
    await state.opener.members(read.occasion(record.position), shown)
    return answer(sheet, record.position)


def _inspection(events: Sequence[Event]) -> dict[str, Any]:
    [confirmed] = [each for each in events if isinstance(each, InspectionConfirmed)]
    found = [each.discrepancy_id for each in events if isinstance(each, DiscrepancyFound)]
    return {"inspection_id": confirmed.inspection_id, "discrepancy_ids": found}


@router.post(
    "/branches/{branch_id}/inspections",
    status_code=201,
    response_model=InspectionRecorded,
    responses={425: {}},
    summary="月查完成",
)
async def confirm_inspection(
    branch_id: Id, body: ConfirmInspectionBody, write: Writing
) -> Response:
    """一次确认全部清单：所列的差异，不作说明的记为待处理。每月一次，须与有关社区都已联系。"""
    acting_for(write.caller, branch_id, OrganisationKind.BRANCH)
    record = await branch_record(write.serving, branch_id, body.month)
    return await write.decide(
        ConfirmInspection(
            by=write.by(body),
            at=write.at(body),
            inspection_id=new_id(),
            month=body.month,
            talks=tuple(
                CommunityTalk(
                    community_id=each.community_id,
                    held_on=each.held_on,
                    outcome=each.outcome,
                    note=each.note,
                )
                for each in body.talks
            ),
            prepared=prepared(worksheet(branch_id, body.month, record)),
            found=tuple(
                Finding(
                    discrepancy_id=new_id(),
                    member_id=each.member_id,
                    kind=each.kind,
                    participation_id=each.participation_id,
                    note=each.note,
                )
                for each in body.found
            ),
            dismissed=tuple((each.discrepancy_id, each.reason_code) for each in body.dismissed),
        ),
        _inspection,
    )


@router.get(
    "/branches/{branch_id}/inspections",
    response_model=Page[Inspection],
    responses=EXPORTS,
    summary="一个党支部的月查",
)
async def inspections_of_branch(branch_id: Id, read: Reading, paging: Paged) -> Response:
    """历次月查，按完成的先后排列。"""
    await _within(read, branch_id)
    await read.fresh(VIEW)

    async def fetch(after: int, limit: int) -> SupervisionPage[Inspection]:
        return await inspections_answer.inspections_of(
            read.sight, branch_id, after=after, limit=limit
        )

    async def present(page: SupervisionPage[Inspection]) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(fetch, present, Inspection)


@router.get(
    "/branches/{branch_id}/discrepancies",
    response_model=Page[DiscrepancyShown],
    responses=EXPORTS,
    summary="月查发现的差异",
)
async def discrepancies_of_branch(
    branch_id: Id,
    read: Reading,
    paging: Paged,
    state: Annotated[
        DiscrepancyState | None,
        Query(description="只列：open 待处理，resolved 已处理，dismissed 不作差异处理。"),
    ] = None,
) -> Response:
    """待处理的差异须由本支部查明并处理；最早发现的在前。"""
    await _within(read, branch_id)
    await read.fresh(VIEW)

    async def fetch(after: int, limit: int) -> SupervisionPage[Discrepancy]:
        return await inspections_answer.discrepancies_of(
            read.sight, branch_id, state=state, after=after, limit=limit
        )

    async def present(page: SupervisionPage[Discrepancy]) -> list[dict[str, Any]]:
        known = await membership.members_named(read.sight, {each.member_id for each in page.items})
        shown = []
        for each in page.items:
            named = known.get(each.member_id, {"member_no": None, "name": None})
            shown.append((each.member_id, {**each.model_dump(mode="json"), **named}))
        await read.serving.opener.members(read.occasion(page.as_of_position), shown)
        return [document for _, document in shown]

    return await paging.answer(fetch, present, DiscrepancyShown)


@router.post(
    "/discrepancies/{discrepancy_id}/resolution",
    status_code=201,
    response_model=recorded("DiscrepancyResolutionRecorded", "discrepancy_id", "member_id"),
    summary="处理差异",
)
async def resolve_discrepancy(
    discrepancy_id: Id, body: ResolveDiscrepancyBody, write: Writing
) -> Response:
    """由发现差异的党支部办理；不得处理本人的差异。"""
    return await write.decide(
        ResolveDiscrepancy(
            by=write.by(body),
            at=write.at(body),
            discrepancy_id=discrepancy_id,
            resolution=body.resolution,
            note=body.note,
        ),
        ids("discrepancy_id", "member_id"),
    )
