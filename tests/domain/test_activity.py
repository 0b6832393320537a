"""Activities: planned, published, rescheduled, cancelled, completed; signing up (R13)."""

from datetime import datetime
from typing import Any

import pytest

from service.domain.activity import (
    ActivityAlreadyPublished,
    ActivityCancelled,
    ActivityCompleted,
    ActivityIsCancelled,
    ActivityIsCompleted,
    ActivityKind,
    ActivityNotPublished,
    ActivityPlanned,
    ActivityPublished,
    ActivityRescheduled,
    UnknownActivity,
)
from service.domain.activity_planning import (
    ActivityEndsBeforeStart,
    ActivityNotStarted,
    AttendanceTaken,
    CancelActivity,
    CompleteActivity,
    OwnActivityNotPlanned,
    PlanActivity,
    PublishActivity,
    RescheduleActivity,
    RiskNotCovered,
    UnitOfActivityUnclear,
)
from service.domain.attendance import AbsenceReason, RollCalled, RollCallException
from service.domain.event import Command, Event
from service.domain.organisation import UnknownOrganisation
from service.domain.service_post import ServicePostIsClosed, UnknownServicePost
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
)
from tests.domain.story import given
from tests.domain.test_service_post import CLOSED, opened
from tests.domain.town import AT, BRANCH, COMMUNITY, LI, OTHER_COMMUNITY, TOWN, acting

RISKY = {"risky": True, "risk_notes": "防滑", "insurance": "意外险保单"}


def plan(**differently: Any) -> PlanActivity:
    activity: dict[str, Any] = {
        "activity_id": ACTIVITY,
        "community_id": COMMUNITY,
        "title": "清扫小区",
        "kind": ActivityKind.COMMUNITY,
        "category": "cleaning",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "place": "小区广场",
    }
    return PlanActivity(by=acting(COMMUNITY), at=AT, **activity | differently)


def publish(by: str = COMMUNITY, **differently: Any) -> PublishActivity:
    return PublishActivity(activity_id=ACTIVITY, by=acting(by), at=AT, **differently)


def reschedule(
    by: str = COMMUNITY, starts_at: datetime = STARTS + HOUR, ends_at: datetime = ENDS + HOUR
) -> RescheduleActivity:
    return RescheduleActivity(
        activity_id=ACTIVITY,
        starts_at=starts_at,
        ends_at=ends_at,
        place="小区广场",
        reason="下雨",
        by=acting(by),
        at=AT,
    )


def cancel(by: str = COMMUNITY) -> CancelActivity:
    return CancelActivity(activity_id=ACTIVITY, reason="下雨", by=acting(by), at=AT)


def complete(by: str = COMMUNITY, at: datetime = AFTER) -> CompleteActivity:
    return CompleteActivity(activity_id=ACTIVITY, by=acting(by), at=at)


EVERY_ACT = (publish, reschedule, cancel, complete)


def test_a_community_plans_an_activity() -> None:
    given(*TOWN).when(plan(capacity=20, **RISKY)).then(
        ActivityPlanned, starts_at=STARTS, ends_at=ENDS, capacity=20, insurance="意外险保单"
    )


def test_only_a_community_plans_activities() -> None:
    given(*TOWN).when(plan(community_id=BRANCH)).refused(UnknownOrganisation)


@pytest.mark.parametrize("ends_at", [STARTS, STARTS - MINUTE])
def test_an_activity_ends_after_it_starts(ends_at: datetime) -> None:
    given(*TOWN).when(plan(ends_at=ends_at)).refused(ActivityEndsBeforeStart, pointer="/ends_at")
    given(planned()).when(reschedule(ends_at=STARTS + HOUR)).refused(ActivityEndsBeforeStart)


def test_what_members_do_on_their_own_is_not_planned() -> None:
    given(*TOWN).when(plan(kind=ActivityKind.OWN)).refused(OwnActivityNotPlanned, pointer="/kind")


def test_a_unit_s_activity_names_the_unit() -> None:
    given(*TOWN).when(plan(kind=ActivityKind.UNIT, branch_id=BRANCH)).then(
        ActivityPlanned, branch_id=BRANCH
    )
    given(*TOWN).when(plan(kind=ActivityKind.UNIT)).refused(UnitOfActivityUnclear)
    given(*TOWN).when(plan(branch_id=BRANCH)).refused(UnitOfActivityUnclear, pointer="/branch_id")


@pytest.mark.parametrize("unit", ["unknown", OTHER_COMMUNITY])
def test_the_unit_is_a_branch(unit: str) -> None:
    given(*TOWN).when(plan(kind=ActivityKind.UNIT, branch_id=unit)).refused(
        UnknownOrganisation, pointer="/branch_id"
    )


def test_an_activity_may_serve_a_post_of_the_community() -> None:
    given(*TOWN, opened()).when(plan(service_post_id="post")).then(
        ActivityPlanned, service_post_id="post"
    )


@pytest.mark.parametrize("history", [[], [opened(community_id=OTHER_COMMUNITY)]])
def test_the_post_it_serves_is_one_of_the_community(history: list[Event]) -> None:
    given(*TOWN, *history).when(plan(service_post_id="post")).refused(
        UnknownServicePost, pointer="/service_post_id"
    )


def test_the_post_it_serves_is_open() -> None:
    given(*TOWN, opened(), CLOSED).when(plan(service_post_id="post")).refused(
        ServicePostIsClosed, pointer="/service_post_id"
    )


@pytest.mark.parametrize("act", EVERY_ACT)
def test_another_community_does_not_learn_of_an_activity(act: Any) -> None:
    given(planned(), PUBLISHED).when(act(by=OTHER_COMMUNITY)).refused(UnknownActivity)
    given().when(act()).refused(UnknownActivity)


def test_a_planned_activity_is_published_once() -> None:
    story = given(planned()).when(publish()).then(ActivityPublished)
    story.when(publish()).refused(ActivityAlreadyPublished)


@pytest.mark.parametrize("lacking", ["risk_notes", "insurance"])
def test_a_risky_activity_is_not_published_without_notes_and_insurance(lacking: str) -> None:
    given(planned(**RISKY | {lacking: None})).when(publish()).refused(
        RiskNotCovered, pointer=f"/{lacking}"
    )
    given(planned(**RISKY)).when(publish()).then(ActivityPublished)


def test_publishing_may_bring_the_notes_and_the_insurance() -> None:
    given(planned(risky=True)).when(publish(risk_notes="防滑", insurance="意外险保单")).then(
        ActivityPublished, risk_notes="防滑", insurance="意外险保单"
    )


@pytest.mark.parametrize("history", [[planned()], [planned(), PUBLISHED]])
def test_an_activity_to_come_is_rescheduled(history: list[Event]) -> None:
    given(*history).when(reschedule()).then(
        ActivityRescheduled, starts_at=STARTS + HOUR, ends_at=ENDS + HOUR, reason="下雨"
    )


@pytest.mark.parametrize("history", [[planned()], [planned(), PUBLISHED]])
def test_an_activity_to_come_is_cancelled(history: list[Event]) -> None:
    given(*history).when(cancel()).then(ActivityCancelled, reason="下雨")


ROLL_CALLED = RollCalled(
    activity_id=ACTIVITY,
    community_id=COMMUNITY,
    present=(LI,),
    signed_in_at=STARTS,
    signed_out_at=ENDS,
)


@pytest.mark.parametrize("attended", [signed_in(), ROLL_CALLED])
@pytest.mark.parametrize("act", [reschedule, cancel])
def test_the_window_does_not_move_under_people_who_attended(attended: Event, act: Any) -> None:
    given(planned(), PUBLISHED, attended).when(act()).refused(AttendanceTaken)


def test_a_roll_call_nobody_answered_does_not_hold_the_window() -> None:
    absent = RollCallException(member_id=LI, reason_code=AbsenceReason.ILLNESS)
    nobody = ROLL_CALLED.model_copy(update={"present": (), "exceptions": (absent,)})
    given(planned(), PUBLISHED, nobody).when(cancel()).then(ActivityCancelled)


def test_a_published_activity_is_completed() -> None:
    given(planned(), PUBLISHED).when(complete()).then(ActivityCompleted)


def test_an_activity_is_not_completed_before_it_started() -> None:
    story = given(planned(), PUBLISHED)
    story.when(complete(at=STARTS - MINUTE)).refused(ActivityNotStarted)
    story.when(complete(at=STARTS)).then(ActivityCompleted)


def test_when_it_started_follows_the_rescheduling() -> None:
    later = given(planned(), PUBLISHED).when(reschedule())
    later.when(complete(at=STARTS)).refused(ActivityNotStarted)


def test_an_activity_is_not_completed_unpublished() -> None:
    given(planned()).when(complete()).refused(ActivityNotPublished)


@pytest.mark.parametrize("act", EVERY_ACT)
def test_nothing_happens_to_a_cancelled_activity(act: Any) -> None:
    command: Command = act()
    given(planned(), PUBLISHED, CANCELLED).when(command).refused(ActivityIsCancelled)


@pytest.mark.parametrize("act", EVERY_ACT)
def test_nothing_happens_to_a_completed_activity(act: Any) -> None:
    command: Command = act()
    given(planned(), PUBLISHED, COMPLETED).when(command).refused(ActivityIsCompleted)
