"""评优与取消资格的建议: what a rule pack proposes, and nothing more than that (R28, R31, R32).

A proposal says what the figures came to and what caused it. It changes nobody's status: whether
anything follows is concluded by a named person (`concluding`), or the proposal is dismissed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from service.domain.event import (
    AssessmentText,
    BranchId,
    Event,
    MemberId,
    OrganisationId,
    Rejection,
    Tag,
)
from service.domain.open_text import require_open_text

ProposalId = Annotated[str, Tag("proposal")]


class Outcome(StrEnum):
    """建议: what a rule pack may propose (R31)."""

    RECOMMENDED = "recommended"
    INELIGIBLE = "ineligible"

    @property
    def word(self) -> str:
        return {"recommended": "推荐评优评先", "ineligible": "取消评优评先资格"}[self.value]


class DismissalReason(StrEnum):
    """不予采纳原因: why nothing follows from a proposal."""

    RECORD_CORRECTED = "record_corrected"
    GOOD_CAUSE = "good_cause"
    NOT_WARRANTED = "not_warranted"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "record_corrected": "所依据的记录已经更正",
            "good_cause": "有正当理由",
            "not_warranted": "尚不足以作出这一处理",
            "other": "其他原因",
        }[self.value]


class Measured(BaseModel):
    """规则的衡量: one rule of the pack, what was measured by it and what it requires.

    Both are in Chinese and exact, never rounded: ``49小时59分``, ``完成率1234/1300``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: str
    measured: str
    required: str
    passed: bool


class ConsequenceProposed(Event, type="ConsequenceProposed"):
    """提出建议: a rule pack in force came to this for a member or for a unit (R28, R31, R32).

    It is about a member, whose branch stands beside them, or about the unit ``organisation_id``.
    ``cause_event_ids`` are the adoption of the rule pack and the endorsements that counted; what
    did not happen has no event, and shows in the figures as of ``as_of_position``.
    """

    proposal_id: ProposalId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    outcome: Outcome
    year: int
    pack_id: Annotated[str, Tag("pack")]
    document_no: str
    measured: tuple[Measured, ...]
    cause_event_ids: tuple[str, ...]
    as_of_position: int
    proposed_by: str


class ProposalDismissed(Event, type="ProposalDismissed"):
    """不予采纳: a responsible person decided that nothing follows from the proposal (R28).

    What is said about a member is sealed (``reason``), about a unit it is open (``open_reason``).
    """

    proposal_id: ProposalId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    reason_code: DismissalReason
    reason: AssessmentText | None = None
    open_reason: str | None = None
    dismissed_by: str
    dismissed_by_person: str


class UnknownProposal(Rejection):
    """没有这项建议，或者不由贵单位办理。"""

    status = 404


class ProposalAnswered(Rejection):
    """这项建议已经作出结论，或者已经不予采纳。"""

    rule = "R31"


class ProposalDoesNotFit(Rejection):
    """这项建议与所要作出的结论不符。"""

    rule = "R31"


class NothingToPropose(Rejection):
    """按这一考核规则没有新的建议。"""

    rule = "R31"


class UnknownCause(Rejection):
    """没有这一事件，或者它与该党员、该单位无关。"""

    status = 404


class CauseMissing(Rejection):
    """须写明导致这一结论的事件。"""

    rule = "R31"


class DocumentMissing(Rejection):
    """须写明所依据规则的文号。"""

    rule = "R31"


class ConcludedByResponsiblePerson(Rejection):
    """评优、取消资格的结论，须由党组织负责人作出或者撤销；建议也由负责人决定是否采纳。"""

    rule = "R31"


class UnitConcludesOnItself(Rejection):
    """本单位的评优、取消资格，须由上级党组织作出结论。"""

    rule = "R31"


@dataclass(frozen=True)
class Subject:
    """Whom a consequence is about: exactly one of a member and a unit."""

    member_id: str | None = None
    organisation_id: str | None = None

    @property
    def tag(self) -> str:
        """What events about it are found by."""
        if self.member_id is not None:
            return f"member:{self.member_id}"
        return f"organisation:{self.organisation_id}"

    def worded(self, text: str | None) -> tuple[str | None, str | None]:
        """The text where it belongs: to be sealed about a member, open about a unit (R40)."""
        if self.member_id is not None:
            return text, None
        require_open_text(text, "/reason")
        return None, text


@dataclass(frozen=True)
class Grounds:
    """What a conclusion rests on (R31): taken from a proposal, or stated by whoever concludes."""

    subject: Subject
    year: int
    document_no: str
    """Of the rule."""
    cause_event_ids: tuple[str, ...]

    def require_complete(self) -> None:
        """Refused unless the rule and the events are named."""
        if not self.document_no.strip():
            raise DocumentMissing(pointer="/document_no")
        if not self.cause_event_ids:
            raise CauseMissing(pointer="/cause_event_ids")
