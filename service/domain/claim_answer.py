"""答复认岗: the community confirms or declines a claim, and what ends one (R12)."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from service.domain.claim import (
    ClaimConfirmed,
    ClaimDeclined,
    ClaimDeclineReason,
    ClaimReleased,
    ClaimReleaseReason,
    PostClaimed,
)
from service.domain.event import Command, Fact, Rejection, Selector, on
from service.domain.membership import Memberships
from service.domain.registration import Registrations
from service.domain.responsibility import require_registered_here
from service.domain.service_post import ServicePosts


class UnknownClaim(Rejection):
    """没有这次认岗，或者不由贵单位管理。"""

    status = 404


class ClaimAlreadyAnswered(Rejection):
    """这次认岗已经答复过了。"""

    rule = "R12"


class ClaimIsOver(Rejection):
    """这次认岗已经结束（未获同意或者已退岗）。"""

    rule = "R12"


@dataclass(frozen=True)
class Claim:
    """A claim as it stands."""

    service_post_id: str
    community_id: str
    member_id: str
    branch_id: str
    confirmed: bool = False
    over: bool = False

    def subjects(self) -> dict[str, str]:
        """What every event about the claim names."""
        return {
            "service_post_id": self.service_post_id,
            "community_id": self.community_id,
            "member_id": self.member_id,
            "branch_id": self.branch_id,
        }


@dataclass
class Claims(Fact):
    """Which claims there are and how far they are."""

    subject: ClassVar[str] = "claim"
    claims: dict[str, Claim] = field(default_factory=dict)

    @on(PostClaimed)
    def _(
        self,
        claim_id: str,
        service_post_id: str,
        community_id: str,
        member_id: str,
        branch_id: str,
    ) -> None:
        self.claims[claim_id] = Claim(service_post_id, community_id, member_id, branch_id)

    @on(ClaimConfirmed)
    def _(self, claim_id: str) -> None:
        self.claims[claim_id] = replace(self.claims[claim_id], confirmed=True)

    @on(ClaimDeclined)
    def _(self, claim_id: str) -> None:
        self.claims[claim_id] = replace(self.claims[claim_id], over=True)

    @on(ClaimReleased)
    def _(self, claim_id: str) -> None:
        self.claims[claim_id] = replace(self.claims[claim_id], over=True)

    def require_waiting(self, claim_id: str, community_id: str) -> Claim:
        """The claim that waits for this community's answer."""
        claim = self.claims.get(claim_id)
        if claim is None or claim.community_id != community_id:
            raise UnknownClaim
        if claim.confirmed or claim.over:
            raise ClaimAlreadyAnswered
        return claim


@dataclass(kw_only=True)
class ConfirmClaim(Command):
    """确认认岗: by the post's community, while the post is open and the member registered (R12)."""

    claim_id: str
    claims: Claims = field(init=False, default_factory=Claims)
    posts: ServicePosts = field(init=False, default_factory=ServicePosts)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Claims.about(self.claim_id)]
        if claim := self.claims.claims.get(self.claim_id):
            boundary += [
                ServicePosts.about(claim.service_post_id),
                Registrations.about(claim.member_id),
            ]
        return boundary

    def execute(self) -> None:
        claim = self.claims.require_waiting(self.claim_id, self.by.organisation_id)
        self.posts.require_open(claim.service_post_id)
        require_registered_here(
            self.registrations, self.by, claim.community_id, claim.member_id, ""
        )
        self.happened(ClaimConfirmed(claim_id=self.claim_id, **claim.subjects()))


@dataclass(kw_only=True)
class DeclineClaim(Command):
    """不同意认岗: by the post's community, with a reason code; the slot is free again (R12)."""

    claim_id: str
    reason_code: ClaimDeclineReason
    claims: Claims = field(init=False, default_factory=Claims)

    def consistency_boundary(self) -> list[Selector]:
        return [Claims.about(self.claim_id)]

    def execute(self) -> None:
        claim = self.claims.require_waiting(self.claim_id, self.by.organisation_id)
        self.happened(
            ClaimDeclined(claim_id=self.claim_id, reason_code=self.reason_code, **claim.subjects())
        )


@dataclass(kw_only=True)
class ReleaseClaim(Command):
    """退岗: by the community or the member's branch of today; the slot is free again (R12)."""

    claim_id: str
    reason_code: ClaimReleaseReason
    claims: Claims = field(init=False, default_factory=Claims)
    memberships: Memberships = field(init=False, default_factory=Memberships)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Claims.about(self.claim_id)]
        if claim := self.claims.claims.get(self.claim_id):
            boundary.append(Memberships.about(claim.member_id))
        return boundary

    def execute(self) -> None:
        claim = self.claims.claims.get(self.claim_id)
        if claim is None:
            raise UnknownClaim
        branch_id = self.memberships.branches.get(claim.member_id)
        if self.by.organisation_id not in {claim.community_id, branch_id}:
            raise UnknownClaim
        if claim.over:
            raise ClaimIsOver
        self.happened(
            ClaimReleased(claim_id=self.claim_id, reason_code=self.reason_code, **claim.subjects())
        )
