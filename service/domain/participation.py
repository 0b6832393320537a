"""参加记录: what a member did, recorded by the community (R15, R16, R18, R19)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from service.domain.activity import ActivityKind
from service.domain.event import (
    ActivityId,
    AssessmentText,
    BranchId,
    CommunityId,
    Event,
    Fact,
    Instant,
    MemberId,
    ParticipationId,
    Rejection,
    on,
)

Ledger = Literal["duty", "voluntary"]
"""台账: 组织安排 and 自愿, never added up into one (R19)."""
LONGEST_PARTICIPATION = timedelta(hours=24)
"""More in one go is a mistaken date; service over several days is recorded day by day (ours)."""


class ParticipationRecorded(Event, type="ParticipationRecorded"):
    """参加记录: member, interval, content, as the community saw it (R15).

    ``window_*`` is the activity's planned window at that moment, to which credit is clipped;
    ``signed_*`` is what attendance says; both are None without an activity. ``recorded_by`` is the
    officer who recorded and may not endorse (R17); version 2 says who that is as a natural person,
    and on whose delegation they acted, as keyed hashes.
    """

    version: ClassVar[int] = 2

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
    recorded_by_person: str | None = None
    delegated_by_person: str | None = None


class ParticipationCorrected(Event, type="ParticipationCorrected"):
    """更正参加记录: the record anew, with a reason; ``corrects`` is the event it replaces (R18).

    Member, activity and kind stay what they were: another one is another record. An endorsement of
    the old version lapses: the community endorses what now stands.
    """

    version: ClassVar[int] = 2

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
    recorded_by_person: str | None = None
    delegated_by_person: str | None = None
    corrects: str
    reason: AssessmentText


class ParticipationVoided(Event, type="ParticipationVoided"):
    """作废参加记录: it counts no more, and this cannot be undone; record again instead (R18)."""

    version: ClassVar[int] = 2

    participation_id: ParticipationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    activity_id: ActivityId | None = None
    corrects: str
    reason: AssessmentText
    voided_by_person: str | None = None
    delegated_by_person: str | None = None


class UnknownParticipation(Rejection):
    """没有这条参加记录，或者不由贵单位管理。"""

    status = 404


class ParticipationIsVoided(Rejection):
    """这条参加记录已经作废，不能再更正、认定或者作废；请重新记录。"""

    rule = "R18"


class ParticipationEndsBeforeStart(Rejection):
    """参加的结束时间须晚于开始时间。"""

    rule = "R15"


class ParticipationTooLong(Rejection):
    """一次参加不能超过24小时，多日服务请逐日记录。"""

    rule = "R15"


@dataclass(frozen=True)
class Participation:
    """A participation as it stands; ``version`` is the recording or correction that counts."""

    version: str
    member_id: str
    branch_id: str
    community_id: str
    activity_id: str | None
    voided: bool = False


@dataclass
class Participations(Fact):
    """Which participations there are, in which version, and whether they are voided (R18)."""

    subject: ClassVar[str] = "participation"
    participations: dict[str, Participation] = field(default_factory=dict)

    @on(ParticipationRecorded)
    def _(
        self,
        participation_id: str,
        event_id: str,
        member_id: str,
        branch_id: str,
        community_id: str,
        activity_id: str | None,
    ) -> None:
        self.participations[participation_id] = Participation(
            event_id, member_id, branch_id, community_id, activity_id
        )

    @on(ParticipationCorrected)
    def _(self, participation_id: str, event_id: str) -> None:
        self._now(participation_id, version=event_id)

    @on(ParticipationVoided)
    def _(self, participation_id: str) -> None:
        self._now(participation_id, voided=True)

    def _now(self, participation_id: str, **differently: Any) -> None:
        self.participations[participation_id] = replace(
            self.participations[participation_id], **differently
        )

    def require(self, participation_id: str, community_id: str) -> Participation:
        """The community's participation; refused if there is none or it is voided."""
        participation = self.participations.get(participation_id)
        if participation is None or participation.community_id != community_id:
            raise UnknownParticipation
        if participation.voided:
            raise ParticipationIsVoided
        return participation


def require_interval(starts_at: datetime, ends_at: datetime) -> None:
    """Refused unless the interval is one that somebody can have seen (R15).

    An interval that lies ahead is not refused: R21's case, a year whose calendar is not published
    yet, is one. `recorded_at` stands beside it for everybody who judges the record.
    """
    if ends_at <= starts_at:
        raise ParticipationEndsBeforeStart(pointer="/ends_at")
    if ends_at - starts_at > LONGEST_PARTICIPATION:
        raise ParticipationTooLong(pointer="/ends_at")
