"""活动: what a community plans, and who signs up (R13)."""

from enum import StrEnum

from service.domain.event import (
    ActivityId,
    BranchId,
    CommunityId,
    Event,
    Instant,
    MemberId,
    ServicePostId,
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
    """活动计划: window, place, category and capacity; ``risky`` ones carry notes and insurance (R13).

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
    """活动发布: members may sign up (R13)."""

    activity_id: ActivityId
    community_id: CommunityId


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
