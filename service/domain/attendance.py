"""签到签退: who was there, from when to when (R14)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from service.domain.activity import Activities, Activity
from service.domain.event import (
    ActivityId,
    Command,
    CommunityId,
    Event,
    Fact,
    Instant,
    MemberId,
    Rejection,
    Selector,
    on,
)
from service.domain.registration import Registrations
from service.domain.responsibility import require_registered_here

Method = Literal["qr", "code", "roll_call"]
"""签到方式: 扫码, 六位码, 点名."""

SIGNING_OPENS_BEFORE = timedelta(hours=2)
"""People help to set up; before that a sign-in is a mistaken date (ours)."""
SIGNING_CLOSES_AFTER = timedelta(hours=2)
"""People help to clear up, and credit ends with the window anyway (ours)."""


class MemberSignedIn(Event, type="MemberSignedIn"):
    """签到: a second one never erases the first (R14)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    signed_at: Instant
    method: Method


class MemberSignedOut(Event, type="MemberSignedOut"):
    """签退: the last one counts (R14)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    signed_at: Instant
    method: Method


class AbsenceReason(StrEnum):
    """未到原因: why somebody who was expected was not there (R14)."""

    ON_DUTY = "on_duty"
    LEAVE = "leave"
    ILLNESS = "illness"
    UNEXCUSED = "unexcused"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "on_duty": "公务",
            "leave": "请假",
            "illness": "生病",
            "unexcused": "无故未到",
            "other": "其他",
        }[self.value]


class RollCallException(BaseModel):
    """点名例外: somebody expected who was not there, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    member_id: str
    reason_code: AbsenceReason


class RollCalled(Event, type="RollCalled"):
    """点名: everybody present in one list, and who was expected but was not there (R14).

    The present count as signed in, and, when the roll was called at the end, as signed out;
    called while the activity was under way it says nothing about who stayed.
    """

    activity_id: ActivityId
    community_id: CommunityId
    present: tuple[MemberId, ...]
    exceptions: tuple[RollCallException, ...] = ()
    signed_in_at: Instant
    signed_out_at: Instant | None

    def tags(self) -> list[str]:
        """The exceptions are subjects as well: what is said of them belongs to their record."""
        return [*super().tags(), *(f"member:{each.member_id}" for each in self.exceptions)]

    @classmethod
    def tags_of(cls, stored: Mapping[str, Any]) -> list[str]:
        """The same, from its fields as JSON has them."""
        missing = [f"member:{each['member_id']}" for each in stored["exceptions"]]
        return [*super().tags_of(stored), *missing]


@dataclass
class Attendances(Fact):
    """The first sign-in and the last sign-out of each member, at one activity (R14)."""

    subject: ClassVar[str] = "member"
    first_in: dict[str, datetime] = field(default_factory=dict)
    last_out: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def at(cls, activity_id: str, member_id: str) -> Selector:
        """Selects one member's attendance at one activity, and nobody else's."""
        return Selector(cls.projected_types, [f"member:{member_id}", f"activity:{activity_id}"])

    @on(MemberSignedIn)
    def _(self, member_id: str, signed_at: datetime) -> None:
        self._came(member_id, signed_at)

    @on(MemberSignedOut)
    def _(self, member_id: str, signed_at: datetime) -> None:
        self._left(member_id, signed_at)

    @on(RollCalled)
    def _(
        self, present: tuple[str, ...], signed_in_at: datetime, signed_out_at: datetime | None
    ) -> None:
        for member_id in present:
            self._came(member_id, signed_in_at)
            if signed_out_at is not None:
                self._left(member_id, signed_out_at)

    def _came(self, member_id: str, moment: datetime) -> None:
        self.first_in[member_id] = min(moment, self.first_in.get(member_id, moment))

    def _left(self, member_id: str, moment: datetime) -> None:
        self.last_out[member_id] = max(moment, self.last_out.get(member_id, moment))


class OutsideSigningTime(Rejection):
    """签到签退的时间须在活动开始前两小时至结束后两小时之间。"""

    rule = "R14"


class SignedInFuture(Rejection):
    """签到签退的时间不能晚于现在。"""

    rule = "R14"


class NotSignedIn(Rejection):
    """该党员没有签到，不能签退。"""

    rule = "R14"


class SignedOutBeforeSignedIn(Rejection):
    """签退时间早于签到时间。"""

    rule = "R14"


def require_signing(activity: Activity, signed_at: datetime, at: datetime) -> None:
    """Refused unless the activity takes place and the time can belong to it (R14)."""
    activity.require_took_place()
    opens = activity.starts_at - SIGNING_OPENS_BEFORE
    closes = activity.ends_at + SIGNING_CLOSES_AFTER
    if not opens <= signed_at <= closes:
        raise OutsideSigningTime(pointer="/at")
    if signed_at > at:
        raise SignedInFuture(pointer="/at")


@dataclass(kw_only=True)
class SignIn(Command):
    """签到: recorded beside earlier ones, so that it depends on nobody's attendance (R14)."""

    activity_id: str
    member_id: str
    signed_at: datetime
    method: Method
    activities: Activities = field(init=False, default_factory=Activities)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        return [Registrations.about(self.member_id), Activities.about(self.activity_id)]

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        require_registered_here(self.registrations, self.by, activity.community_id, self.member_id)
        require_signing(activity, self.signed_at, self.at)
        self.happened(
            MemberSignedIn(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                member_id=self.member_id,
                signed_at=self.signed_at,
                method=self.method,
            )
        )


@dataclass(kw_only=True)
class SignOut(Command):
    """签退: after the member's own first sign-in (R14)."""

    activity_id: str
    member_id: str
    signed_at: datetime
    method: Method
    activities: Activities = field(init=False, default_factory=Activities)
    attendances: Attendances = field(init=False, default_factory=Attendances)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Attendances.at(self.activity_id, self.member_id),
            Activities.about(self.activity_id),
        ]

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        signed_in_at = self.attendances.first_in.get(self.member_id)
        if signed_in_at is None:
            raise NotSignedIn(pointer="/member_id")
        require_signing(activity, self.signed_at, self.at)
        if self.signed_at < signed_in_at:
            raise SignedOutBeforeSignedIn(pointer="/at")
        self.happened(
            MemberSignedOut(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                member_id=self.member_id,
                signed_at=self.signed_at,
                method=self.method,
            )
        )
