"""认定: the community's formal word that a participation counts (R6, R17, R18)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from service.domain.event import (
    ActivityId,
    AssessmentText,
    BranchId,
    CertificateNo,
    CommunityId,
    EndorsementId,
    Event,
    Fact,
    MemberId,
    ParticipationId,
    Rejection,
    Selector,
    on,
)
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    Participations,
)
from service.domain.separation import Act
from service.domain.signed import Signed


class Performance(StrEnum):
    """表现: what the endorsement states about how it was done (R17)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"

    @property
    def word(self) -> str:
        return {"excellent": "优秀", "good": "良好", "fair": "一般", "poor": "较差"}[self.value]


class EndorsementDeclineReason(StrEnum):
    """不予认定原因: why the community does not vouch for it (R17)."""

    NOT_PRESENT = "not_present"
    LEFT_EARLY = "left_early"
    CONTENT_WRONG = "content_wrong"
    NOT_SERVICE = "not_service"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "not_present": "未实际参加",
            "left_early": "中途离开",
            "content_wrong": "记录内容不实",
            "not_service": "不属于服务活动",
            "other": "其他原因",
        }[self.value]


class ParticipationEndorsed(Signed, Event, type="ParticipationEndorsed"):
    """认定: by a responsible person who is neither the recorder nor the member (R17).

    ``endorses`` is the event (recording or correction) it speaks about; ``certificate_no`` is the
    card that takes the entry (R6). Version 2 says who endorsed as a natural person, and on whose
    delegation they acted, as keyed hashes.
    """

    version: ClassVar[int] = 2

    endorsement_id: EndorsementId
    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    activity_id: ActivityId | None = None
    certificate_no: CertificateNo
    endorses: str
    performance: Performance
    comment: AssessmentText | None = None
    comment_salt: AssessmentText | None = None
    comment_digest: str | None = None
    endorsed_by: str
    endorsed_by_person: str | None = None
    delegated_by_person: str | None = None


class EndorsementDeclined(Event, type="EndorsementDeclined"):
    """不予认定: with a reason code (R17)."""

    version: ClassVar[int] = 2

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    endorses: str
    reason_code: EndorsementDeclineReason
    note: AssessmentText | None = None
    declined_by: str
    declined_by_person: str | None = None
    delegated_by_person: str | None = None


class EndorsementRevoked(Event, type="EndorsementRevoked"):
    """撤销认定: with a reason; ``corrects`` is the endorsing event it takes back (R17, R18)."""

    version: ClassVar[int] = 2

    endorsement_id: EndorsementId
    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    corrects: str
    reason: AssessmentText
    revoked_by: str
    revoked_by_person: str | None = None
    delegated_by_person: str | None = None


class UnknownEndorsement(Rejection):
    """没有这次认定，或者不由贵单位管理。"""

    status = 404


class AlreadyEndorsed(Rejection):
    """这条参加记录已经认定。"""

    rule = "R17"


class EndorsementIdTaken(Rejection):
    """所签的认定编号已经用过。"""

    rule = "R17"


class EndorsementNotInForce(Rejection):
    """这次认定已经撤销，或者记录更正后已经失效。"""

    rule = "R18"


@dataclass
class Endorsements(Fact):
    """Which participations are endorsed as they stand, and who did what on each (R17).

    It learns beside ``Participations`` whose every correction makes the endorsement lapse.
    """

    subject: ClassVar[str] = "participation"
    in_force: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Endorsement and its event by participation."""
    taken: set[str] = field(default_factory=set)
    """Every endorsement's id: what an organisation signed must not be used a second time."""
    done: dict[str, dict[Act, set[str | None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """Who did what, by participation: accounts and natural persons, those on whose delegation
    somebody acted as well. A correction by somebody else does not free the first recorder to
    endorse what is still their own account."""

    @on(ParticipationRecorded)
    def _(
        self,
        participation_id: str,
        recorded_by: str,
        recorded_by_person: str | None,
        delegated_by_person: str | None,
    ) -> None:
        self.done[participation_id][Act.RECORDED] |= {
            recorded_by,
            recorded_by_person,
            delegated_by_person,
        }

    @on(ParticipationCorrected)
    def _(
        self,
        participation_id: str,
        recorded_by: str,
        recorded_by_person: str | None,
        delegated_by_person: str | None,
    ) -> None:
        self.done[participation_id][Act.CORRECTED] |= {
            recorded_by,
            recorded_by_person,
            delegated_by_person,
        }
        self.in_force.pop(participation_id, None)

    @on(ParticipationEndorsed)
    def _(
        self,
        participation_id: str,
        endorsement_id: str,
        event_id: str,
        endorsed_by: str,
        endorsed_by_person: str | None,
        delegated_by_person: str | None,
    ) -> None:
        self.done[participation_id][Act.ENDORSED] |= {
            endorsed_by,
            endorsed_by_person,
            delegated_by_person,
        }
        self.in_force[participation_id] = (endorsement_id, event_id)
        self.taken.add(endorsement_id)

    @on(EndorsementDeclined)
    def _(
        self,
        participation_id: str,
        declined_by: str,
        declined_by_person: str | None,
        delegated_by_person: str | None,
    ) -> None:
        self.done[participation_id][Act.DECLINED] |= {
            declined_by,
            declined_by_person,
            delegated_by_person,
        }

    @on(EndorsementRevoked)
    def _(self, participation_id: str) -> None:
        self.in_force.pop(participation_id, None)

    def require_open(self, participation_id: str) -> None:
        """Refused if it is endorsed as it stands."""
        if participation_id in self.in_force:
            raise AlreadyEndorsed


def standing(participation_ids: Iterable[str]) -> list[Selector]:
    """Selects how each participation stands: version, voiding and endorsement."""
    return [
        fact.about(each)
        for each in dict.fromkeys(participation_ids)
        for fact in (Participations, Endorsements)
    ]
