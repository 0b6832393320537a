"""活动安排: a community plans, publishes, reschedules, cancels and completes (R13)."""

from dataclasses import dataclass, field
from datetime import datetime

from service.domain.activity import (
    Activities,
    ActivityAlreadyPublished,
    ActivityCancelled,
    ActivityCompleted,
    ActivityKind,
    ActivityPlanned,
    ActivityPublished,
    ActivityRescheduled,
)
from service.domain.attendance import Attendances, MemberSignedIn, RollCalled
from service.domain.event import Command, Rejection, Selector, on
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.service_post import ServicePosts


class ActivityEndsBeforeStart(Rejection):
    """活动结束时间须晚于开始时间。"""

    rule = "R13"


class OwnActivityNotPlanned(Rejection):
    """个人自发的服务由党员自己进行，不由社区计划为活动。"""

    rule = "R13"


class UnitOfActivityUnclear(Rejection):
    """单位集中的活动须写明是哪个单位，其他活动不写单位。"""

    rule = "R13"


class RiskNotCovered(Rejection):
    """有风险的活动须有风险提示和保险才能发布。"""

    rule = "R13"


class AttendanceTaken(Rejection):
    """该活动已有人签到，不能再改期或者取消。"""

    rule = "R13"


class ActivityNotStarted(Rejection):
    """该活动还没有开始，不能结束。"""

    rule = "R13"


@dataclass(kw_only=True)
class PlanActivity(Command):
    """拟定活动: the community's own, or with a unit that comes as a group (R13)."""

    activity_id: str
    community_id: str
    title: str
    kind: ActivityKind
    category: str
    starts_at: datetime
    ends_at: datetime
    place: str
    capacity: int | None = None
    branch_id: str | None = None
    service_post_id: str | None = None
    programme_id: str | None = None
    risky: bool = False
    risk_notes: str | None = None
    insurance: str | None = None
    organisations: Organisations = field(init=False, default_factory=Organisations)
    posts: ServicePosts = field(init=False, default_factory=ServicePosts)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Organisations.about(self.community_id)]
        if self.branch_id is not None:
            boundary.append(Organisations.about(self.branch_id))
        if self.service_post_id is not None:
            boundary.append(ServicePosts.about(self.service_post_id))
        return boundary

    def execute(self) -> None:
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY)
        if self.kind is ActivityKind.OWN:
            raise OwnActivityNotPlanned(pointer="/kind")
        if (self.branch_id is not None) != (self.kind is ActivityKind.UNIT):
            raise UnitOfActivityUnclear(pointer="/branch_id")
        if self.branch_id is not None:
            self.organisations.require(self.branch_id, OrganisationKind.BRANCH, "/branch_id")
        if self.service_post_id is not None:
            self.posts.require_open(self.service_post_id, self.community_id, "/service_post_id")
        require_window(self.starts_at, self.ends_at)
        self.happened(
            ActivityPlanned(
                activity_id=self.activity_id,
                community_id=self.community_id,
                title=self.title,
                kind=self.kind,
                category=self.category,
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                place=self.place,
                capacity=self.capacity,
                branch_id=self.branch_id,
                service_post_id=self.service_post_id,
                programme_id=self.programme_id,
                risky=self.risky,
                risk_notes=self.risk_notes,
                insurance=self.insurance,
            )
        )


def require_window(starts_at: datetime, ends_at: datetime) -> None:
    """Refused unless it ends after it starts."""
    if ends_at <= starts_at:
        raise ActivityEndsBeforeStart(pointer="/ends_at")


@dataclass(kw_only=True)
class PublishActivity(Command):
    """活动发布: a risky activity needs its notes and its insurance, planned or given now (R13)."""

    activity_id: str
    risk_notes: str | None = None
    insurance: str | None = None
    activities: Activities = field(init=False, default_factory=Activities)
    risky: bool = field(init=False, default=False)
    planned_risk_notes: str | None = field(init=False, default=None)
    planned_insurance: str | None = field(init=False, default=None)

    def consistency_boundary(self) -> list[Selector]:
        return [Activities.about(self.activity_id)]

    @on(ActivityPlanned)
    def _(
        self,
        risky: bool,  # noqa: FBT001 - a handler's parameters are the event's fields
        risk_notes: str | None,
        insurance: str | None,
    ) -> None:
        self.risky, self.planned_risk_notes, self.planned_insurance = risky, risk_notes, insurance

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        activity.require_to_come()
        if activity.state == "published":
            raise ActivityAlreadyPublished
        if self.risky and not (self.risk_notes or self.planned_risk_notes):
            raise RiskNotCovered("有风险的活动缺少风险提示。", "/risk_notes")
        if self.risky and not (self.insurance or self.planned_insurance):
            raise RiskNotCovered("有风险的活动缺少保险。", "/insurance")
        self.happened(
            ActivityPublished(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                risk_notes=self.risk_notes,
                insurance=self.insurance,
            )
        )


def attended(activity_id: str) -> Selector:
    """Selects whether anybody attended: their window may not be moved under them (R15)."""
    return Selector([MemberSignedIn, RollCalled], [f"activity:{activity_id}"])


@dataclass(kw_only=True)
class RescheduleActivity(Command):
    """活动改期: to another window or place with a reason, while nobody has attended (R13).

    Credit is clipped to the planned window, so a window that moved after people had signed in
    would make or destroy credit.
    """

    activity_id: str
    starts_at: datetime
    ends_at: datetime
    place: str
    reason: str
    activities: Activities = field(init=False, default_factory=Activities)
    attendances: Attendances = field(init=False, default_factory=Attendances)

    def consistency_boundary(self) -> list[Selector]:
        return [Activities.about(self.activity_id), attended(self.activity_id)]

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        activity.require_to_come()
        if self.attendances.first_in:
            raise AttendanceTaken
        require_window(self.starts_at, self.ends_at)
        self.happened(
            ActivityRescheduled(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                place=self.place,
                reason=self.reason,
            )
        )


@dataclass(kw_only=True)
class CancelActivity(Command):
    """活动取消: with a reason, while nobody has attended; otherwise it is completed (R13)."""

    activity_id: str
    reason: str
    activities: Activities = field(init=False, default_factory=Activities)
    attendances: Attendances = field(init=False, default_factory=Attendances)

    def consistency_boundary(self) -> list[Selector]:
        return [Activities.about(self.activity_id), attended(self.activity_id)]

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        activity.require_to_come()
        if self.attendances.first_in:
            raise AttendanceTaken
        self.happened(
            ActivityCancelled(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                reason=self.reason,
            )
        )


@dataclass(kw_only=True)
class CompleteActivity(Command):
    """活动结束: it took place; not before it started (R13)."""

    activity_id: str
    activities: Activities = field(init=False, default_factory=Activities)

    def consistency_boundary(self) -> list[Selector]:
        return [Activities.about(self.activity_id)]

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        activity.require_published()
        if self.at < activity.starts_at:
            raise ActivityNotStarted
        self.happened(
            ActivityCompleted(activity_id=self.activity_id, community_id=activity.community_id)
        )
