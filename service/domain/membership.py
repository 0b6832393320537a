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

ErasureId = Annotated[str, Tag("erasure")]


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


class SubjectErased(Event, type="SubjectErased"):
    """个人信息已删除: from now on nobody can read who the member is (R40). What is under way about
    them is finished without a word about them; nothing new is begun.

    There is no way back from here: the keys are destroyed next, and again wherever an old copy
    brings them back. ``key_fingerprints`` says which: purpose and SHA-256 of each. The same
    ``person`` may be enrolled again, as somebody new.
    """

    erasure_id: ErasureId
    member_id: MemberId
    branch_id: BranchId
    person: Annotated[str, Tag("person")]
    key_fingerprints: tuple[str, ...]


class UnknownMember(Rejection):
    """没有这名党员，或者该党员不由贵单位管理。"""

    status = 404


@dataclass
class Memberships(Fact):
    """Which branch holds each member's formal membership."""

    subject: ClassVar[str] = "member"
    branches: dict[str, str] = field(default_factory=dict)
    """Branch by member."""
    former: dict[str, list[str]] = field(default_factory=dict)
    """The branches a member belonged to before, by member; of most there is none."""
    persons: dict[str, str] = field(default_factory=dict)
    """The natural person, as a keyed hash, by member."""
    erased: set[str] = field(default_factory=set)
    """Members who are to be treated as if they had never been (R40)."""

    @on(MemberEnrolled)
    def _(self, member_id: str, branch_id: str, person: str) -> None:
        self.branches[member_id] = branch_id
        self.persons[member_id] = person

    @on(BranchTransferAccepted)
    def _(self, member_id: str, branch_id: str, to_branch_id: str) -> None:
        if member_id not in self.erased:
            self.branches[member_id] = to_branch_id
            self.former.setdefault(member_id, []).append(branch_id)

    @on(SubjectErased)
    def _(self, member_id: str) -> None:
        self.branches.pop(member_id, None)
        self.erased.add(member_id)

    def ever(self, member_id: str) -> tuple[str, ...]:
        """Every branch the member belongs or belonged to, the present one first."""
        current = self.branches.get(member_id)
        return () if current is None else (current, *self.former.get(member_id, ()))

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
