"""认定: the community's formal word that a participation counts (R6, R17, R18)."""

from enum import StrEnum

from service.domain.event import (
    ActivityId,
    AssessmentText,
    BranchId,
    CertificateNo,
    CommunityId,
    EndorsementId,
    Event,
    MemberId,
    ParticipationId,
)


class Performance(StrEnum):
    """表现: what the endorsement states about how it was done (R17)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"

    @property
    def word(self) -> str:
        return {"excellent": "优秀", "good": "良好", "fair": "一般", "poor": "较差"}[self.value]


class ParticipationEndorsed(Event, type="ParticipationEndorsed"):
    """认定: by a responsible person who is neither the recorder nor the member (R17).

    ``endorses`` is the event (recording or correction) it speaks about; ``certificate_no`` is the
    card that takes the entry (R6).
    """

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
    endorsed_by: str


class EndorsementDeclined(Event, type="EndorsementDeclined"):
    """不予认定: with a reason code (R17)."""

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    endorses: str
    reason_code: str
    note: AssessmentText | None = None
    declined_by: str


class EndorsementRevoked(Event, type="EndorsementRevoked"):
    """撤销认定: with a reason; ``corrects`` is the endorsing event it takes back (R17, R18)."""

    endorsement_id: EndorsementId
    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    corrects: str
    reason: str
    revoked_by: str
