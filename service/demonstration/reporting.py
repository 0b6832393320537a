"""How branches report, the committee consolidates and all sum up, by the record (R23, R24)."""

from collections.abc import Iterable
from datetime import datetime

from service.api.freezing import citation, figures_at
from service.api.serving import Serving
from service.demonstration import data
from service.demonstration.step import Step, chance, ident, officer
from service.domain.consolidation import ConsolidateQuarter
from service.domain.half_year_summary import SummariseHalf
from service.domain.period import Half, Quarter
from service.domain.quarterly_report import ReportQuarter
from service.projections import organisation_statistics, reports
from service.projections.reports_owed import owed, reporting, tree_of
from service.projections.view import Sight

REPORTED_FROM = organisation_statistics.VIEW, reports.VIEW


async def report(
    quarter: Quarter, branch_ids: Iterable[str], serving: Serving, at: datetime
) -> list[Step]:
    """These branches report the quarter."""
    position, calendars = await serving.log.head(), serving.calendars
    return [
        Step(
            f"report/{branch_id}/{quarter}",
            ReportQuarter(
                by=officer(branch_id),
                at=at,
                report_id=ident("report", branch_id, quarter),
                quarter=quarter,
                figures=await figures_at(serving, branch_id, quarter, position, calendars),
                as_of_position=position,
                calendar=citation(calendars, quarter),
                narrative=chance(0, "report", branch_id, quarter).choice(
                    data.supervision().reports
                ),
            ),
        )
        for branch_id in branch_ids
    ]


async def consolidate(
    quarter: Quarter, committee_id: str, serving: Serving, at: datetime
) -> list[Step]:
    """The committee puts its branches' reports together."""
    position = await serving.log.head()
    tree = await tree_of(Sight(serving.log.fenced, committee_id), committee_id, position)
    return [
        Step(
            f"consolidation/{quarter}",
            ConsolidateQuarter(
                by=officer(committee_id),
                at=at,
                consolidation_id=ident("consolidation", quarter),
                quarter=quarter,
                branch_ids=reporting(tree, committee_id, quarter),
                as_of_position=position,
                narrative=data.supervision().consolidation,
            ),
        )
    ]


async def summarise(
    half: Half, branch_ids: Iterable[str], serving: Serving, at: datetime
) -> list[Step]:
    """These branches sum up the half-year."""
    position, calendars = await serving.log.head(), serving.calendars
    steps = []
    for branch_id in branch_ids:
        tree = await tree_of(Sight(serving.log.fenced, branch_id), branch_id, position)
        steps.append(
            Step(
                f"summary/{branch_id}/{half}",
                SummariseHalf(
                    by=officer(branch_id),
                    at=at,
                    summary_id=ident("summary", branch_id, half),
                    half=half,
                    owed=owed(tree, branch_id, half),
                    figures=await figures_at(serving, branch_id, half, position, calendars),
                    as_of_position=position,
                    calendar=citation(calendars, half),
                    narrative=chance(0, "summary", branch_id, half).choice(
                        data.supervision().summaries
                    ),
                ),
            )
        )
    return steps
