"""Quarterly feedback: by the community that is responsible, once, and not about oneself (R25)."""

from dataclasses import replace

import pytest

from service.domain.endorsement import Performance
from service.domain.feedback import (
    FeedbackAlreadyGiven,
    FeedbackListRefused,
    GiveFeedback,
    MemberFeedback,
    QuarterlyFeedbackGiven,
)
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.officer import OnlyResponsiblePerson
from service.domain.period import PeriodNotOver, Quarter
from service.domain.separation import NotInOwnMatter
from tests.domain.clean_up import GONE
from tests.domain.story import Story, given, matches
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    SETTLED,
    WANG,
    accepted,
    acting,
    moving,
    person,
    registered,
)

ABOUT_LI = MemberFeedback("f1", LI, Performance.EXCELLENT, "热心")
give = GiveFeedback(
    by=acting(COMMUNITY, "secretary"),
    at=AT,
    community_id=COMMUNITY,
    quarter=Quarter(2025, 4),
    feedback=(ABOUT_LI,),
)
BOTH = (
    *SETTLED,
    registered(WANG, registration_id="r-wang"),
    accepted(WANG, registration_id="r-wang"),
)


def faults(story: Story) -> list[tuple[str, str]]:
    assert isinstance(story.rejection, FeedbackListRefused)
    return list(story.rejection.errors)


def test_the_community_tells_the_branch_how_its_members_did() -> None:
    both = replace(give, feedback=(ABOUT_LI, MemberFeedback("f2", WANG, Performance.FAIR)))
    story = given(*BOTH).when(both)
    story.then(
        QuarterlyFeedbackGiven,
        QuarterlyFeedbackGiven,
        feedback_id="f2",
        community_id=COMMUNITY,
        branch_id=OTHER_BRANCH,
        member_id=WANG,
        quarter="2025-Q4",
        performance=Performance.FAIR,
        text=None,
        given_by="secretary",
        given_by_person=person("secretary"),
    )
    first = story.happened[0]
    assert isinstance(first, QuarterlyFeedbackGiven)
    assert (first.member_id, first.branch_id, first.text) == (LI, BRANCH, "热心")


def test_it_goes_to_the_branch_the_member_belongs_to_now() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    given(*SETTLED, moved).when(give).then(QuarterlyFeedbackGiven, branch_id=OTHER_BRANCH)


def test_r25_a_quarter_that_is_not_over_takes_no_feedback() -> None:
    running = replace(give, quarter=Quarter(2026, 1))
    given(*SETTLED).when(running).refused(PeriodNotOver, pointer="/quarter")


def test_r25_feedback_is_given_once_for_each_quarter() -> None:
    story = given(*SETTLED).when(give).when(give)
    assert faults(story) == [("/feedback/0/member_id", FeedbackAlreadyGiven.title())]
    story.when(replace(give, quarter=Quarter(2025, 3))).then(QuarterlyFeedbackGiven)


def test_of_a_list_with_one_offender_nothing_is_said_and_every_offender_is_listed() -> None:
    listed = replace(
        give, feedback=(ABOUT_LI, MemberFeedback("f2", WANG, Performance.GOOD), ABOUT_LI)
    )
    assert faults(given(*SETTLED).when(listed)) == [
        ("/feedback/1/member_id", UnknownMember.title()),
        ("/feedback/2/member_id", FeedbackAlreadyGiven.title()),
    ]


def test_only_the_community_the_member_is_registered_with_gives_feedback() -> None:
    elsewhere = replace(give, by=acting(OTHER_COMMUNITY, "secretary"), community_id=OTHER_COMMUNITY)
    assert faults(given(*SETTLED).when(elsewhere)) == [
        ("/feedback/0/member_id", UnknownMember.title())
    ]
    gone = given(*SETTLED, GONE).when(give)
    assert faults(gone) == [("/feedback/0/member_id", UnknownMember.title())]
    transferred = accepted(
        LI, OTHER_COMMUNITY, OTHER_REGISTRATION, transferred_from="registration-1"
    )
    moved = given(*SETTLED, moving(), transferred)
    assert faults(moved.when(give)) == [("/feedback/0/member_id", UnknownMember.title())]
    # The new community speaks for itself, whatever the old one said.
    moved.when(elsewhere).then(QuarterlyFeedbackGiven, community_id=OTHER_COMMUNITY)


def test_nobody_speaks_about_themselves() -> None:
    own = given(*SETTLED).when(replace(give, by=acting(COMMUNITY, LI)))
    assert faults(own) == [("/feedback/0/member_id", NotInOwnMatter.title())]


@pytest.mark.parametrize("who", [("clerk", "responsible"), ("secretary", "officer")])
def test_only_a_responsible_person_gives_feedback(who: tuple[str, str]) -> None:
    given(*SETTLED).when(replace(give, by=acting(COMMUNITY, *who))).refused(OnlyResponsiblePerson)


def test_feedback_about_one_member_does_not_depend_on_another() -> None:
    other = QuarterlyFeedbackGiven(
        feedback_id="f9",
        community_id=COMMUNITY,
        branch_id=BRANCH,
        member_id=WANG,
        quarter="2025-Q4",
        performance=Performance.GOOD,
        given_by="secretary",
        given_by_person=person("secretary"),
    )
    assert not matches(other, give.consistency_boundary())


def test_what_is_written_about_a_member_is_sealed() -> None:
    assert QuarterlyFeedbackGiven.personal == {"text": "assessment"}
