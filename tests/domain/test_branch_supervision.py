"""What a branch's months come to, for the reports that rest on it (R22, R23, R25)."""

from datetime import date
from typing import Any

from service.domain.branch_supervision import BranchSupervision
from service.domain.community_visit import CommunityVisited
from service.domain.event import Event
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    DismissalReason,
    InspectionConfirmed,
    Resolution,
    TalkOutcome,
)
from service.domain.membership import SubjectErased
from service.domain.period import Month, Quarter
from service.domain.report_figures import SupervisionFigures
from tests.domain.story import matches
from tests.domain.town import BRANCH, COMMUNITY, LI, OTHER_BRANCH, WANG, person

FIRST, SECOND = Quarter(2026, 1), Quarter(2026, 2)


def inspected(month: str, *, talks: int = 1, branch_id: str = BRANCH) -> InspectionConfirmed:
    talk = CommunityTalk(
        community_id=COMMUNITY, held_on=date(2026, 4, 1), outcome=TalkOutcome.CONSISTENT
    )
    return InspectionConfirmed(
        inspection_id=f"i-{month}",
        branch_id=branch_id,
        month=month,
        certificates=1,
        entries=1,
        unendorsed=0,
        exempt=0,
        talks=(talk,) * talks,
        as_of_position=int(month[-2:]) * 100,
        confirmed_by="officer",
        confirmed_by_person=person("officer"),
    )


def found(number: str, month: str, member_id: str = LI) -> DiscrepancyFound:
    return DiscrepancyFound(
        discrepancy_id=number,
        inspection_id=f"i-{month}",
        branch_id=BRANCH,
        member_id=member_id,
        kind=DiscrepancyKind.OTHER,
    )


def resolved(number: str) -> DiscrepancyResolved:
    return DiscrepancyResolved(
        discrepancy_id=number,
        branch_id=BRANCH,
        member_id=LI,
        resolution=Resolution.EXPLAINED,
        resolved_by="officer",
        resolved_by_person=person("officer"),
    )


def visited(day: date, organisation_id: str = BRANCH) -> CommunityVisited:
    return CommunityVisited(
        visit_id=f"v-{day}",
        organisation_id=organisation_id,
        branch_id=organisation_id,
        community_id=COMMUNITY,
        visited_on=day,
        visited_by="officer",
        visited_by_person=person("officer"),
    )


def learnt(*history: Event) -> BranchSupervision:
    fact = BranchSupervision()
    for event in history:
        if matches(event, [BranchSupervision.about(BRANCH)]):
            event.mutate(fact)
    return fact


HISTORY: tuple[Any, ...] = (
    inspected("2026-01", talks=2),
    found("a", "2026-01"),
    found("b", "2026-01", WANG),
    inspected("2026-02"),
    inspected("2026-04"),
    found("c", "2026-04"),
    DiscrepancyDismissed(
        discrepancy_id="d",
        inspection_id="i-2026-01",
        branch_id=BRANCH,
        member_id=LI,
        kind=DiscrepancyKind.OTHER,
        reason_code=DismissalReason.OTHER,
    ),
    resolved("a"),
    visited(date(2026, 3, 31)),
    visited(date(2026, 4, 1)),
    visited(date(2025, 12, 31)),
    inspected("2026-03", branch_id=OTHER_BRANCH),
    visited(date(2026, 2, 1), OTHER_BRANCH),
)


def test_r23_a_quarter_counts_the_inspections_of_its_months_and_the_visits_within_it() -> None:
    supervision = learnt(*HISTORY)
    assert supervision.figures(FIRST.months) == SupervisionFigures(
        inspections=2, talks=3, visits=1, discrepancies=2, discrepancies_open=1
    )
    assert supervision.figures(SECOND.months) == SupervisionFigures(
        inspections=1, talks=1, visits=1, discrepancies=1, discrepancies_open=1
    )


def test_r23_the_months_that_are_missing_are_named() -> None:
    assert learnt(*HISTORY).missing(FIRST.months) == (Month(2026, 3),)
    assert learnt().missing(FIRST.months) == FIRST.months


def test_each_month_knows_its_inspection() -> None:
    assert learnt(*HISTORY).inspected[Month(2026, 2)] == "i-2026-02"


def test_a_list_begins_where_the_lists_of_earlier_months_ended() -> None:
    supervision = learnt(*HISTORY)
    assert supervision.looked_before(Month(2026, 1)) is None
    assert supervision.looked_before(Month(2026, 3)) == 200
    # Months are inspected in any order: a later one looked at nothing of an earlier one.
    assert supervision.looked_before(Month(2026, 4)) == 200
    assert supervision.looked_before(Month(2026, 5)) == 400


def test_what_was_found_about_somebody_who_is_forgotten_is_open_no_more() -> None:
    erased = SubjectErased(
        erasure_id="e",
        member_id=WANG,
        branch_id=BRANCH,
        person=person(WANG),
        key_fingerprints=(),
    )
    assert learnt(*HISTORY, erased).figures(FIRST.months).discrepancies_open == 0


def test_what_was_found_or_dismissed_is_answered() -> None:
    supervision = learnt(*HISTORY)
    assert [each for each in "abcde" if supervision.answered(each)] == list("abcd")
