"""先进典型: discovered by the community, agreed with the agency, then publicised (R33)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    AssessmentText,
    BranchId,
    CommunityId,
    Event,
    Fact,
    MemberId,
    Rejection,
    Tag,
    on,
)
from service.domain.separation import Act

RoleModelId = Annotated[str, Tag("role-model")]


class RoleModelNominated(Event, type="RoleModelNominated"):
    """推荐先进典型: the community where the member is registered found what they did (R33).

    ``deeds`` says what it was, and is sealed.
    """

    role_model_id: RoleModelId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    deeds: AssessmentText
    nominated_by: str
    nominated_by_person: str


class RoleModelAgreed(Event, type="RoleModelAgreed"):
    """同意先进典型: the member's branch, or an organisation above it, agrees (R33)."""

    role_model_id: RoleModelId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    agreed_by: str
    agreed_by_person: str


class RoleModelRefused(Event, type="RoleModelRefused"):
    """不同意先进典型: the agency does not agree, with a reason; it is not publicised (R33)."""

    role_model_id: RoleModelId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    reason: AssessmentText
    refused_by: str
    refused_by_person: str


class RoleModelPublicised(Event, type="RoleModelPublicised"):
    """宣传先进典型: the community made it known; ``channel`` says where, and names nobody (R33)."""

    role_model_id: RoleModelId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    channel: str
    publicised_by: str
    publicised_by_person: str


class UnknownRoleModel(Rejection):
    """没有这项先进典型的推荐，或者不由贵单位办理。"""

    status = 404


class AlreadyNominated(Rejection):
    """本社区对该党员的推荐尚未办结。"""

    rule = "R33"


class NominationAnswered(Rejection):
    """该党员所在单位已经答复这项推荐。"""

    rule = "R33"


class RoleModelNotAgreed(Rejection):
    """须先经党员所在单位同意，才能宣传。"""

    rule = "R33"


class AlreadyPublicised(Rejection):
    """这一先进典型已经宣传。"""

    rule = "R33"


class RoleModelByResponsiblePerson(Rejection):
    """先进典型的推荐、答复和宣传，须由党组织负责人办理。"""

    rule = "R33"


class Stage(StrEnum):
    """办理阶段: how far a role model has come."""

    NOMINATED = "nominated"
    AGREED = "agreed"
    REFUSED = "refused"
    PUBLICISED = "publicised"

    @property
    def word(self) -> str:
        return {
            "nominated": "已推荐，待单位答复",
            "agreed": "单位已同意，待宣传",
            "refused": "单位不同意",
            "publicised": "已宣传",
        }[self.value]

    @property
    def over(self) -> bool:
        """Whether nothing more can happen."""
        return self in {Stage.REFUSED, Stage.PUBLICISED}


@dataclass
class RoleModel:
    """One nomination and what became of it."""

    member_id: str
    community_id: str
    stage: Stage
    done: dict[Act, Collection[str]]
    """Who did what on it, as natural persons: each organisation has officer ids of its own."""


@dataclass
class RoleModels(Fact):
    """The nominations of members as role models."""

    subject: ClassVar[str] = "role-model"
    known: dict[str, RoleModel] = field(default_factory=dict)

    @on(RoleModelNominated)
    def _(
        self,
        role_model_id: str,
        member_id: str,
        community_id: str,
        nominated_by_person: str,
    ) -> None:
        done: dict[Act, Collection[str]] = {Act.NOMINATED: (nominated_by_person,)}
        self.known[role_model_id] = RoleModel(member_id, community_id, Stage.NOMINATED, done)

    @on(RoleModelAgreed)
    def _(self, role_model_id: str) -> None:
        self.known[role_model_id].stage = Stage.AGREED

    @on(RoleModelRefused)
    def _(self, role_model_id: str) -> None:
        self.known[role_model_id].stage = Stage.REFUSED

    @on(RoleModelPublicised)
    def _(self, role_model_id: str) -> None:
        self.known[role_model_id].stage = Stage.PUBLICISED
