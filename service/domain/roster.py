"""名册: which members a branch lists, and how many it says they are (R2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.event import BranchId, Command, Event, Rejection, Selector, on
from service.domain.identity_number import valid_id_number
from service.domain.membership import BranchTransferAccepted, MemberEnrolled, SubjectErased
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.phone_number import InvalidPhone, valid_phone


class RosterPublished(Event, type="RosterPublished"):
    """名册公布: the branch states its head count; a difference to the list is explained (R2)."""

    branch_id: BranchId
    stated_head_count: int
    listed_head_count: int
    difference_explained: str | None = None


class InvalidIdNumber(Rejection):
    """身份证号码不正确：应为18位，出生日期真实，校验码相符。"""

    rule = "R2"


class MemberNoTaken(Rejection):
    """该党员编号已被使用。"""

    rule = "R2"


class PersonAlreadyEnrolled(Rejection):
    """此人已在名册中，不能重复入册。"""

    rule = "R2"


class RosterRowsRefused(Rejection):
    """名册中有不能入册的党员，全部未导入。"""

    rule = "R2"

    def __init__(self, faults: Sequence[Rejection]) -> None:
        super().__init__(f"名册中有{len(faults)}处错误，全部未导入。", "/enrolments")
        self.faults = tuple(faults)
        """Every fault of every row, each with the pointer of its field."""


class HeadCountDiffers(Rejection):
    """名册所列人数与填报的党员总数不符，须说明原因。"""

    rule = "R2"


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """One member to be listed, with the personal data in clear: it is sealed when stored."""

    member_id: str
    member_no: str
    person: str
    name: str
    id_number: str
    phone: str
    specialities: tuple[str, ...] = ()

    def enrolled(self, branch_id: str) -> MemberEnrolled:
        """The event, once nothing speaks against it."""
        return MemberEnrolled(
            member_id=self.member_id,
            branch_id=branch_id,
            member_no=self.member_no,
            person=self.person,
            name=self.name,
            id_number=self.id_number,
            phone=self.phone,
            specialities=self.specialities,
        )


def enrolment_boundary(enrolments: Sequence[Enrolment]) -> list[Selector]:
    """What makes a member number and a person unique, over all branches (R2)."""
    return [
        selector
        for each in enrolments
        for selector in (
            Selector([MemberEnrolled], [f"member-no:{each.member_no}"]),
            Selector([MemberEnrolled, SubjectErased], [f"person:{each.person}"]),
        )
    ]


def enrolment_faults(
    enrolment: Enrolment, member_nos: set[str], persons: set[str], pointer: str = ""
) -> list[Rejection]:
    """Everything that speaks against one enrolment; no message repeats personal data (R2)."""
    faults: list[Rejection] = []
    if enrolment.member_no in member_nos:
        faults.append(MemberNoTaken(pointer=f"{pointer}/member_no"))
    if enrolment.person in persons:
        faults.append(PersonAlreadyEnrolled(pointer=f"{pointer}/id_number"))
    if not valid_id_number(enrolment.id_number):
        faults.append(InvalidIdNumber(pointer=f"{pointer}/id_number"))
    if not valid_phone(enrolment.phone):
        faults.append(InvalidPhone(pointer=f"{pointer}/phone"))
    return faults


@dataclass(kw_only=True)
class EnrolMember(Command):
    """党员入册: lists one member (R2)."""

    member_id: str
    branch_id: str
    member_no: str
    person: str
    name: str
    id_number: str
    phone: str
    specialities: tuple[str, ...] = ()
    organisations: Organisations = field(init=False, default_factory=Organisations)
    member_nos: set[str] = field(init=False, default_factory=set)
    persons: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        return [Organisations.about(self.branch_id), *enrolment_boundary([self._enrolment])]

    @on(MemberEnrolled)
    def _(self, member_no: str, person: str) -> None:
        self.member_nos.add(member_no)
        self.persons.add(person)

    @on(SubjectErased)
    def _(self, person: str) -> None:
        self.persons.discard(person)

    def execute(self) -> None:
        self.organisations.require(self.branch_id, OrganisationKind.BRANCH)
        enrolment = self._enrolment
        for fault in enrolment_faults(enrolment, self.member_nos, self.persons):
            raise fault
        self.happened(enrolment.enrolled(self.branch_id))

    @property
    def _enrolment(self) -> Enrolment:
        return Enrolment(
            member_id=self.member_id,
            member_no=self.member_no,
            person=self.person,
            name=self.name,
            id_number=self.id_number,
            phone=self.phone,
            specialities=self.specialities,
        )


@dataclass(kw_only=True)
class PublishRoster(Command):
    """名册公布: lists new members, all or none, and states the head count (R2)."""

    branch_id: str
    stated_head_count: int
    difference_explained: str | None = None
    enrolments: tuple[Enrolment, ...] = ()
    organisations: Organisations = field(init=False, default_factory=Organisations)
    member_nos: set[str] = field(init=False, default_factory=set)
    persons: set[str] = field(init=False, default_factory=set)
    listed: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Organisations.about(self.branch_id),
            Selector(
                [MemberEnrolled, BranchTransferAccepted, SubjectErased],
                [f"branch:{self.branch_id}"],
            ),
            *enrolment_boundary(self.enrolments),
        ]

    @on(MemberEnrolled)
    def _(self, member_id: str, branch_id: str, member_no: str, person: str) -> None:
        self.member_nos.add(member_no)
        self.persons.add(person)
        if branch_id == self.branch_id:
            self.listed.add(member_id)

    @on(BranchTransferAccepted)
    def _(self, member_id: str, to_branch_id: str) -> None:
        if to_branch_id == self.branch_id:
            self.listed.add(member_id)
        else:
            self.listed.discard(member_id)

    @on(SubjectErased)
    def _(self, member_id: str, person: str) -> None:
        self.listed.discard(member_id)
        self.persons.discard(person)

    def faults(self) -> list[Rejection]:
        """Everything that is wrong with the rows, each under its pointer: for a dry run."""
        member_nos, persons = set(self.member_nos), set(self.persons)
        found: list[Rejection] = []
        for row, enrolment in enumerate(self.enrolments):
            found += enrolment_faults(enrolment, member_nos, persons, f"/enrolments/{row}")
            member_nos.add(enrolment.member_no)
            persons.add(enrolment.person)
        return found

    def execute(self) -> None:
        self.organisations.require(self.branch_id, OrganisationKind.BRANCH)
        if faults := self.faults():
            raise RosterRowsRefused(faults)
        listed = len(self.listed) + len(self.enrolments)
        explanation = (self.difference_explained or "").strip() or None
        if listed == self.stated_head_count:
            explanation = None
        elif explanation is None:
            raise HeadCountDiffers(
                f"填报{self.stated_head_count}人，名册所列{listed}人，须说明原因。",
                "/stated_head_count",
            )
        for enrolment in self.enrolments:
            self.happened(enrolment.enrolled(self.branch_id))
        self.happened(
            RosterPublished(
                branch_id=self.branch_id,
                stated_head_count=self.stated_head_count,
                listed_head_count=listed,
                difference_explained=explanation,
            )
        )
