"""月查: each month the branch looks through its certificates and talks to the communities (R22).

What the check found stays open until somebody says what became of it. The service prepares the
list, from the record; a person confirms it, adds to it, or says why something on it is nothing.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict

from service.domain.event import (
    AssessmentText,
    BranchId,
    Event,
    MemberId,
    ParticipationId,
    Rejection,
    Tag,
)

InspectionId = Annotated[str, Tag("inspection")]
DiscrepancyId = Annotated[str, Tag("discrepancy")]


class DiscrepancyKind(StrEnum):
    """差异类别: what is to be looked into (R22).

    All but the last are found in the record; a person may name any of them.
    """

    MISSING_SIGN_OUT = "missing_sign_out"
    INSIDE_WORKING_TIME = "inside_working_time"
    OVERLAP = "overlap"
    LATE_ENTRY = "late_entry"
    UNENDORSED = "unendorsed"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "missing_sign_out": "签到后没有签退",
            "inside_working_time": "有八小时内的分钟数",
            "overlap": "与其他参加记录时间重叠",
            "late_entry": "逾期补录",
            "unendorsed": "尚未认定",
            "other": "其他差异",
        }[self.value]


class DismissalReason(StrEnum):
    """不作差异原因: why something on the prepared list needs no following up (R22)."""

    EXPLAINED_BY_COMMUNITY = "explained_by_community"
    EXPLAINED_BY_MEMBER = "explained_by_member"
    BEING_ENDORSED = "being_endorsed"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "explained_by_community": "社区已作说明",
            "explained_by_member": "本人已作说明，情况属实",
            "being_endorsed": "社区正在办理认定",
            "other": "其他原因",
        }[self.value]


class Resolution(StrEnum):
    """差异处理结果: what became of a discrepancy (R22)."""

    CORRECTED = "corrected"
    ENDORSED = "endorsed"
    VOIDED = "voided"
    EXPLAINED = "explained"
    REMINDED = "reminded"

    @property
    def word(self) -> str:
        return {
            "corrected": "社区已更正记录",
            "endorsed": "社区已补办认定",
            "voided": "社区已作废记录",
            "explained": "查明属实，已作说明",
            "reminded": "已提醒本人改进",
        }[self.value]


class TalkOutcome(StrEnum):
    """联系结果: what the community said, beside the record (R22)."""

    CONSISTENT = "consistent"
    DIFFERS = "differs"
    CONCERN = "concern"

    @property
    def word(self) -> str:
        return {
            "consistent": "与记录一致",
            "differs": "与记录有出入",
            "concern": "社区反映问题，须跟进",
        }[self.value]


class CommunityTalk(BaseModel):
    """与社区联系: on which day the branch talked to a community, and what came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    community_id: str
    held_on: date
    outcome: TalkOutcome
    note: str | None = None


class InspectionConfirmed(Event, type="InspectionConfirmed"):
    """月查完成: the branch looked through the month's certificates and talked to the communities.

    ``month`` is written as 2026-03. The four counts are of the list as it stood at
    ``as_of_position``: all certificates the branch's members hold, participations looked at, those
    of them that nobody has answered for, and members exempt on the month's last day. Notes on
    talks name nobody: they are not sealed.
    """

    inspection_id: InspectionId
    branch_id: BranchId
    month: str
    certificates: int
    entries: int
    unendorsed: int
    exempt: int
    talks: tuple[CommunityTalk, ...]
    as_of_position: int
    confirmed_by: str
    confirmed_by_person: str

    def tags(self) -> list[str]:
        """The communities talked to are subjects as well: each finds what was said with it."""
        talked = dict.fromkeys(f"community:{each.community_id}" for each in self.talks)
        return [*super().tags(), *talked]

    @classmethod
    def tags_of(cls, stored: Mapping[str, Any]) -> list[str]:
        """The same, from its fields as JSON has them."""
        talked = dict.fromkeys(f"community:{each['community_id']}" for each in stored["talks"])
        return [*super().tags_of(stored), *talked]


class DiscrepancyFound(Event, type="DiscrepancyFound"):
    """发现差异: something about a member's record to be looked into; open until resolved (R22)."""

    discrepancy_id: DiscrepancyId
    inspection_id: InspectionId
    branch_id: BranchId
    member_id: MemberId
    participation_id: ParticipationId | None = None
    kind: DiscrepancyKind
    note: AssessmentText | None = None


class DiscrepancyDismissed(Event, type="DiscrepancyDismissed"):
    """不作差异: something on the prepared list needs no following up, for a reason (R22)."""

    discrepancy_id: DiscrepancyId
    inspection_id: InspectionId
    branch_id: BranchId
    member_id: MemberId
    participation_id: ParticipationId | None = None
    kind: DiscrepancyKind
    reason_code: DismissalReason


class DiscrepancyResolved(Event, type="DiscrepancyResolved"):
    """差异已处理: the branch says what became of a discrepancy (R22)."""

    discrepancy_id: DiscrepancyId
    branch_id: BranchId
    member_id: MemberId
    participation_id: ParticipationId | None = None
    resolution: Resolution
    note: AssessmentText | None = None
    resolved_by: str
    resolved_by_person: str


class MonthAlreadyInspected(Rejection):
    """本支部这个月的月查已经完成。"""

    rule = "R22"


class TalkMissing(Rejection):
    """尚未与本支部党员报到的全部社区联系。"""

    rule = "R22"


class TalkOutsideTerm(Rejection):
    """与社区联系的日期须在所查月份开始之后，且不晚于办理之日。"""

    rule = "R22"


class DismissalNotFound(Rejection):
    """查验清单上没有这项差异，或者已经处理。"""

    rule = "R22"


class UnknownDiscrepancy(Rejection):
    """没有这项差异，或者不由贵单位处理。"""

    status = 404


class DiscrepancyResolvedAlready(Rejection):
    """这项差异已经处理。"""

    rule = "R22"


def discrepancy_id(branch_id: str, participation_id: str, kind: DiscrepancyKind) -> str:
    """The same for the same finding in every list of a branch: it is found once there.

    The branch a member moves to finds it anew; what the old one found stays the old one's to
    resolve.
    """
    name = f"urn:eighthours:discrepancy:{branch_id}/{participation_id}/{kind.value}"
    return str(uuid5(NAMESPACE_URL, name))
