"""Roll-call: a hundred and twenty people with three exceptions in one request (R14)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from service.domain.activity import ActivityIsCancelled, ActivityNotPublished, UnknownActivity
from service.domain.attendance import AbsenceReason, RollCalled, RollCallException
from service.domain.event import Event
from service.domain.roll_call import (
    CalledButNotRegistered,
    CalledTwice,
    CallRoll,
    NobodyCalled,
    RollCallTooEarly,
)
from tests.domain.clean_up import (
    ACTIVITY,
    AFTER,
    CANCELLED,
    COMPLETED,
    ENDS,
    HOUR,
    MINUTE,
    PUBLISHED,
    STARTS,
    planned,
)
from tests.domain.story import given
from tests.domain.town import COMMUNITY, LI, OTHER_COMMUNITY, WANG, accepted, acting

PEOPLE = [f"member-{n}" for n in range(120)]
OPEN = (planned(), PUBLISHED)
EVERYBODY = (*OPEN, *(accepted(each) for each in (*PEOPLE, LI)))


def absent(member_id: str, reason: AbsenceReason = AbsenceReason.LEAVE) -> RollCallException:
    return RollCallException(member_id=member_id, reason_code=reason)


def call(
    present: Sequence[str] = (LI,),
    exceptions: Sequence[RollCallException] = (),
    by: str = COMMUNITY,
    at: datetime = AFTER,
) -> CallRoll:
    return CallRoll(
        activity_id=ACTIVITY, present=present, exceptions=exceptions, by=acting(by), at=at
    )


def test_a_roll_of_120_with_3_exceptions_is_one_event() -> None:
    exceptions = [absent(each) for each in PEOPLE[117:]]
    given(*EVERYBODY).when(call(PEOPLE[:117], exceptions)).then(
        RollCalled,
        present=tuple(PEOPLE[:117]),
        exceptions=tuple(exceptions),
        signed_in_at=STARTS,
        signed_out_at=ENDS,
    )


def test_called_while_it_is_under_way_it_says_only_who_came() -> None:
    given(*EVERYBODY).when(call(at=STARTS + HOUR)).then(
        RollCalled, signed_in_at=STARTS, signed_out_at=None
    )
    given(*EVERYBODY).when(call(at=ENDS)).then(RollCalled, signed_out_at=ENDS)


def test_called_after_an_early_end_it_vouches_until_then() -> None:
    given(*EVERYBODY, COMPLETED).when(call(at=STARTS + HOUR)).then(
        RollCalled, signed_in_at=STARTS, signed_out_at=STARTS + HOUR
    )


def test_a_roll_is_not_called_before_signing_opens() -> None:
    story = given(*EVERYBODY)
    story.when(call(at=STARTS - 2 * HOUR - MINUTE)).refused(RollCallTooEarly)
    story.when(call(at=STARTS - 2 * HOUR)).then(RollCalled, signed_in_at=STARTS - 2 * HOUR)


def test_an_empty_roll_is_refused() -> None:
    given(*EVERYBODY).when(call(present=())).refused(NobodyCalled, pointer="/present")


def test_a_roll_may_be_of_exceptions_only() -> None:
    given(*EVERYBODY).when(call((), [absent(LI)])).then(RollCalled, present=())


def test_nobody_is_called_twice_and_every_repetition_is_listed() -> None:
    story = given(*EVERYBODY).when(
        call([LI, "member-1", LI], [absent("member-1"), absent("member-2")])
    )
    story.refused(CalledTwice, pointer="/present/2")
    assert story.rejection is not None
    assert story.rejection.errors == (
        ("/present/2", "与/present/0重复。"),
        ("/exceptions/0/member_id", "与/present/1重复。"),
    )


def test_everybody_must_be_registered_here_and_every_stranger_is_listed() -> None:
    elsewhere = accepted(WANG, OTHER_COMMUNITY)
    story = given(*EVERYBODY, elsewhere).when(call([LI, WANG], [absent("nobody")]))
    story.refused(CalledButNotRegistered, pointer="/present/1")
    assert story.rejection is not None
    assert [pointer for pointer, _ in story.rejection.errors] == [
        "/present/1",
        "/exceptions/0/member_id",
    ]


@pytest.mark.parametrize(
    ("history", "refusal"),
    [([planned()], ActivityNotPublished), ([*OPEN, CANCELLED], ActivityIsCancelled)],
)
def test_only_an_activity_that_takes_place_has_a_roll(history: list[Event], refusal: Any) -> None:
    given(*history, accepted()).when(call()).refused(refusal)


def test_another_community_does_not_learn_of_the_activity() -> None:
    given(*EVERYBODY).when(call(by=OTHER_COMMUNITY)).refused(UnknownActivity)


def test_every_reason_has_its_word() -> None:
    assert [reason.word for reason in AbsenceReason] == ["公务", "请假", "生病", "无故未到", "其他"]
