"""认岗: a member takes on a service post; claims are 人次, members are 人 (R12)."""

from dataclasses import dataclass, field
from enum import StrEnum

from service.domain.event import (
    BranchId,
    ClaimId,
    Command,
    CommunityId,
    Event,
    MemberId,
    Rejection,
    Selector,
    ServicePostId,
    on,
)
from service.domain.membership import MemberEnrolled, Memberships
from service.domain.registration import MemberRegistered, Registrations
from service.domain.responsibility import require_registered_here
from service.domain.service_post import ServicePosts, UnknownServicePost


class ClaimDeclineReason(StrEnum):
    """不同意认岗原因: why the community declines a claim."""

    UNSUITED = "unsuited"
    NOT_NEEDED = "not_needed"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "unsuited": "不适合该岗位",
            "not_needed": "岗位已不需要",
            "other": "其他",
        }[self.value]


class ClaimReleaseReason(StrEnum):
    """退岗原因: why a claim ends."""

    TERM_ENDED = "term_ended"
    WORK = "work"
    HEALTH = "health"
    MOVED = "moved"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "term_ended": "服务期满",
            "work": "工作原因",
            "health": "健康原因",
            "moved": "迁居",
            "other": "其他",
        }[self.value]


class PostClaimed(Event, type="PostClaimed"):
    """认岗: a member asks for a slot; it is held until the community answers (R12)."""

    claim_id: ClaimId
    service_post_id: ServicePostId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId


class ClaimConfirmed(Event, type="ClaimConfirmed"):
    """确认认岗: the community confirms the claim (R12)."""

    claim_id: ClaimId
    service_post_id: ServicePostId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId


class ClaimDeclined(Event, type="ClaimDeclined"):
    """不同意认岗: the community declines the claim; the slot is free again (R12)."""

    claim_id: ClaimId
    service_post_id: ServicePostId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId
    reason_code: ClaimDeclineReason


class ClaimReleased(Event, type="ClaimReleased"):
    """退岗: the claim ends and the slot is free again (R12)."""

    claim_id: ClaimId
    service_post_id: ServicePostId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId
    reason_code: ClaimReleaseReason


class NoSlotLeft(Rejection):
    """该服务岗名额已满。"""

    rule = "R12"


class AlreadyClaimed(Rejection):
    """该党员已经认领这个服务岗。"""

    rule = "R12"


class SpecialityMissing(Rejection):
    """该党员没有填报岗位要求的特长。"""

    rule = "R12"


@dataclass(kw_only=True)
class ClaimPost(Command):
    """认岗: for a member registered with the post's community, while a slot is free (R12).

    The community or the member's branch acts. Claims that wait and confirmed ones hold a slot.
    """

    claim_id: str
    service_post_id: str
    member_id: str
    posts: ServicePosts = field(init=False, default_factory=ServicePosts)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    stated: set[str] = field(init=False, default_factory=set)
    """What the member said they are good at, in the roster or the intake form."""
    holders: dict[str, str] = field(init=False, default_factory=dict)
    """Member by the claim that holds a slot."""

    def consistency_boundary(self) -> list[Selector]:
        return [
            ServicePosts.about(self.service_post_id),
            Memberships.about(self.member_id),
            Registrations.about(self.member_id),
            Selector([PostClaimed, ClaimDeclined, ClaimReleased], [f"post:{self.service_post_id}"]),
        ]

    @on(MemberEnrolled)
    def _(self, specialities: tuple[str, ...]) -> None:
        self.stated.update(specialities)

    @on(MemberRegistered)
    def _(self, specialities: tuple[str, ...]) -> None:
        self.stated.update(specialities)

    @on(PostClaimed)
    def _(self, claim_id: str, member_id: str) -> None:
        self.holders[claim_id] = member_id

    @on(ClaimDeclined)
    def _(self, claim_id: str) -> None:
        del self.holders[claim_id]

    @on(ClaimReleased)
    def _(self, claim_id: str) -> None:
        del self.holders[claim_id]

    def execute(self) -> None:
        community_id = self.posts.require(self.service_post_id).community_id
        branch_id = self.memberships.branches.get(self.member_id)
        if self.by.organisation_id not in {community_id, branch_id}:
            raise UnknownServicePost
        require_registered_here(self.registrations, self.by, community_id, self.member_id)
        post = self.posts.require_open(self.service_post_id)
        if self.member_id in self.holders.values():
            raise AlreadyClaimed(pointer="/member_id")
        if missing := [each for each in post.specialities if each not in self.stated]:
            raise SpecialityMissing(f"该党员没有填报特长：{'、'.join(missing)}。", "/member_id")
        if len(self.holders) >= post.slots:
            raise NoSlotLeft(f"该服务岗共{post.slots}个名额，已满。")
        self.happened(
            PostClaimed(
                claim_id=self.claim_id,
                service_post_id=self.service_post_id,
                community_id=community_id,
                member_id=self.member_id,
                branch_id=self.memberships.branch_of(self.member_id),
            )
        )
