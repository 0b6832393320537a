"""服务岗与认岗: what a community needs, and who takes it on (R12)."""

from typing import Annotated

from service.domain.event import (
    BranchId,
    ClaimId,
    CommunityId,
    Event,
    MemberId,
    OrganisationId,
    ServicePostId,
)
from service.domain.event import Tag


class PostCategoryAdded(Event, type="PostCategoryAdded"):
    """增设岗位类别: beside the nine of the source, for communities under the organisation (R12)."""

    organisation_id: OrganisationId
    category: Annotated[str, Tag("post-category")]


class ServicePostOpened(Event, type="ServicePostOpened"):
    """设岗: a community opens a service post with a number of slots (R12)."""

    service_post_id: ServicePostId
    community_id: CommunityId
    title: str
    category: str
    slots: int
    specialities: tuple[str, ...] = ()


class ServicePostClosed(Event, type="ServicePostClosed"):
    """撤岗: the post takes no further claims."""

    service_post_id: ServicePostId
    community_id: CommunityId
    reason: str


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
    reason_code: str


class ClaimReleased(Event, type="ClaimReleased"):
    """退岗: the claim ends and the slot is free again (R12)."""

    claim_id: ClaimId
    service_post_id: ServicePostId
    community_id: CommunityId
    member_id: MemberId
    branch_id: BranchId
    reason_code: str
