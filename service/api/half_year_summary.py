"""半年总结: what a unit's half-year came to."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.api.access import acting_for
from service.api.documents import Recomputation, listed, recomputation, shown
from service.api.fields import Act, Id, LongText
from service.api.freezing import (
    all_differences,
    as_cited,
    available,
    citation,
    figures_at,
    settled,
)
from service.api.pages import EXPORTS, Page, Paged
from service.api.periods import HalfField, HalfText
from service.api.quarterly_report import Reading
from service.api.reads import answer
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.half_year_summary import SummariseHalf
from service.domain.period import Half
from service.domain.report_figures import ReportFigures
from service.projections.reports_answer import SUMMARY
from service.projections.reports_model import HalfYearSummary
from service.projections.reports_owed import owed, tree_of
from service.projections.view import Sight

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["季报、汇总与总结"])

OfHalf = Annotated[HalfText | None, Query(description="半年，如 2026-H1；不填为全部。")]


class SummariseHalfBody(Act):
    """半年总结；数字由系统按总结时的记录统计。"""

    half: HalfField
    """半年，如 2026-H1，须已结束。"""
    narrative: LongText | None = None
    """文字总结；不得写入姓名等个人信息。"""


@router.post(
    "/organisations/{organisation_id}/half-year-summaries",
    status_code=201,
    response_model=recorded("SummaryRecorded", "summary_id"),
    responses={425: {}},
    summary="半年总结",
)
async def summarise_half(
    organisation_id: Id,
    body: SummariseHalfBody,
    write: Annotated[Write, writes(Scope.REPORTS_WRITE)],
) -> Response:
    """两个季度的季报（机关党委为汇总，组织部门为所属各单位的）齐全方可总结。"""
    acting_for(write.caller, organisation_id)
    position = await settled(write.serving)
    sight = Sight(write.serving.log.fenced, organisation_id)
    tree = await tree_of(sight, organisation_id, position)
    return await write.decide(
        SummariseHalf(
            by=write.by(body),
            at=write.at(body),
            summary_id=new_id(),
            half=body.half,
            owed=owed(tree, organisation_id, body.half),
            figures=await figures_at(write.serving, organisation_id, body.half, position),
            as_of_position=position,
            calendar=citation(write.serving.calendars, body.half),
            narrative=body.narrative,
        ),
        ids("summary_id"),
        "/api/v1/half-year-summaries/{summary_id}",
    )


@router.get(
    "/organisations/{organisation_id}/half-year-summaries",
    response_model=Page[HalfYearSummary],
    responses=EXPORTS,
    summary="一个组织及其下级的半年总结",
)
async def summaries_under(
    organisation_id: Id, read: Reading, paging: Paged, half: OfHalf = None
) -> Response:
    """历次总结及此后的更正，按总结先后排列。"""
    return await listed(read, paging, SUMMARY, organisation_id, half)


@router.get(
    "/half-year-summaries/{summary_id}", response_model=HalfYearSummary, summary="一份半年总结"
)
async def half_year_summary(summary_id: Id, read: Reading) -> Response:
    """所列的数字，以及此后这两个季度季报的更正。"""
    found, position = await shown(read, SUMMARY, summary_id)
    return answer(found.model_dump(mode="json"), position)


@router.get(
    "/half-year-summaries/{summary_id}/recomputation",
    response_model=Recomputation,
    summary="重新计算一份半年总结",
)
async def recompute_half_year_summary(summary_id: Id, read: Reading) -> Response:
    """按总结所冻结的日志位置重新计算，逐项比较。"""
    found, position = await shown(read, SUMMARY, summary_id)
    await available(read.serving, found.as_of_position)
    half = Half.parse(found.half)
    calendars = as_cited(read.serving.calendars, half, found.calendar)
    stated = ReportFigures.model_validate(found.figures.model_dump())
    again = await figures_at(
        read.serving, found.organisation_id, half, found.as_of_position, calendars
    )
    return answer(
        recomputation(found.as_of_position, again, all_differences(stated, again)), position
    )
