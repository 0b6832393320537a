"""季度汇总与座谈会: all branches' reports added up, then talked over (R23)."""

from dataclasses import replace

import pytest

from service.domain.consolidation import (
    BranchReportMissing,
    ConsolidateQuarter,
    QuarterAlreadyConsolidated,
    QuarterConsolidated,
    QuarterNotConsolidated,
    RecordSymposium,
    SymposiumAhead,
    SymposiumAlreadyHeld,
    SymposiumHeld,
)
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import OrganisationKind, UnknownOrganisation
from service.domain.period import PeriodNotOver
from service.domain.report_figures import added_up
from tests.domain.reporting import (
    APRIL,
    FIRST,
    JULY,
    LAST_MOMENT,
    OFFICES,
    POSITION,
    SECOND,
    amended,
    consolidated,
    day,
    figures,
    reported,
    served,
)
from tests.domain.story import given
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_BRANCH,
    acting,
    appointed,
    organisation,
    person,
)

ONE, OTHER = reported(), reported(OTHER_BRANCH, figures=figures(served(60, 1)))
CONSOLIDATE = ConsolidateQuarter(
    by=acting(COMMITTEE, "clerk"),
    at=APRIL,
    consolidation_id="consolidation",
    quarter=FIRST,
    branch_ids=[BRANCH, OTHER_BRANCH],
    as_of_position=POSITION + 5,
    narrative="两个支部均已完成",
)
SYMPOSIUM = RecordSymposium(
    by=acting(COMMITTEE, "clerk"),
    at=JULY,
    symposium_id="symposium",
    quarter=FIRST,
    held_on=day("04-20"),
    attendees=12,
    present=[BRANCH, COMMUNITY, BRANCH],
    conclusions="下一季度着重走访群众",
)


def test_r23_the_committee_adds_up_what_its_branches_reported() -> None:
    given(*OFFICES, ONE, OTHER).when(CONSOLIDATE).then(
        QuarterConsolidated,
        consolidation_id="consolidation",
        committee_id=COMMITTEE,
        authority_id=AUTHORITY,
        quarter="2026-Q1",
        report_ids=(ONE.report_id, OTHER.report_id),
        amendments=(0, 0),
        as_of_position=POSITION + 5,
        figures=added_up([ONE.figures, OTHER.figures]),
        narrative="两个支部均已完成",
        consolidated_by="clerk",
        consolidated_by_person=person("clerk"),
    )


def test_r23_what_was_amended_by_then_counts_as_amended() -> None:
    story = given(*OFFICES, ONE, OTHER, amended(OTHER, served(90, 2))).when(CONSOLIDATE)
    story.then(
        QuarterConsolidated,
        amendments=(0, 1),
        figures=added_up([ONE.figures, figures(served(90, 2))]),
    )


def test_r23_a_branch_that_has_not_reported_is_named() -> None:
    named = organisation(OTHER_BRANCH, OrganisationKind.BRANCH, COMMITTEE, AUTHORITY)
    named = named.model_copy(update={"name": "第二党支部"})
    # Its report of another quarter is none of this one.
    story = given(*OFFICES, named, ONE, reported(OTHER_BRANCH, SECOND)).when(CONSOLIDATE)
    story.refused(BranchReportMissing, pointer="/quarter")
    assert str(story.rejection) == "第二党支部尚未上报2026年第一季度的季报。"
    story.history.append(OTHER)
    story.when(CONSOLIDATE).then(QuarterConsolidated)


def test_r23_without_any_report_there_is_nothing_to_consolidate() -> None:
    story = given(*OFFICES).when(replace(CONSOLIDATE, branch_ids=[]))
    story.refused(BranchReportMissing, pointer="/quarter")


def test_r23_a_branch_that_was_not_there_yet_may_have_reported_all_the_same() -> None:
    story = given(*OFFICES, ONE, OTHER).when(replace(CONSOLIDATE, branch_ids=[BRANCH]))
    story.then(QuarterConsolidated, report_ids=(ONE.report_id, OTHER.report_id))


def test_r23_a_quarter_is_consolidated_once_and_when_it_is_over() -> None:
    story = given(*OFFICES, ONE, OTHER, reported(quarter=SECOND), consolidated(SECOND))
    story.when(replace(CONSOLIDATE, at=LAST_MOMENT)).refused(PeriodNotOver, pointer="/quarter")
    story.when(CONSOLIDATE).then(QuarterConsolidated)
    story.when(CONSOLIDATE).refused(QuarterAlreadyConsolidated, pointer="/quarter")


def test_only_a_committee_consolidates_and_somebody_appointed_acts_for_it() -> None:
    story = given(*OFFICES, ONE, OTHER)
    story.when(replace(CONSOLIDATE, by=acting(COMMITTEE))).refused(OfficerNotAppointed)
    story.when(replace(CONSOLIDATE, by=acting(AUTHORITY, "clerk"))).refused(UnknownOrganisation)
    story.when(replace(CONSOLIDATE, narrative="电话13800000000")).refused(PersonalDataInOpenText)


def test_r23_the_symposium_follows_the_consolidation() -> None:
    story = given(*OFFICES, ONE, OTHER).when(SYMPOSIUM)
    story.refused(QuarterNotConsolidated, pointer="/quarter")
    story.history.append(consolidated(FIRST, ONE, OTHER))
    story.when(SYMPOSIUM).then(
        SymposiumHeld,
        symposium_id="symposium",
        committee_id=COMMITTEE,
        quarter="2026-Q1",
        held_on=day("04-20"),
        attendees=12,
        present=(BRANCH, COMMUNITY),
        conclusions="下一季度着重走访群众",
        held_by="clerk",
        held_by_person=person("clerk"),
    )
    story.when(SYMPOSIUM).refused(SymposiumAlreadyHeld, pointer="/quarter")


@pytest.mark.parametrize(
    ("held_on", "refusal"), [("03-31", PeriodNotOver), ("07-02", SymposiumAhead)]
)
def test_r23_a_symposium_lies_between_the_quarters_end_and_today(
    held_on: str, refusal: type[PeriodNotOver | SymposiumAhead]
) -> None:
    story = given(*OFFICES, consolidated(FIRST, ONE, OTHER))
    story.when(replace(SYMPOSIUM, held_on=day(held_on))).refused(refusal, pointer="/held_on")
    story.when(replace(SYMPOSIUM, held_on=day("04-01"))).then(SymposiumHeld)


def test_who_was_present_is_known_and_the_conclusions_name_nobody() -> None:
    story = given(*OFFICES, consolidated(FIRST, ONE, OTHER))
    story.when(replace(SYMPOSIUM, present=[BRANCH, "nowhere"]))
    story.refused(UnknownOrganisation, pointer="/present/1")
    story.when(replace(SYMPOSIUM, conclusions="电话13800000000"))
    story.refused(PersonalDataInOpenText, pointer="/conclusions")
    story.when(replace(SYMPOSIUM, by=acting(COMMITTEE))).refused(OfficerNotAppointed)


def test_who_was_a_guest_has_held_no_symposium_of_its_own() -> None:
    """What a committee attended is not found among what it held."""
    guest = acting(AUTHORITY, "clerk")
    theirs = SymposiumHeld(
        symposium_id="theirs",
        committee_id="other-committee",
        quarter="2026-Q1",
        held_on=day("04-10"),
        attendees=3,
        present=(COMMITTEE,),
        conclusions="交流",
        held_by=guest.person,
        held_by_person=person("clerk"),
    )
    story = given(*OFFICES, consolidated(FIRST, ONE, OTHER), appointed("clerk", COMMITTEE), theirs)
    story.when(SYMPOSIUM).then(SymposiumHeld)
