"""Exempt members: a reason, a term, nothing twice (R3)."""

from dataclasses import replace
from datetime import date

import pytest

from service.domain.event import Event
from service.domain.exemption import (
    EndExemption,
    ExemptionEnded,
    ExemptionEndOutsideTerm,
    ExemptionReason,
    ExemptionsOverlap,
    ExemptionTermReversed,
    ExemptMember,
    MemberExempted,
    UnknownExemption,
)
from service.domain.membership import BranchTransferAccepted, UnknownMember
from tests.domain.story import given
from tests.domain.town import AT, BRANCH, COMMUNITY, LI, MEMBER, OTHER_BRANCH, acting

exempt = ExemptMember(
    by=acting(BRANCH),
    at=AT,
    exemption_id="e1",
    member_id=LI,
    reason_code=ExemptionReason.ILLNESS,
    starts_on=date(2026, 3, 1),
    ends_on=date(2026, 5, 31),
)
again = replace(exempt, exemption_id="e2")
end = EndExemption(
    by=acting(BRANCH), at=AT, exemption_id="e1", ended_on=date(2026, 4, 15), reason="痊愈"
)
MOVED: tuple[Event, ...] = (
    BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    ),
)


@pytest.mark.parametrize("reason", ExemptionReason)
def test_a_branch_exempts_its_member_for_a_reason_that_has_a_chinese_word(
    reason: ExemptionReason,
) -> None:
    given(*MEMBER).when(replace(exempt, reason_code=reason)).then(
        MemberExempted, reason_code=reason, branch_id=BRANCH
    )
    assert reason.word


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, COMMUNITY])
def test_unknown_member_for_every_other_organisation(organisation: str) -> None:
    given(*MEMBER).when(replace(exempt, by=acting(organisation))).refused(UnknownMember)


def test_after_a_branch_transfer_the_new_branch_exempts() -> None:
    given(*MEMBER, *MOVED).when(exempt).refused(UnknownMember)
    theirs = replace(exempt, by=acting(OTHER_BRANCH))
    given(*MEMBER, *MOVED).when(theirs).then(MemberExempted, branch_id=OTHER_BRANCH)


def test_a_term_of_one_day() -> None:
    given(*MEMBER).when(replace(exempt, ends_on=exempt.starts_on)).then(MemberExempted)


def test_exemption_term_reversed() -> None:
    command = replace(exempt, ends_on=date(2026, 2, 28))
    given(*MEMBER).when(command).refused(ExemptionTermReversed, pointer="/ends_on")


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 5, 31), date(2026, 6, 30)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 4, 1), date(2026, 4, 2)),
        (date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_exemptions_overlap(starts_on: date, ends_on: date) -> None:
    overlapping = replace(again, starts_on=starts_on, ends_on=ends_on)
    given(*MEMBER).when(exempt).when(overlapping).refused(ExemptionsOverlap, pointer="/starts_on")


def test_an_exemption_of_one_day_overlaps_too() -> None:
    one_day = replace(exempt, ends_on=exempt.starts_on)
    given(*MEMBER).when(one_day).when(again).refused(ExemptionsOverlap)


def test_the_day_before_an_exemption_another_may_end() -> None:
    earlier = replace(again, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    given(*MEMBER).when(exempt).when(earlier).then(MemberExempted)


def test_the_day_after_an_exemption_another_may_begin() -> None:
    next_term = replace(again, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 1))
    given(*MEMBER).when(exempt).when(next_term).then(MemberExempted)


def test_an_exemption_ends_early_and_leaves_room_for_the_next() -> None:
    next_term = replace(again, starts_on=date(2026, 4, 16))
    story = given(*MEMBER).when(exempt).when(end).then(ExemptionEnded, member_id=LI)
    story.when(next_term).then(MemberExempted)


def test_an_exemption_may_be_taken_back_whole() -> None:
    taken_back = replace(end, ended_on=date(2026, 2, 28))
    story = given(*MEMBER).when(exempt).when(taken_back).then(ExemptionEnded)
    story.when(replace(again, starts_on=date(2026, 2, 1))).then(MemberExempted)


@pytest.mark.parametrize("ended_on", [date(2026, 2, 27), date(2026, 5, 31), date(2026, 6, 1)])
def test_exemption_end_outside_term(ended_on: date) -> None:
    command = replace(end, ended_on=ended_on)
    given(*MEMBER).when(exempt).when(command).refused(ExemptionEndOutsideTerm, pointer="/ended_on")


def test_an_exemption_that_ended_can_only_end_earlier() -> None:
    story = given(*MEMBER).when(exempt).when(end)
    story.when(end).refused(ExemptionEndOutsideTerm)
    story.when(replace(end, ended_on=date(2026, 4, 1))).then(ExemptionEnded)


def test_unknown_exemption() -> None:
    given(*MEMBER).when(end).refused(UnknownExemption)
    given(*MEMBER).when(exempt).when(replace(end, by=acting(OTHER_BRANCH))).refused(
        UnknownExemption
    )
