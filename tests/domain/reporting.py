"""A first quarter to report about: what its branches inspected, and what they came to."""

from datetime import date, datetime, timedelta
from typing import Any

from service.domain.consolidation import QuarterConsolidated
from service.domain.event import SHANGHAI
from service.domain.inspection import CommunityTalk, InspectionConfirmed, TalkOutcome
from service.domain.period import Half, Month, Quarter
from service.domain.quarterly_report import QuarterlyReportAmended, QuarterReported
from service.domain.report_figures import (
    ReportFigures,
    ServedFigures,
    ServiceFigures,
    StandingFigures,
    SupervisionFigures,
    added_up,
    differences,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_BRANCH,
    TOWN,
    appointed,
    person,
)

FIRST, SECOND = Quarter(2026, 1), Quarter(2026, 2)
HALF = Half(2026, 1)
LAST_MOMENT = datetime(2026, 3, 31, 23, 59, 59, tzinfo=SHANGHAI)
APRIL, JULY = LAST_MOMENT + timedelta(seconds=1), datetime(2026, 7, 1, tzinfo=SHANGHAI)
POSITION = 1000
CALENDAR = "国办发明电〔2025〕7号"

OFFICERS = tuple(appointed("clerk", each) for each in (BRANCH, OTHER_BRANCH, COMMITTEE, AUTHORITY))
OFFICES = (*TOWN, *OFFICERS)
"""The town, in which every unit has somebody who acts for it."""


def inspected(month: Month, branch_id: str = BRANCH) -> InspectionConfirmed:
    """One month of a branch's, talked over with one community."""
    return InspectionConfirmed(
        inspection_id=f"{branch_id}/{month}",
        branch_id=branch_id,
        month=str(month),
        certificates=2,
        entries=3,
        unendorsed=0,
        exempt=0,
        talks=(
            CommunityTalk(
                community_id=COMMUNITY, held_on=month.last_day, outcome=TalkOutcome.CONSISTENT
            ),
        ),
        as_of_position=10,
        confirmed_by="clerk",
        confirmed_by_person=person("clerk"),
    )


INSPECTED = tuple(map(inspected, FIRST.months))


def served(minutes: int = 300, times: int = 3, **differently: int) -> ServiceFigures:
    """What two members did for the community, all of it of one sort."""
    counts = {
        "members": 2,
        "members_duty": 0,
        "members_voluntary": 2,
        "inside_minutes": 45,
        "pending_minutes": 0,
        "unendorsed": 1,
    }
    sort = ServedFigures(
        ledger="voluntary", grade="B", category="cleaning", times=times, outside_minutes=minutes
    )
    return ServiceFigures(served=(sort,), **counts | differently)


def figures(service: ServiceFigures | None = None, **supervised: int) -> ReportFigures:
    """What a branch's quarter comes to, each month of which was inspected."""
    supervision = {
        "inspections": 3,
        "talks": 3,
        "visits": 0,
        "discrepancies": 0,
        "discrepancies_open": 0,
    }
    return ReportFigures(
        standing=StandingFigures(members=20, exempt=1, registered=18),
        service=service or served(),
        supervision=SupervisionFigures(**supervision | supervised),
    )


def reported(
    branch_id: str = BRANCH, quarter: Quarter = FIRST, report_id: str = "", **differently: Any
) -> QuarterReported:
    """A branch's report of a quarter."""
    facts: dict[str, Any] = {
        "committee_id": COMMITTEE,
        "figures": figures(),
        "as_of_position": POSITION,
    }
    return QuarterReported(
        report_id=report_id or f"{branch_id}/{quarter}",
        branch_id=branch_id,
        quarter=str(quarter),
        calendar=CALENDAR,
        reported_by="clerk",
        reported_by_person=person("clerk"),
        **facts | differently,
    )


def amended(
    report: QuarterReported, service: ServiceFigures, number: int = 1
) -> QuarterlyReportAmended:
    """The record of the quarter has changed to this."""
    return QuarterlyReportAmended(
        report_id=report.report_id,
        branch_id=report.branch_id,
        committee_id=report.committee_id,
        quarter=report.quarter,
        number=number,
        as_of_position=POSITION + number,
        calendar=CALENDAR,
        service=service,
        differences=differences(report.figures.service, service),
    )


def consolidated(quarter: Quarter = FIRST, *reports: QuarterReported) -> QuarterConsolidated:
    """What the committee made of these reports."""
    return QuarterConsolidated(
        consolidation_id=f"consolidation/{quarter}",
        committee_id=COMMITTEE,
        authority_id=AUTHORITY,
        quarter=str(quarter),
        report_ids=tuple(each.report_id for each in reports),
        amendments=(0,) * len(reports),
        as_of_position=POSITION,
        figures=added_up(each.figures for each in reports),
        consolidated_by="clerk",
        consolidated_by_person=person("clerk"),
    )


def day(text: str) -> date:
    """A day of 2026, as ``04-20``."""
    return date.fromisoformat(f"2026-{text}")
