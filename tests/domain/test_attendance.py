"""Signing in and out: nothing is erased, and nobody stands in another's way (R14)."""

from datetime import datetime
from typing import Any

import pytest

from service.domain.activity import ActivityIsCancelled, ActivityNotPublished, UnknownActivity
from service.domain.attendance import (
    AbsenceReason,
    Attendances,
    MemberSignedIn,
    MemberSignedOut,
    NotSignedIn,
    OutsideSigningTime,
    RollCalled,
    RollCallException,
    SignedInFuture,
    SignedOutBeforeSignedIn,
    SignIn,
    SignOut,
)
from service.domain.event import Event
from service.domain.membership import UnknownMember
from service.domain.responsibility import NotRegisteredHere
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
    signed_in,
    signed_out,
)
from tests.domain.story import given, matches
from tests.domain.town import (
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    acting,
    registered,
)

OPEN = (*SETTLED, planned(), PUBLISHED)


def sign_in(
    signed_at: datetime = STARTS,
    member_id: str = LI,
    by: str = COMMUNITY,
    at: datetime = AFTER,
) -> SignIn:
    return SignIn(
        activity_id=ACTIVITY,
        member_id=member_id,
        signed_at=signed_at,
        method="code",
        by=acting(by),
        at=at,
    )


def sign_out(
    signed_at: datetime = ENDS,
    member_id: str = LI,
    by: str = COMMUNITY,
    at: datetime = AFTER,
) -> SignOut:
    return SignOut(
        activity_id=ACTIVITY,
        member_id=member_id,
        signed_at=signed_at,
        method="code",
        by=acting(by),
        at=at,
    )


def roll_called(present: tuple[str, ...], absent: tuple[str, ...] = ()) -> RollCalled:
    return RollCalled(
        activity_id=ACTIVITY,
        community_id=COMMUNITY,
        present=present,
        exceptions=tuple(
            RollCallException(member_id=each, reason_code=AbsenceReason.LEAVE) for each in absent
        ),
        signed_in_at=STARTS,
        signed_out_at=ENDS,
    )


def test_a_member_signs_in_and_out() -> None:
    story = given(*OPEN).when(sign_in()).then(MemberSignedIn, signed_at=STARTS, method="code")
    story.when(sign_out()).then(MemberSignedOut, signed_at=ENDS, method="code")


def test_a_second_sign_in_never_erases_the_first() -> None:
    given(*OPEN, signed_in()).when(sign_in(STARTS + HOUR)).then(
        MemberSignedIn, signed_at=STARTS + HOUR
    )
    attendances = folded(signed_in(), signed_in(signed_at=STARTS + HOUR))
    assert attendances.first_in == {LI: STARTS}


def folded(*events: Event) -> Attendances:
    attendances = Attendances()
    for event in events:
        event.mutate(attendances)
    return attendances


def test_the_first_sign_in_and_the_last_sign_out_count_in_whatever_order_they_arrive() -> None:
    attendances = folded(
        signed_in(signed_at=STARTS + MINUTE),
        signed_in(signed_at=STARTS),
        signed_out(signed_at=ENDS),
        signed_out(signed_at=ENDS - MINUTE),
    )
    assert attendances.first_in == {LI: STARTS}
    assert attendances.last_out == {LI: ENDS}


def test_signing_out_without_having_signed_in_is_refused() -> None:
    given(*OPEN).when(sign_out()).refused(NotSignedIn, pointer="/member_id")


def test_another_member_s_sign_in_does_not_let_one_sign_out() -> None:
    given(*OPEN, signed_in(WANG)).when(sign_out()).refused(NotSignedIn)


def test_signing_out_before_having_signed_in_is_refused() -> None:
    story = given(*OPEN, signed_in(signed_at=STARTS + HOUR))
    story.when(sign_out(STARTS)).refused(SignedOutBeforeSignedIn, pointer="/at")
    story.when(sign_out(STARTS + HOUR)).then(MemberSignedOut)


def test_who_was_called_present_may_sign_out() -> None:
    given(*OPEN, roll_called((LI,))).when(sign_out()).then(MemberSignedOut)


def test_who_was_called_absent_has_not_signed_in() -> None:
    given(*OPEN, roll_called((WANG,), (LI,))).when(sign_out()).refused(NotSignedIn)


@pytest.mark.parametrize("signed_at", [STARTS - 2 * HOUR, ENDS + 2 * HOUR])
def test_signing_is_open_from_two_hours_before_to_two_hours_after(signed_at: datetime) -> None:
    given(*OPEN).when(sign_in(signed_at)).then(MemberSignedIn)
    given(*OPEN, signed_in(signed_at=STARTS - 2 * HOUR)).when(sign_out(signed_at)).then(
        MemberSignedOut
    )


@pytest.mark.parametrize("signed_at", [STARTS - 2 * HOUR - MINUTE, ENDS + 2 * HOUR + MINUTE])
def test_nobody_signs_outside_that_time(signed_at: datetime) -> None:
    given(*OPEN).when(sign_in(signed_at)).refused(OutsideSigningTime, pointer="/at")
    given(*OPEN, signed_in()).when(sign_out(signed_at)).refused(OutsideSigningTime, pointer="/at")


def test_nobody_signs_in_the_future() -> None:
    given(*OPEN).when(sign_in(STARTS, at=STARTS - MINUTE)).refused(SignedInFuture, pointer="/at")
    given(*OPEN, signed_in()).when(sign_out(ENDS, at=ENDS - MINUTE)).refused(SignedInFuture)


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        ([planned()], ActivityNotPublished),
        ([planned(), PUBLISHED, CANCELLED], ActivityIsCancelled),
    ],
)
def test_only_an_activity_that_takes_place_is_signed(history: list[Event], refusal: Any) -> None:
    given(*SETTLED, *history).when(sign_in()).refused(refusal)
    given(*SETTLED, *history, signed_in()).when(sign_out()).refused(refusal)


def test_a_completed_activity_may_still_be_signed() -> None:
    given(*OPEN, COMPLETED).when(sign_in()).then(MemberSignedIn)


def test_another_community_does_not_learn_of_the_activity() -> None:
    story = given(*OPEN, signed_in())
    story.when(sign_in(by=OTHER_COMMUNITY)).refused(UnknownActivity)
    story.when(sign_out(by=OTHER_COMMUNITY)).refused(UnknownActivity)


def test_a_member_who_is_not_registered_here_does_not_sign_in() -> None:
    waiting = (*MEMBER, registered(), planned(), PUBLISHED)
    given(*waiting).when(sign_in()).refused(NotRegisteredHere, pointer="/member_id")
    given(*OPEN).when(sign_in(member_id=WANG)).refused(UnknownMember, pointer="/member_id")


def test_members_at_the_same_activity_do_not_stand_in_each_other_s_way() -> None:
    for command in (sign_in(member_id=LI), sign_out(member_id=LI)):
        boundary = command.consistency_boundary()
        assert not matches(signed_in(WANG), boundary)
        assert not matches(signed_out(WANG), boundary)


def test_a_roll_call_belongs_to_the_record_of_everybody_it_names() -> None:
    assert roll_called((LI,), (WANG,)).tags() == [
        f"activity:{ACTIVITY}",
        f"community:{COMMUNITY}",
        f"member:{LI}",
        f"member:{WANG}",
    ]
