"""活动报名: a place at a published activity, within its capacity (R13)."""

from dataclasses import dataclass, field
from typing import ClassVar

from service.domain.activity import Activities, Activity, ActivityPlanned, UnknownActivity
from service.domain.event import (
    ActivityId,
    BranchId,
    Command,
    CommunityId,
    Event,
    MemberId,
    Rejection,
    Selector,
    StandingFact,
    on,
)
from service.domain.membership import Memberships
from service.domain.registration import Registrations
from service.domain.responsibility import require_registered_here


class MemberSignedUp(Event, type="MemberSignedUp"):
    """活动报名: a place is taken, within the capacity (R13)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId


class SignUpWithdrawn(Event, type="SignUpWithdrawn"):
    """取消报名: the place is free again (R13)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId


class ActivityOver(Rejection):
    """活动时间已过，不能再报名或者取消报名。"""

    rule = "R13"


class ActivityFull(Rejection):
    """该活动名额已满。"""

    rule = "R13"


class AlreadySignedUp(Rejection):
    """该党员已经报名。"""

    rule = "R13"


class NotSignedUp(Rejection):
    """该党员没有报名。"""

    rule = "R13"


class NotOfTheUnit(Rejection):
    """这是单位集中的活动，只有该单位的党员可以报名。"""

    rule = "R13"


def place_of(member_id: str, activity_id: str) -> Selector:
    """Selects whether one member signed up for one activity."""
    tags = [f"member:{member_id}", f"activity:{activity_id}"]
    return Selector([MemberSignedUp, SignUpWithdrawn], tags)


@dataclass
class Places(StandingFact):
    """Who holds a place at an activity, and how many are taken."""

    subject: ClassVar[str] = "activity"
    lender: "Places | None" = None
    """Knows what this one was not told itself."""
    held: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Whether a member holds a place, by activity and member."""
    taken: dict[str, int] = field(default_factory=dict)
    """How many places are taken, by activity."""

    @on(MemberSignedUp)
    def _(self, activity_id: str, member_id: str) -> None:
        self._now(activity_id, member_id, True)

    @on(SignUpWithdrawn)
    def _(self, activity_id: str, member_id: str) -> None:
        self._now(activity_id, member_id, False)

    def _now(self, activity_id: str, member_id: str, held: bool) -> None:  # noqa: FBT001 - private
        before = self.is_held(activity_id, member_id)
        self.taken[activity_id] = self.number_taken(activity_id) + held - before
        self.held[activity_id, member_id] = held

    def is_held(self, activity_id: str, member_id: str) -> bool:
        """Whether the member holds a place there."""
        held = self.held.get((activity_id, member_id))
        if held is None:
            return self.lender is not None and self.lender.is_held(activity_id, member_id)
        return held

    def number_taken(self, activity_id: str) -> int:
        """How many hold a place there."""
        taken = self.taken.get(activity_id)
        if taken is None:
            return 0 if self.lender is None else self.lender.number_taken(activity_id)
        return taken

    def lent(self) -> "Places":
        return Places(lender=self)


def require_open(
    activities: Activities, memberships: Memberships, command: "SignUp | WithdrawSignUp"
) -> Activity:
    """The activity, if the organisation may act for the member there and it is not over."""
    activity = activities.require(command.activity_id)
    branch_id = memberships.branches.get(command.member_id)
    if command.by.organisation_id not in {activity.community_id, branch_id}:
        raise UnknownActivity
    activity.require_published()
    if command.at >= activity.ends_at:
        raise ActivityOver
    return activity


@dataclass(kw_only=True)
class SignUp(Command):
    """活动报名: by the community or the member's branch, before the activity ends (R13).

    Only where the capacity is limited does it depend on who else signed up.
    """

    activity_id: str
    member_id: str
    activities: Activities = field(init=False, default_factory=Activities)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    capacity: int | None = field(init=False, default=None)
    unit: str | None = field(init=False, default=None)
    places: Places = field(init=False, default_factory=Places)

    def consistency_boundary(self) -> list[Selector]:
        others_matter = self.capacity is not None
        return [
            Activities.about(self.activity_id),
            Memberships.about(self.member_id),
            Registrations.about(self.member_id),
            Places.about(self.activity_id)
            if others_matter
            else place_of(self.member_id, self.activity_id),
        ]

    @on(ActivityPlanned)
    def _(self, capacity: int | None, branch_id: str | None) -> None:
        self.capacity, self.unit = capacity, branch_id

    def execute(self) -> None:
        activity = require_open(self.activities, self.memberships, self)
        require_registered_here(self.registrations, self.by, activity.community_id, self.member_id)
        branch_id = self.memberships.branch_of(self.member_id, "/member_id")
        if self.unit not in {None, branch_id}:
            raise NotOfTheUnit(pointer="/member_id")
        if self.places.is_held(self.activity_id, self.member_id):
            raise AlreadySignedUp(pointer="/member_id")
        taken = self.places.number_taken(self.activity_id)
        if self.capacity is not None and taken >= self.capacity:
            raise ActivityFull(f"该活动共{self.capacity}个名额，已满。")
        self.happened(
            MemberSignedUp(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                member_id=self.member_id,
                branch_id=branch_id,
            )
        )


@dataclass(kw_only=True)
class WithdrawSignUp(Command):
    """取消报名: by the community or the member's branch, before the activity ends (R13)."""

    activity_id: str
    member_id: str
    activities: Activities = field(init=False, default_factory=Activities)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    signed_up: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Activities.about(self.activity_id),
            Memberships.about(self.member_id),
            place_of(self.member_id, self.activity_id),
        ]

    @on(MemberSignedUp)
    def _(self) -> None:
        self.signed_up = True

    @on(SignUpWithdrawn)
    def _(self) -> None:
        self.signed_up = False

    def execute(self) -> None:
        activity = require_open(self.activities, self.memberships, self)
        if not self.signed_up:
            raise NotSignedUp(pointer="/member_id")
        self.happened(
            SignUpWithdrawn(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                member_id=self.member_id,
                branch_id=self.memberships.branch_of(self.member_id),
            )
        )
