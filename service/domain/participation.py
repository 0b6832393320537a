"""参加记录: what a member did, recorded by the community (R15, R16, R18, R19)."""

from typing import Literal

from service.domain.activity import ActivityKind
from service.domain.event import (
    ActivityId,
    AssessmentText,
    BranchId,
    CommunityId,
    Event,
    Instant,
    MemberId,
    ParticipationId,
)

Ledger = Literal["duty", "voluntary"]
"""台账: 组织安排 and 自愿, never added up into one (R19)."""


class ParticipationRecorded(Event, type="ParticipationRecorded"):
    """参加记录: member, interval, content, as the community saw it (R15).

    ``window_*`` is the activity's planned window at that moment, to which credit is clipped;
    ``signed_*`` is what attendance says; both are None without an activity. ``recorded_by`` is the
    person who recorded, who may not endorse (R17).
    """

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    activity_id: ActivityId | None = None
    kind: ActivityKind
    category: str
    starts_at: Instant
    ends_at: Instant
    window_starts_at: Instant | None = None
    window_ends_at: Instant | None = None
    signed_in_at: Instant | None = None
    signed_out_at: Instant | None = None
    content: AssessmentText
    ledger: Ledger
    recorded_by: str


class ParticipationCorrected(Event, type="ParticipationCorrected"):
    """更正参加记录: the whole record anew, with a reason; ``corrects`` is the event it replaces (R18).

    An endorsement of the old version lapses: the community endorses what now stands.
    """

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    activity_id: ActivityId | None = None
    kind: ActivityKind
    category: str
    starts_at: Instant
    ends_at: Instant
    window_starts_at: Instant | None = None
    window_ends_at: Instant | None = None
    signed_in_at: Instant | None = None
    signed_out_at: Instant | None = None
    content: AssessmentText
    ledger: Ledger
    recorded_by: str
    corrects: str
    reason: str


class ParticipationVoided(Event, type="ParticipationVoided"):
    """作废参加记录: it counts no more, and this cannot be undone; record again instead (R18)."""

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    corrects: str
    reason: str
