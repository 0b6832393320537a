"""活动: what a community plans, publishes and carries out (R13)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from service.domain.event import (
    ActivityId,
    BranchId,
    CommunityId,
    Event,
    Fact,
    Instant,
    Rejection,
    ServicePostId,
    on,
)


class ActivityKind(StrEnum):
    """活动类型: who brought it about (R13)."""

    COMMUNITY = "community"
    UNIT = "unit"
    OWN = "own"

    @property
    def word(self) -> str:
        return {"community": "社区组织", "unit": "单位集中", "own": "个人自发"}[self.value]


class ActivityPlanned(Event, type="ActivityPlanned"):
    """拟定活动: window, place, category, capacity; a ``risky`` one has notes and insurance (R13).

    ``branch_id`` is the unit that comes as a group, for ``kind`` unit. ``capacity`` None: no limit.
    """

    activity_id: ActivityId
    community_id: CommunityId
    title: str
    kind: ActivityKind
    category: str
    starts_at: Instant
    ends_at: Instant
    place: str
    capacity: int | None = None
    branch_id: BranchId | None = None
    service_post_id: ServicePostId | None = None
    programme_id: str | None = None
    risky: bool = False
    risk_notes: str | None = None
    insurance: str | None = None


class ActivityPublished(Event, type="ActivityPublished"):
    """活动发布: members may sign up; it may bring the notes and insurance the plan lacked (R13)."""

    activity_id: ActivityId
    community_id: CommunityId
    risk_notes: str | None = None
    insurance: str | None = None


class ActivityRescheduled(Event, type="ActivityRescheduled"):
    """活动改期: another window or place, with a reason (R13)."""

    activity_id: ActivityId
    community_id: CommunityId
    starts_at: Instant
    ends_at: Instant
    place: str
    reason: str


class ActivityCancelled(Event, type="ActivityCancelled"):
    """活动取消: with a reason (R13)."""

    activity_id: ActivityId
    community_id: CommunityId
    reason: str


class ActivityCompleted(Event, type="ActivityCompleted"):
    """活动结束: it took place (R13)."""

    activity_id: ActivityId
    community_id: CommunityId


class UnknownActivity(Rejection):
    """没有这个活动，或者不由贵单位管理。"""

    status = 404


class ActivityNotPublished(Rejection):
    """该活动尚未发布。"""

    rule = "R13"


class ActivityAlreadyPublished(Rejection):
    """该活动已经发布。"""

    rule = "R13"


class ActivityIsCancelled(Rejection):
    """该活动已经取消。"""

    rule = "R13"


class ActivityIsCompleted(Rejection):
    """该活动已经结束。"""

    rule = "R13"


State = Literal["planned", "published", "completed", "cancelled"]


@dataclass(frozen=True)
class Activity:
    """An activity as it stands."""

    community_id: str
    kind: ActivityKind
    category: str
    starts_at: datetime
    ends_at: datetime
    state: State = "planned"

    def require_to_come(self) -> None:
        """Refused when it is over for good: cancelled or completed."""
        if self.state == "cancelled":
            raise ActivityIsCancelled
        if self.state == "completed":
            raise ActivityIsCompleted

    def require_published(self) -> None:
        """Refused unless it is published and neither cancelled nor completed."""
        self.require_to_come()
        if self.state == "planned":
            raise ActivityNotPublished

    def require_took_place(self, pointer: str = "") -> None:
        """Refused unless it is published or completed: what was there to attend."""
        if self.state == "cancelled":
            raise ActivityIsCancelled(pointer=pointer)
        if self.state == "planned":
            raise ActivityNotPublished(pointer=pointer)


@dataclass
class Activities(Fact):
    """Which activities there are, of which community, when, and how far they are."""

    subject: ClassVar[str] = "activity"
    activities: dict[str, Activity] = field(default_factory=dict)

    @on(ActivityPlanned)
    def _(
        self,
        activity_id: str,
        community_id: str,
        kind: ActivityKind,
        category: str,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        self.activities[activity_id] = Activity(community_id, kind, category, starts_at, ends_at)

    @on(ActivityPublished)
    def _(self, activity_id: str) -> None:
        self._now(activity_id, "published")

    @on(ActivityRescheduled)
    def _(self, activity_id: str, starts_at: datetime, ends_at: datetime) -> None:
        self.activities[activity_id] = replace(
            self.activities[activity_id], starts_at=starts_at, ends_at=ends_at
        )

    @on(ActivityCancelled)
    def _(self, activity_id: str) -> None:
        self._now(activity_id, "cancelled")

    @on(ActivityCompleted)
    def _(self, activity_id: str) -> None:
        self._now(activity_id, "completed")

    def _now(self, activity_id: str, state: State) -> None:
        self.activities[activity_id] = replace(self.activities[activity_id], state=state)

    def require(self, activity_id: str, community_id: str = "", pointer: str = "") -> Activity:
        """The activity; refused if there is none, or none of ``community_id`` where given."""
        activity = self.activities.get(activity_id)
        if activity is None or community_id not in {"", activity.community_id}:
            raise UnknownActivity(pointer=pointer)
        return activity
