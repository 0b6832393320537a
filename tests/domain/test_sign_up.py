"""Signing up: within the capacity, before the end, for members registered here (R13)."""

from datetime import datetime
from typing import Any

import pytest

from service.domain.activity import (
    ActivityIsCancelled,
    ActivityIsCompleted,
    ActivityKind,
    ActivityNotPublished,
    UnknownActivity,
)
from service.domain.event import Command, Event
from service.domain.membership import UnknownMember
from service.domain.responsibility import NotRegisteredHere
from service.domain.sign_up import (
    ActivityFull,
    ActivityOver,
    AlreadySignedUp,
    MemberSignedUp,
    NotOfTheUnit,
    NotSignedUp,
    SignUp,
    SignUpWithdrawn,
    WithdrawSignUp,
)
from tests.domain.clean_up import (
    ACTIVITY,
    CANCELLED,
    COMPLETED,
    ENDS,
    MINUTE,
    PUBLISHED,
    STARTS,
    planned,
)
from tests.domain.story import given, matches
from tests.domain.test_claim import BOTH
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    acting,
    registered,
)


def sign_up(member_id: str = LI, by: str = COMMUNITY, at: datetime = AT) -> SignUp:
    return SignUp(activity_id=ACTIVITY, member_id=member_id, by=acting(by), at=at)


def withdraw(member_id: str = LI, by: str = COMMUNITY, at: datetime = AT) -> WithdrawSignUp:
    return WithdrawSignUp(activity_id=ACTIVITY, member_id=member_id, by=acting(by), at=at)


def signed_up(member_id: str = LI, branch_id: str = BRANCH) -> MemberSignedUp:
    return MemberSignedUp(
        activity_id=ACTIVITY, community_id=COMMUNITY, member_id=member_id, branch_id=branch_id
    )


WITHDRAWN = SignUpWithdrawn(
    activity_id=ACTIVITY, community_id=COMMUNITY, member_id=LI, branch_id=BRANCH
)
OPEN = (planned(), PUBLISHED)


@pytest.mark.parametrize("by", [COMMUNITY, BRANCH])
def test_the_community_or_the_branch_signs_a_member_up(by: str) -> None:
    given(*SETTLED, *OPEN).when(sign_up(by=by)).then(
        MemberSignedUp, member_id=LI, branch_id=BRANCH, community_id=COMMUNITY
    )


@pytest.mark.parametrize("by", [OTHER_COMMUNITY, OTHER_BRANCH])
def test_nobody_else_signs_up_or_learns_of_the_activity(by: str) -> None:
    story = given(*SETTLED, *OPEN, signed_up())
    story.when(sign_up(by=by)).refused(UnknownActivity)
    story.when(withdraw(by=by)).refused(UnknownActivity)
    given(*SETTLED).when(sign_up()).refused(UnknownActivity)


def test_a_place_after_the_last_is_refused() -> None:
    given(*BOTH, planned(capacity=1), PUBLISHED, signed_up(WANG, OTHER_BRANCH)).when(
        sign_up()
    ).refused(ActivityFull)


def test_withdrawing_frees_the_place() -> None:
    full = given(*BOTH, planned(capacity=1), PUBLISHED, signed_up())
    full.when(withdraw(by=BRANCH)).then(SignUpWithdrawn, member_id=LI)
    full.when(sign_up(WANG)).then(MemberSignedUp, branch_id=OTHER_BRANCH)


def test_without_a_capacity_everybody_finds_a_place() -> None:
    others = [signed_up(f"member-{n}") for n in range(200)]
    given(*SETTLED, *OPEN, *others).when(sign_up()).then(MemberSignedUp)


def test_where_places_are_not_limited_sign_ups_do_not_depend_on_each_other() -> None:
    boundary = sign_up().consistency_boundary()
    assert not matches(signed_up(WANG, OTHER_BRANCH), boundary)


def test_a_member_signs_up_once() -> None:
    given(*SETTLED, *OPEN, signed_up()).when(sign_up()).refused(AlreadySignedUp)


def test_a_member_may_sign_up_again_after_withdrawing() -> None:
    given(*SETTLED, *OPEN, signed_up(), WITHDRAWN).when(sign_up()).then(MemberSignedUp)


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        ([planned()], ActivityNotPublished),
        ([*OPEN, CANCELLED], ActivityIsCancelled),
        ([*OPEN, COMPLETED], ActivityIsCompleted),
    ],
)
def test_only_a_published_activity_takes_sign_ups(history: list[Event], refusal: Any) -> None:
    given(*SETTLED, *history).when(sign_up()).refused(refusal)
    given(*SETTLED, *history, signed_up()).when(withdraw()).refused(refusal)


@pytest.mark.parametrize("act", [sign_up, withdraw])
def test_nobody_signs_up_or_withdraws_once_it_is_over(act: Any) -> None:
    command: Command = act(at=ENDS)
    history = [*SETTLED, *OPEN, *([signed_up()] if act is withdraw else [])]
    given(*history).when(command).refused(ActivityOver)
    assert not given(*history).when(act(at=ENDS - MINUTE)).rejection
    assert STARTS < ENDS - MINUTE


def test_a_member_who_is_not_registered_here_does_not_sign_up() -> None:
    given(*MEMBER, registered(), *OPEN).when(sign_up()).refused(NotRegisteredHere)
    given(*MEMBER, *OPEN).when(sign_up(by=BRANCH)).refused(NotRegisteredHere)
    given(*MEMBER, *OPEN).when(sign_up()).refused(UnknownMember, pointer="/member_id")


def test_only_members_of_the_unit_sign_up_for_its_activity() -> None:
    unit = (planned(kind=ActivityKind.UNIT, branch_id=BRANCH), PUBLISHED)
    given(*BOTH, *unit).when(sign_up()).then(MemberSignedUp)
    given(*BOTH, *unit).when(sign_up(WANG)).refused(NotOfTheUnit, pointer="/member_id")


@pytest.mark.parametrize("history", [[], [signed_up(), WITHDRAWN], [signed_up(WANG)]])
def test_only_who_signed_up_withdraws(history: list[Event]) -> None:
    given(*SETTLED, *OPEN, *history).when(withdraw()).refused(NotSignedUp, pointer="/member_id")
