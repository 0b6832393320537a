"""季报: closed by three inspections, reported once, and amended with a number ever after (R23)."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.community_visit import CommunityVisited
from service.domain.inspection import DiscrepancyFound, DiscrepancyKind
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import UnknownOrganisation
from service.domain.period import Month, PeriodNotOver
from service.domain.quarterly_report import (
    AmendQuarterlyReport,
    FiguresOutrun,
    InspectionMissing,
    NothingToAmend,
    QuarterAlreadyReported,
    QuarterlyReportAmended,
    QuarterReported,
    ReportQuarter,
    UnknownReport,
)
from service.domain.report_figures import Difference, ServiceFigures
from tests.domain.reporting import (
    APRIL,
    CALENDAR,
    FIRST,
    INSPECTED,
    JULY,
    LAST_MOMENT,
    OFFICES,
    POSITION,
    SECOND,
    amended,
    day,
    figures,
    inspected,
    reported,
    served,
)
from tests.domain.story import given
from tests.domain.town import (
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    acting,
    id_number,
    person,
)

REPORT = ReportQuarter(
    by=acting(BRANCH, "clerk"),
    at=APRIL,
    report_id="report",
    quarter=FIRST,
    figures=figures(),
    as_of_position=POSITION,
    calendar=CALENDAR,
    narrative="本季度以环境卫生为主",
)


def amend(service: ServiceFigures, position: int = POSITION + 50) -> AmendQuarterlyReport:
    return AmendQuarterlyReport(
        by=acting("service", "worker"),
        at=JULY,
        report_id=reported().report_id,
        service=service,
        as_of_position=position,
        calendar=CALENDAR,
    )


def test_r23_a_branch_reports_its_quarter_to_the_committee_above_it() -> None:
    given(*OFFICES, *INSPECTED).when(REPORT).then(
        QuarterReported,
        report_id="report",
        branch_id=BRANCH,
        committee_id=COMMITTEE,
        quarter="2026-Q1",
        as_of_position=POSITION,
        calendar=CALENDAR,
        figures=figures(),
        narrative="本季度以环境卫生为主",
        reported_by="clerk",
        reported_by_person=person("clerk"),
    )


@pytest.mark.parametrize("month", FIRST.months, ids=str)
def test_r23_a_quarter_with_a_missing_inspection_does_not_close(month: Month) -> None:
    others = [inspected(each) for each in FIRST.months if each != month]
    # Neither one of another quarter nor another branch's stands in for it.
    besides = inspected(Month(2026, 4)), inspected(month, OTHER_BRANCH)
    story = given(*OFFICES, *others, *besides).when(REPORT)
    story.refused(InspectionMissing, pointer="/quarter")
    assert str(story.rejection) == f"{month.word}的月查尚未完成。"


def test_r23_every_month_that_is_missing_is_named() -> None:
    story = given(*OFFICES).when(REPORT).refused(InspectionMissing)
    assert str(story.rejection) == "2026年1月、2026年2月、2026年3月的月查尚未完成。"


def test_r23_a_quarter_is_reported_once_it_is_over() -> None:
    story = given(*OFFICES, *INSPECTED)
    story.when(replace(REPORT, at=LAST_MOMENT)).refused(PeriodNotOver, pointer="/quarter")
    story.when(replace(REPORT, quarter=SECOND)).refused(PeriodNotOver, pointer="/quarter")
    story.when(REPORT).then(QuarterReported)


def test_r23_a_quarter_is_reported_once() -> None:
    story = given(*OFFICES, *INSPECTED, reported(OTHER_BRANCH), reported(quarter=SECOND))
    story.when(REPORT).then(QuarterReported)
    again = replace(REPORT, report_id="again")
    story.when(again).refused(QuarterAlreadyReported, pointer="/quarter")


VISIT = CommunityVisited(
    visit_id="visit",
    organisation_id=BRANCH,
    branch_id=BRANCH,
    community_id=COMMUNITY,
    visited_on=day("03-20"),
    visited_by="clerk",
    visited_by_person=person("clerk"),
)
FOUND = DiscrepancyFound(
    discrepancy_id="d",
    inspection_id=INSPECTED[0].inspection_id,
    branch_id=BRANCH,
    member_id=LI,
    kind=DiscrepancyKind.OTHER,
)


@pytest.mark.parametrize(
    ("since", "counted"),
    [(VISIT, {"visits": 1}), (FOUND, {"discrepancies": 1, "discrepancies_open": 1})],
)
def test_r23_what_was_recorded_since_the_position_is_no_part_of_the_figures(
    since: Any, counted: dict[str, Any]
) -> None:
    """The supervision figures of the position are those of the decision, or there is none."""
    story = given(*OFFICES, *INSPECTED, since)
    story.when(REPORT).refused(FiguresOutrun)
    story.when(replace(REPORT, figures=figures(**counted))).then(QuarterReported)


def test_only_a_branch_reports_and_somebody_appointed_acts_for_it() -> None:
    story = given(*OFFICES, *INSPECTED)
    story.when(replace(REPORT, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)
    story.when(replace(REPORT, by=acting(COMMITTEE, "clerk"))).refused(UnknownOrganisation)


@pytest.mark.parametrize("text", [f"联系人证件{id_number()}", "电话13800000000"])
def test_r40_the_narrative_names_nobody(text: str) -> None:
    story = given(*OFFICES, *INSPECTED).when(replace(REPORT, narrative=text))
    story.refused(PersonalDataInOpenText, pointer="/narrative")


def test_r23_a_later_correction_is_an_amendment_with_its_number_and_its_difference() -> None:
    story = given(reported()).when(amend(served(240, 2)))
    story.then(
        QuarterlyReportAmended,
        number=1,
        as_of_position=POSITION + 50,
        calendar=CALENDAR,
        service=served(240, 2),
        differences=(
            Difference(figure="/served/voluntary/B/cleaning/times", before=3, after=2),
            Difference(
                figure="/served/voluntary/B/cleaning/outside_minutes", before=300, after=240
            ),
        ),
    )
    # The next one is counted from this one.
    story.when(amend(served(300, 3), POSITION + 60)).then(
        QuarterlyReportAmended,
        number=2,
        differences=(
            Difference(figure="/served/voluntary/B/cleaning/times", before=2, after=3),
            Difference(
                figure="/served/voluntary/B/cleaning/outside_minutes", before=240, after=300
            ),
        ),
    )


def test_r23_where_nothing_is_different_nothing_is_amended() -> None:
    story = given(reported()).when(amend(served())).refused(NothingToAmend)
    story.when(amend(served(240))).then(QuarterlyReportAmended)
    # Whoever comes second with the same finds it amended.
    story.when(amend(served(240), POSITION + 70)).refused(NothingToAmend)


def test_r23_figures_of_an_earlier_position_amend_nothing() -> None:
    report = reported()
    story = given(report, amended(report, served(240), number=1))
    story.when(amend(served(300), POSITION + 1)).refused(NothingToAmend)
    story.when(amend(served(300), POSITION + 2)).then(QuarterlyReportAmended, number=2)


def test_r23_what_was_never_reported_is_not_amended() -> None:
    given(*OFFICES, reported(OTHER_BRANCH)).when(amend(served(240))).refused(UnknownReport)
