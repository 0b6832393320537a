"""转接组织关系: a member moves to another branch, which answers (R4)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    Actor,
    AssessmentText,
    BranchId,
    Command,
    Event,
    Fact,
    MemberId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.membership import BranchTransferAccepted, Memberships
from service.domain.organisation import OrganisationKind, Organisations


class BranchTransferRefusal(StrEnum):
    """退回原因 (R4)."""

    NOT_OURS = "not_ours"
    INCOMPLETE_PAPERS = "incomplete_papers"
    NOT_ARRIVED = "not_arrived"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "not_ours": "不属于本支部接收范围",
            "incomplete_papers": "转接材料不齐",
            "not_arrived": "本人尚未到岗",
            "other": "其他原因",
        }[self.value]


class BranchTransferRequested(Event, type="BranchTransferRequested"):
    """申请转接组织关系: the old branch asks the new one; the old stays responsible (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId


class BranchTransferRefused(Event, type="BranchTransferRefused"):
    """退回组织关系: the new branch refuses with a reason code (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId
    reason_code: BranchTransferRefusal
    note: AssessmentText | None = None


class UnknownBranchTransfer(Rejection):
    """没有这项组织关系转接，或者不由贵支部答复。"""

    status = 404


class AlreadyInBranch(Rejection):
    """该党员的组织关系已在这个支部。"""

    rule = "R4"


class BranchTransferInFlight(Rejection):
    """该党员的组织关系正在转接，须等待接收支部答复。"""

    rule = "R4"


class BranchTransferAnswered(Rejection):
    """这项组织关系转接已经答复。"""

    rule = "R4"


@dataclass(frozen=True)
class TransferRequest:
    """Who is to go from where to where."""

    member_id: str
    branch_id: str
    to_branch_id: str


@dataclass
class BranchTransfers(Fact):
    """What was asked, and which requests were answered."""

    subject: ClassVar[str] = "branch-transfer"
    requests: dict[str, TransferRequest] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    @on(BranchTransferRequested)
    def _(self, transfer_id: str, member_id: str, branch_id: str, to_branch_id: str) -> None:
        self.requests[transfer_id] = TransferRequest(member_id, branch_id, to_branch_id)

    @on(BranchTransferAccepted)
    def _(self, transfer_id: str) -> None:
        self.answered.add(transfer_id)

    @on(BranchTransferRefused)
    def _(self, transfer_id: str) -> None:
        self.answered.add(transfer_id)

    def to_answer(self, by: Actor, transfer_id: str) -> TransferRequest:
        """The request, refused unless the addressed branch acts and has not answered yet."""
        request = self.requests.get(transfer_id)
        if request is None or by.organisation_id != request.to_branch_id:
            raise UnknownBranchTransfer
        if transfer_id in self.answered:
            raise BranchTransferAnswered
        return request


@dataclass(kw_only=True)
class RequestBranchTransfer(Command):
    """申请转接组织关系: the member's branch asks another to take them over (R4)."""

    transfer_id: str
    member_id: str
    to_branch_id: str
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    in_flight: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Memberships.about(self.member_id),
            Selector(
                [BranchTransferRequested, BranchTransferAccepted, BranchTransferRefused],
                [f"member:{self.member_id}"],
            ),
            Organisations.about(self.to_branch_id),
        ]

    @on(BranchTransferRequested)
    def _(self) -> None:
        self.in_flight = True

    @on(BranchTransferAccepted)
    def _(self) -> None:
        self.in_flight = False

    @on(BranchTransferRefused)
    def _(self) -> None:
        self.in_flight = False

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        self.organisations.require(self.to_branch_id, OrganisationKind.BRANCH, "/to_branch_id")
        if self.to_branch_id == branch_id:
            raise AlreadyInBranch(pointer="/to_branch_id")
        if self.in_flight:
            raise BranchTransferInFlight
        self.happened(
            BranchTransferRequested(
                transfer_id=self.transfer_id,
                member_id=self.member_id,
                branch_id=branch_id,
                to_branch_id=self.to_branch_id,
            )
        )


@dataclass(kw_only=True)
class AcceptBranchTransfer(Command):
    """接收组织关系: the addressed branch takes the member over (R4)."""

    transfer_id: str
    transfers: BranchTransfers = field(init=False, default_factory=BranchTransfers)
    memberships: Memberships = field(init=False, default_factory=Memberships)

    def consistency_boundary(self) -> list[Selector]:
        return _answering(self)

    def execute(self) -> None:
        request = self.transfers.to_answer(self.by, self.transfer_id)
        # Nobody can be taken over, or sent back, who was erased meanwhile.
        self.memberships.branch_of(request.member_id)
        self.happened(
            BranchTransferAccepted(
                transfer_id=self.transfer_id,
                member_id=request.member_id,
                branch_id=request.branch_id,
                to_branch_id=request.to_branch_id,
            )
        )


@dataclass(kw_only=True)
class RefuseBranchTransfer(Command):
    """退回组织关系: the addressed branch refuses, for a reason (R4)."""

    transfer_id: str
    reason_code: BranchTransferRefusal
    note: str | None = None
    transfers: BranchTransfers = field(init=False, default_factory=BranchTransfers)
    memberships: Memberships = field(init=False, default_factory=Memberships)

    def consistency_boundary(self) -> list[Selector]:
        return _answering(self)

    def execute(self) -> None:
        request = self.transfers.to_answer(self.by, self.transfer_id)
        # Nobody can be taken over, or sent back, who was erased meanwhile.
        self.memberships.branch_of(request.member_id)
        self.happened(
            BranchTransferRefused(
                transfer_id=self.transfer_id,
                member_id=request.member_id,
                branch_id=request.branch_id,
                to_branch_id=request.to_branch_id,
                reason_code=self.reason_code,
                note=self.note,
            )
        )


def _answering(command: AcceptBranchTransfer | RefuseBranchTransfer) -> list[Selector]:
    """Selects the transfer and, once it is known who moves, the member."""
    known = command.transfers.requests.values()
    return [
        BranchTransfers.about(command.transfer_id),
        *(Memberships.about(each.member_id) for each in known),
    ]
