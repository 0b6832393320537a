"""删除个人信息: who a member is becomes unreadable for ever, on two persons' word (R40).

One appointed person asks for it on a legal basis, another confirms it, and for some days it may
still be cancelled; meanwhile the data is restricted: kept, and read for no purpose but those the
law names. When the window has closed the service erases the member: the keys of their personal
data are destroyed. What was decided about them stays in the log, about nobody in particular.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from service.domain.event import (
    BranchId,
    Event,
    Fact,
    Instant,
    MemberId,
    Rejection,
    on,
)
from service.domain.membership import ErasureId, SubjectErased

CANCEL_WINDOW_DAYS = 7
"""Days from the confirmation in which an erasure may be cancelled; the database knows it too."""


class LegalBasis(StrEnum):
    """删除的法定情形: the cases of article 47 of the 个人信息保护法."""

    PURPOSE_ACHIEVED = "purpose_achieved"
    RETENTION_EXPIRED = "retention_expired"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL_PROCESSING = "unlawful_processing"
    OTHER_LAW = "other_law"

    @property
    def word(self) -> str:
        return {
            "purpose_achieved": "处理目的已实现、无法实现或者不再必要",
            "retention_expired": "保存期限已届满",
            "consent_withdrawn": "个人撤回同意",
            "unlawful_processing": "违反法律、行政法规或者约定处理",
            "other_law": "法律、行政法规规定的其他情形",
        }[self.value]


class ErasureRequested(Event, type="ErasureRequested"):
    """申请删除个人信息: on a legal basis; the document's number stands for the file (R40)."""

    erasure_id: ErasureId
    member_id: MemberId
    branch_id: BranchId
    legal_basis: LegalBasis
    document_no: str
    requested_by: str
    requested_by_person: str


class ErasureConfirmed(Event, type="ErasureConfirmed"):
    """确认删除个人信息: by another person; until ``due_at`` it may be cancelled (R40)."""

    erasure_id: ErasureId
    member_id: MemberId
    branch_id: BranchId
    confirmed_by: str
    confirmed_by_person: str
    due_at: Instant


class ErasureCancelled(Event, type="ErasureCancelled"):
    """撤销删除申请: everything is as it was before the request (R40)."""

    erasure_id: ErasureId
    member_id: MemberId
    branch_id: BranchId
    cancelled_by: str


class UnknownErasure(Rejection):
    """没有这项删除申请，或者不由贵单位办理。"""

    status = 404


class DocumentNoMalformed(Rejection):
    """文号不符合格式，须如“琼组发〔2026〕12号”。"""

    rule = "R40"


class ErasureUnderWay(Rejection):
    """该党员的个人信息已在办理删除。"""

    rule = "R40"


class ErasureConfirmedByRequester(Rejection):
    """申请删除的人不得确认该申请，须由另一人确认。"""

    rule = "R40"


class ErasureInOwnMatter(Rejection):
    """党员本人不得作为办理人办理本人个人信息的删除。"""

    rule = "R40"


class ErasureNotOpen(Rejection):
    """该项删除申请已确认、已撤销或者已执行。"""

    rule = "R40"


class CancelWindowClosed(Rejection):
    """可以撤销的期限已过。"""

    rule = "R40"


class ErasureNotDue(Rejection):
    """该项删除尚未确认，或者可以撤销的期限未满。"""

    rule = "R40"


@dataclass(slots=True)
class Erasure:
    """One erasure as it stands."""

    member_id: str
    branch_id: str
    requested_by_person: str
    due_at: datetime | None = None
    """When it may be carried out; None until it is confirmed."""
    cancelled: bool = False
    erased: bool = False

    @property
    def closed(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.cancelled or self.erased


@dataclass
class Erasures(Fact):
    """The erasures of a member, by id."""

    subject: ClassVar[str] = "member"
    known: dict[str, Erasure] = field(default_factory=dict)

    @on(ErasureRequested)
    def _(self, erasure_id: str, member_id: str, branch_id: str, requested_by_person: str) -> None:
        self.known[erasure_id] = Erasure(member_id, branch_id, requested_by_person)

    @on(ErasureConfirmed)
    def _(self, erasure_id: str, due_at: datetime) -> None:
        self.known[erasure_id].due_at = due_at

    @on(ErasureCancelled)
    def _(self, erasure_id: str) -> None:
        self.known[erasure_id].cancelled = True

    @on(SubjectErased)
    def _(self, erasure_id: str) -> None:
        self.known[erasure_id].erased = True
