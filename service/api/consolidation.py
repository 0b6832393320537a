"""季度汇总与座谈会: what an agency committee makes of its branches' reports."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.documents import Recomputation, listed, recomputation, shown
from service.api.fields import Act, Count, Day, Id, LongText
from service.api.freezing import all_differences, settled
from service.api.history import history
from service.api.pages import EXPORTS, Page, Paged
from service.api.periods import QuarterField
from service.api.quarterly_report import OfQuarter, Reading
from service.api.reads import answer
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.consolidation import ConsolidateQuarter, RecordSymposium
from service.domain.organisation import OrganisationKind
from service.domain.quarterly_report import QuarterlyReportAmended, QuarterlyReports
from service.domain.report_figures import ReportFigures, added_up
from service.eventstore import EventLog
from service.projections.reports_answer import CONSOLIDATION, SYMPOSIUM
from service.projections.reports_model import ConsolidatedReport, Symposium
from service.projections.reports_owed import reporting, tree_of
from service.projections.view import Sight

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["季报、汇总与总结"])

Writing = Annotated[Write, writes(Scope.REPORTS_WRITE)]


class ConsolidateQuarterBody(Act):
    """季度汇总；数字由各党支部的季报相加而来。"""

    quarter: QuarterField
    """季度，如 2026-Q1，须已结束。"""
    narrative: LongText | None = None
    """整理、分析的文字；不得写入姓名等个人信息。"""


class RecordSymposiumBody(Act):
    """登记座谈会。"""

    quarter: QuarterField
    """所总结的季度，如 2026-Q1，须已汇总。"""
    held_on: Day
    """召开日期。"""
    attendees: Count
    """到会人数。"""
    present: Annotated[list[Id], Field(max_length=200)]
    """参加的组织。"""
    conclusions: LongText
    """座谈会的结论；不得写入姓名等个人信息。"""


@router.post(
    "/committees/{committee_id}/consolidated-reports",
    status_code=201,
    response_model=recorded("ConsolidationRecorded", "consolidation_id"),
    responses={425: {}},
    summary="季度汇总",
)
async def consolidate_quarter(
    committee_id: Id, body: ConsolidateQuarterBody, write: Writing
) -> Response:
    """所属党支部的季报都已上报方可汇总；汇总报组织部门。"""
    acting_for(write.caller, committee_id, OrganisationKind.AGENCY_COMMITTEE)
    position = await settled(write.serving)
    sight = Sight(write.serving.log.fenced, committee_id)
    tree = await tree_of(sight, committee_id, position)
    return await write.decide(
        ConsolidateQuarter(
            by=write.by(body),
            at=write.at(body),
            consolidation_id=new_id(),
            quarter=body.quarter,
            branch_ids=reporting(tree, committee_id, body.quarter),
            as_of_position=position,
            narrative=body.narrative,
        ),
        ids("consolidation_id"),
        "/api/v1/consolidated-reports/{consolidation_id}",
    )


@router.get(
    "/committees/{committee_id}/consolidated-reports",
    response_model=Page[ConsolidatedReport],
    responses=EXPORTS,
    summary="一个机关党委的季度汇总",
)
async def consolidations_of_committee(
    committee_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """历次汇总及此后的更正，按汇总先后排列。"""
    return await listed(read, paging, CONSOLIDATION, committee_id, quarter)


@router.get(
    "/organisations/{organisation_id}/consolidated-reports",
    response_model=Page[ConsolidatedReport],
    responses=EXPORTS,
    summary="一个组织及其下级的季度汇总",
)
async def consolidations_under(
    organisation_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """其下全部机关党委的汇总及此后的更正，按汇总先后排列。"""
    return await listed(read, paging, CONSOLIDATION, organisation_id, quarter)


@router.get(
    "/consolidated-reports/{consolidation_id}",
    response_model=ConsolidatedReport,
    summary="一份季度汇总",
)
async def consolidated_report(consolidation_id: Id, read: Reading) -> Response:
    """汇总的数字，以及此后各份季报的更正。"""
    found, position = await shown(read, CONSOLIDATION, consolidation_id)
    return answer(found.model_dump(mode="json"), position)


@router.get(
    "/consolidated-reports/{consolidation_id}/recomputation",
    response_model=Recomputation,
    summary="重新计算一份季度汇总",
)
async def recompute_consolidation(consolidation_id: Id, read: Reading) -> Response:
    """把计入的季报连同当时的更正重新相加，逐项比较。"""
    found, position = await shown(read, CONSOLIDATION, consolidation_id)
    counted = {each.report_id: each.amendments for each in found.reports}
    stated = ReportFigures.model_validate(found.figures.model_dump())
    again = await _added_up_again(read.serving.log, counted)
    return answer(
        recomputation(found.as_of_position, again, all_differences(stated, again)), position
    )


async def _added_up_again(log: EventLog, counted: dict[str, int]) -> ReportFigures:
    """What these reports come to, each with so many of its amendments."""
    facts = QuarterlyReports()
    for recorded_event in await history(log, *map(QuarterlyReports.about, counted)):
        event = recorded_event.event
        if isinstance(event, QuarterlyReportAmended) and event.number > counted[event.report_id]:
            continue
        event.mutate(facts)
    return added_up(facts.reports[each].figures for each in counted)


@router.post(
    "/committees/{committee_id}/symposiums",
    status_code=201,
    response_model=recorded("SymposiumRecorded", "symposium_id"),
    summary="登记座谈会",
)
async def record_symposium(committee_id: Id, body: RecordSymposiumBody, write: Writing) -> Response:
    """汇总之后召开；每个季度登记一次。"""
    acting_for(write.caller, committee_id, OrganisationKind.AGENCY_COMMITTEE)
    return await write.decide(
        RecordSymposium(
            by=write.by(body),
            at=write.at(body),
            symposium_id=new_id(),
            quarter=body.quarter,
            held_on=body.held_on,
            attendees=body.attendees,
            present=body.present,
            conclusions=body.conclusions,
        ),
        ids("symposium_id"),
    )


@router.get(
    "/committees/{committee_id}/symposiums",
    response_model=Page[Symposium],
    responses=EXPORTS,
    summary="一个机关党委的座谈会",
)
async def symposiums_of_committee(
    committee_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """历次座谈会，按登记先后排列。"""
    return await listed(read, paging, SYMPOSIUM, committee_id, quarter)


@router.get(
    "/organisations/{organisation_id}/symposiums",
    response_model=Page[Symposium],
    responses=EXPORTS,
    summary="一个组织及其下级的座谈会",
)
async def symposiums_under(
    organisation_id: Id, read: Reading, paging: Paged, quarter: OfQuarter = None
) -> Response:
    """其下全部机关党委的座谈会，按登记先后排列。"""
    return await listed(read, paging, SYMPOSIUM, organisation_id, quarter)
