"""党员与支部: which branch holds whose formal membership (R2, R4).

Formal membership never moves by itself: the branch that enrolled a member keeps it until another
branch has accepted the transfer. Every decision about a member starts from here.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from service.domain.event import (
    Actor,
    BranchId,
    Event,
    Fact,
    MemberId,
    PersonalText,
    Rejection,
    Tag,
    on,
)


class MemberEnrolled(Event, type="MemberEnrolled"):
    """党员入册: a branch lists a member whose formal membership it holds (R2).

    ``person`` is a keyed hash of the ID number: the same natural person has the same one, and
    nobody can go back from it to the number.
    """

    member_id: MemberId
    branch_id: BranchId
    member_no: Annotated[str, Tag("member-no")]
    person: Annotated[str, Tag("person")]
    name: PersonalText
    id_number: PersonalText
    phone: PersonalText
    specialities: tuple[str, ...] = ()


class BranchTransferAccepted(Event, type="BranchTransferAccepted"):
    """接收组织关系: from now on the member belongs to ``to_branch_id`` (R4)."""

    transfer_id: Annotated[str, Tag("branch-transfer")]
    member_id: MemberId
    branch_id: BranchId
    to_branch_id: BranchId


class UnknownMember(Rejection):
    """没有这名党员，或者该党员不由贵单位管理。"""

    status = 404


@dataclass
class Memberships(Fact):
    """Which branch holds each member's formal membership."""

    subject: ClassVar[str] = "member"
    branches: dict[str, str] = field(default_factory=dict)
    """Branch by member."""

    @on(MemberEnrolled)
    def _(self, member_id: str, branch_id: str) -> None:
        self.branches[member_id] = branch_id

    @on(BranchTransferAccepted)
    def _(self, member_id: str, to_branch_id: str) -> None:
        self.branches[member_id] = to_branch_id

    def branch_of(self, member_id: str, pointer: str = "") -> str:
        """The member's branch; refused if there is no such member."""
        if member_id not in self.branches:
            raise UnknownMember(pointer=pointer)
        return self.branches[member_id]

    def branch_acting(self, by: Actor, member_id: str, pointer: str = "") -> str:
        """The member's branch, refused unless it is this branch that acts."""
        branch_id = self.branch_of(member_id, pointer)
        if by.organisation_id != branch_id:
            raise UnknownMember(pointer=pointer)
        return branch_id
