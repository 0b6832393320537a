"""A member moves to another branch; the old one is responsible until the new accepts (R4)."""

from dataclasses import replace

import pytest

from service.domain.branch_transfer import (
    AcceptBranchTransfer,
    AlreadyInBranch,
    BranchTransferAnswered,
    BranchTransferInFlight,
    BranchTransferRefusal,
    BranchTransferRefused,
    BranchTransferRequested,
    RefuseBranchTransfer,
    RequestBranchTransfer,
    UnknownBranchTransfer,
)
from service.domain.event import Command
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.organisation import UnknownOrganisation
from tests.domain.story import given
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    MEMBER,
    OTHER_BRANCH,
    acting,
)

request = RequestBranchTransfer(
    by=acting(BRANCH), at=AT, transfer_id="t1", member_id=LI, to_branch_id=OTHER_BRANCH
)
request_again = replace(request, transfer_id="t2", to_branch_id=FOREIGN_BRANCH)
accept = AcceptBranchTransfer(by=acting(OTHER_BRANCH), at=AT, transfer_id="t1")
refuse = RefuseBranchTransfer(
    by=acting(OTHER_BRANCH),
    at=AT,
    transfer_id="t1",
    reason_code=BranchTransferRefusal.INCOMPLETE_PAPERS,
)


def test_the_members_branch_asks_another_and_both_see_it() -> None:
    story = given(*MEMBER).when(request).then(BranchTransferRequested, branch_id=BRANCH)
    assert {f"branch:{BRANCH}", f"branch:{OTHER_BRANCH}"} <= set(story.happened[0].tags())


def test_unknown_member_for_every_other_branch() -> None:
    given(*MEMBER).when(replace(request, by=acting(OTHER_BRANCH))).refused(UnknownMember)
    given(*MEMBER).when(replace(request, member_id="nobody")).refused(UnknownMember)


@pytest.mark.parametrize("target", ["nowhere", COMMUNITY])
def test_a_member_moves_to_a_branch_only(target: str) -> None:
    command = replace(request, to_branch_id=target)
    given(*MEMBER).when(command).refused(UnknownOrganisation, pointer="/to_branch_id")


def test_already_in_branch() -> None:
    command = replace(request, to_branch_id=BRANCH)
    given(*MEMBER).when(command).refused(AlreadyInBranch, pointer="/to_branch_id")


def test_branch_transfer_in_flight() -> None:
    given(*MEMBER).when(request).when(request_again).refused(BranchTransferInFlight)


def test_the_old_branch_stays_responsible_until_the_new_one_accepts() -> None:
    story = given(*MEMBER).when(request)
    story.when(replace(request, by=acting(OTHER_BRANCH))).refused(UnknownMember)
    story.when(request).refused(BranchTransferInFlight)
    story.when(accept).then(BranchTransferAccepted, member_id=LI, to_branch_id=OTHER_BRANCH)
    story.when(request_again).refused(UnknownMember)
    story.when(replace(request_again, by=acting(OTHER_BRANCH))).then(
        BranchTransferRequested, branch_id=OTHER_BRANCH
    )


def test_a_refused_member_stays_and_may_ask_again() -> None:
    story = given(*MEMBER).when(request).when(refuse)
    story.then(BranchTransferRefused, reason_code=BranchTransferRefusal.INCOMPLETE_PAPERS)
    story.when(request_again).then(BranchTransferRequested, branch_id=BRANCH)


@pytest.mark.parametrize("answer", [accept, refuse])
@pytest.mark.parametrize("organisation", [BRANCH, FOREIGN_BRANCH, COMMUNITY])
def test_only_the_target_branch_may_answer(answer: Command, organisation: str) -> None:
    command = replace(answer, by=acting(organisation))
    given(*MEMBER).when(request).when(command).refused(UnknownBranchTransfer)


@pytest.mark.parametrize("answer", [accept, refuse])
def test_an_unknown_branch_transfer_cannot_be_answered(answer: Command) -> None:
    given(*MEMBER).when(answer).refused(UnknownBranchTransfer)


@pytest.mark.parametrize("first", [accept, refuse])
@pytest.mark.parametrize("second", [accept, refuse])
def test_branch_transfer_answered_only_once(first: Command, second: Command) -> None:
    given(*MEMBER).when(request).when(first).when(second).refused(BranchTransferAnswered)


@pytest.mark.parametrize("reason", BranchTransferRefusal)
def test_every_reason_of_refusal_has_a_chinese_word(reason: BranchTransferRefusal) -> None:
    assert reason.word
