"""季报: what a branch reports each quarter, and how it was amended since."""

from typing import Annotated, Any

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
from service.api.periods import QuarterField, QuarterText
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.organisation import OrganisationKind
from service.domain.period import Quarter
from service.domain.quarterly_report import ReportQuarter
from service.domain.report_figures import ReportFigures
from service.projections.model import Answer
from service.projections.reports_answer import REPORT
from service.projections.reports_model import AmendmentShown, DifferenceShown, QuarterlyReport

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["季报、汇总与总结"])

Reading = Annotated[Read, reads(Scope.SUPERVISION_READ)]
OfQuarter = Annotated[QuarterText | None, Query(description="季度，如 2026-Q1；不填为全部。")]


class ReportQuarterBody(Act):
    """上报季报；数字由系统按上报时的记录统计。"""

    quarter: QuarterField
    """季度，如 2026-Q1，须已结束。"""
    narrative: LongText | None = None
    """文字说明；不得写入姓名等个人信息。"""


class AmendmentRecomputed(Answer):
    """一次更正的重新计算。"""

    number: int
    """第几次更正。"""
    as_of_position: int
    """更正后的数字截至的日志位置。"""
    equal: bool
    """重新计算的服务情况与更正后的是否完全一致。"""
    differences: list[DifferenceShown]
    """不一致的数字：before 为更正所列，after 为重新计算。"""


class ReportRecomputation(Recomputation):
    """季报及其历次更正的重新计算。"""

    amendments: list[AmendmentRecomputed]
    """历次更正，按先后排列。"""


@router.post(
    "/branches/{branch_id}/quarterly-reports",
    status_code=201,
    response_model=recorded("QuarterlyReportRecorded", "report_id"),
    responses={425: {}},
    summary="上报季报",
)
async def report_quarter(
    branch_id: Id, body: ReportQuarterBody, write: Annotated[Write, writes(Scope.REPORTS_WRITE)]
) -> Response:
    """三个月的月查都已完成方可上报；数字冻结于一个日志位置，此后的变化列为更正。"""
    acting_for(write.caller, branch_id, OrganisationKind.BRANCH)
    position = await settled(write.serving)
    return await write.decide(
        ReportQuarter(
            by=write.by(body),
            at=write.at(body),
            report_id=new_id(),
            quarter=body.quarter,
            figures=await figures_at(write.serving, branch_id, body.quarter, position),
            as_of_position=position,
            calendar=citation(write.serving.calendars, body.quarter),
            narrative=body.narrative,
        ),
        ids("report_id"),
        "/api/v1/quarterly-reports/{report_id}",
    )


@router.get(
    "/branches/{branch_id}/quarterly-reports",
    response_model=Page[QuarterlyReport],
    responses=EXPORTS,
    summary="一个党支部的季报",
)
async def reports_of_branch(
    branch_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """历次季报及其更正，按上报先后排列。"""
    return await listed(read, paging, REPORT, branch_id, quarter)


@router.get(
    "/organisations/{organisation_id}/quarterly-reports",
    response_model=Page[QuarterlyReport],
    responses=EXPORTS,
    summary="一个组织及其下级的季报",
)
async def reports_under(
    organisation_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """其下全部党支部的季报及其更正，按上报先后排列。"""
    return await listed(read, paging, REPORT, organisation_id, quarter)


@router.get("/quarterly-reports/{report_id}", response_model=QuarterlyReport, summary="一份季报")
async def quarterly_report(report_id: Id, read: Reading) -> Response:
    """所报的数字，以及此后的历次更正。"""
    report, position = await shown(read, REPORT, report_id)
    return answer(report.model_dump(mode="json"), position)


@router.get(
    "/quarterly-reports/{report_id}/recomputation",
    response_model=ReportRecomputation,
    summary="重新计算一份季报",
)
async def recompute_quarterly_report(report_id: Id, read: Reading) -> Response:
    """按季报和历次更正各自冻结的日志位置重新计算，逐项比较。"""
    report, position = await shown(read, REPORT, report_id)
    last = report.amendments[-1].as_of_position if report.amendments else report.as_of_position
    await available(read.serving, max(report.as_of_position, last))
    stated = ReportFigures.model_validate(report.figures.model_dump())
    again = await _again(read, report, report)
    amendments: list[dict[str, Any]] = []
    for each in report.amendments:
        service = {"service": each.service.model_dump()}
        amended = ReportFigures.model_validate(stated.model_dump() | service)
        figures = await _again(read, report, each)
        # An amendment says anew what was served, and nothing else.
        figures = amended.model_copy(update={"service": figures.service})
        found = recomputation(each.as_of_position, figures, all_differences(amended, figures))
        del found["figures"]
        amendments.append({"number": each.number, **found})
    found = recomputation(report.as_of_position, again, all_differences(stated, again))
    return answer({**found, "amendments": amendments}, position)


async def _again(
    read: Read, report: QuarterlyReport, stated: QuarterlyReport | AmendmentShown
) -> ReportFigures:
    """The report's figures as of the position, and by the calendar, of what was stated."""
    quarter = Quarter.parse(report.quarter)
    calendars = as_cited(read.serving.calendars, quarter, stated.calendar)
    return await figures_at(
        read.serving, report.branch_id, quarter, stated.as_of_position, calendars
    )
