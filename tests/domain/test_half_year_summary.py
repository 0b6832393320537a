"""半年总结: once both quarters are closed, once for each half-year (R24)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.event import Event
from service.domain.half_year_summary import (
    HalfAlreadySummarised,
    HalfYearSummarised,
    Owed,
    ReportMissing,
    SummariseHalf,
)
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import UnknownOrganisation
from service.domain.period import Half, PeriodNotOver
from tests.domain.reporting import (
    CALENDAR,
    FIRST,
    HALF,
    JULY,
    OFFICES,
    POSITION,
    SECOND,
    consolidated,
    figures,
    reported,
)
from tests.domain.story import given
from tests.domain.town import AUTHORITY, BRANCH, COMMITTEE, COMMUNITY, acting, person

QUARTERS = (FIRST, SECOND)
SUMMARISE = SummariseHalf(
    by=acting(BRANCH, "clerk"),
    at=JULY,
    summary_id="summary",
    half=HALF,
    owed=[Owed(BRANCH, quarter) for quarter in QUARTERS],
    figures=figures(inspections=6),
    as_of_position=POSITION,
    calendar=CALENDAR,
    narrative="上半年党员服务稳步开展",
)
REPORTS = tuple(reported(quarter=each) for each in QUARTERS)
CONSOLIDATIONS = tuple(map(consolidated, QUARTERS))


def test_r24_a_branch_summarises_the_half_year_it_has_reported() -> None:
    given(*OFFICES, *REPORTS).when(SUMMARISE).then(
        HalfYearSummarised,
        summary_id="summary",
        organisation_id=BRANCH,
        above_id=COMMITTEE,
        half="2026-H1",
        as_of_position=POSITION,
        calendar=CALENDAR,
        figures=figures(inspections=6),
        narrative="上半年党员服务稳步开展",
        summarised_by="clerk",
        summarised_by_person=person("clerk"),
    )


@pytest.mark.parametrize(
    ("organisation_id", "owing", "documents"),
    [
        (BRANCH, BRANCH, REPORTS),
        (COMMITTEE, COMMITTEE, CONSOLIDATIONS),
        (AUTHORITY, COMMITTEE, CONSOLIDATIONS),
        (AUTHORITY, BRANCH, REPORTS),
    ],
)
@pytest.mark.parametrize("missing", [0, 1])
def test_r24_what_it_rests_on_must_be_there(
    organisation_id: str, owing: str, documents: Sequence[Event], missing: int
) -> None:
    summarise = replace(
        SUMMARISE,
        by=acting(organisation_id, "clerk"),
        owed=[Owed(owing, quarter) for quarter in QUARTERS],
    )
    story = given(*OFFICES, documents[1 - missing]).when(summarise)
    story.refused(ReportMissing, pointer="/half")
    quarter = QUARTERS[missing].word
    assert str(story.rejection) == f"尚缺季报或者季度汇总：{owing}{quarter}。"
    story.history.append(documents[missing])
    story.when(summarise).then(HalfYearSummarised, organisation_id=organisation_id)


def test_r24_without_any_report_there_is_nothing_to_summarise() -> None:
    given(*OFFICES).when(replace(SUMMARISE, owed=[])).refused(ReportMissing, pointer="/half")


def test_r24_a_half_year_is_summarised_once_and_when_it_is_over() -> None:
    story = given(*OFFICES, *REPORTS, *CONSOLIDATIONS)
    early = replace(SUMMARISE, at=JULY - timedelta(seconds=1))
    story.when(early).refused(PeriodNotOver, pointer="/half")
    later = replace(SUMMARISE, half=Half(2026, 2))
    story.when(later).refused(PeriodNotOver, pointer="/half")
    story.when(SUMMARISE).then(HalfYearSummarised)
    story.when(SUMMARISE).refused(HalfAlreadySummarised, pointer="/half")
    # The branch's names the committee, to which it goes; it is not the committee's own.
    of_committee = replace(
        SUMMARISE,
        by=acting(COMMITTEE, "clerk"),
        owed=[Owed(COMMITTEE, quarter) for quarter in QUARTERS],
    )
    story.when(of_committee).then(HalfYearSummarised, above_id=AUTHORITY)


def test_who_may_summarise_and_what_the_text_must_not_say() -> None:
    story = given(*OFFICES, *REPORTS)
    story.when(replace(SUMMARISE, by=acting(BRANCH))).refused(OfficerNotAppointed)
    story.when(replace(SUMMARISE, by=acting(COMMUNITY))).refused(UnknownOrganisation)
    story.when(replace(SUMMARISE, narrative="电话13800000000")).refused(PersonalDataInOpenText)
