"""办理删除个人信息: one person asks, another confirms, the service carries it out (R40)."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from service.domain.erasure import (
    CANCEL_WINDOW_DAYS,
    CancelWindowClosed,
    DocumentNoMalformed,
    Erasure,
    ErasureCancelled,
    ErasureConfirmed,
    ErasureConfirmedByRequester,
    ErasureInOwnMatter,
    ErasureNotDue,
    ErasureNotOpen,
    ErasureRequested,
    Erasures,
    ErasureUnderWay,
    LegalBasis,
    UnknownErasure,
)
from service.domain.event import Command, Selector
from service.domain.membership import Memberships, SubjectErased, UnknownMember
from service.domain.officer import Officers
from service.domain.organisation import Organisations

_DOCUMENT_NO = re.compile(r"[\u4e00-\u9fff]{1,20}〔\d{4}〕\d{1,5}号")


@dataclass(kw_only=True)
class RequestErasure(Command):
    """申请删除个人信息: by the member's branch or an organisation above it (R40)."""

    erasure_id: str
    member_id: str
    legal_basis: LegalBasis
    document_no: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    erasures: Erasures = field(init=False, default_factory=Erasures)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            *self.officers.acting(self.by),
            Memberships.about(self.member_id),
            Erasures.about(self.member_id),
        ]
        if branch_id := self.memberships.branches.get(self.member_id):
            boundary.append(Organisations.about(branch_id))
        return boundary

    def execute(self) -> None:
        branch_id = self.memberships.branch_of(self.member_id)
        if self.by.organisation_id not in self.organisations.line_of(branch_id):
            raise UnknownMember
        person = self.officers.appointment(self.by).person
        if person == self.memberships.persons[self.member_id]:
            raise ErasureInOwnMatter
        if not _DOCUMENT_NO.fullmatch(self.document_no):
            raise DocumentNoMalformed(pointer="/document_no")
        known = self.erasures.known.values()
        if any(each.member_id == self.member_id and not each.closed for each in known):
            raise ErasureUnderWay(pointer="/member_id")
        self.happened(
            ErasureRequested(
                erasure_id=self.erasure_id,
                member_id=self.member_id,
                branch_id=branch_id,
                legal_basis=self.legal_basis,
                document_no=self.document_no,
                requested_by=self.by.person,
                requested_by_person=person,
            )
        )


@dataclass(kw_only=True)
class ConfirmErasure(Command):
    """确认删除个人信息: by another person than the one who asked (R40)."""

    erasure_id: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    erasures: Erasures = field(init=False, default_factory=Erasures)

    def consistency_boundary(self) -> list[Selector]:
        return _boundary_of_erasure(self)

    def execute(self) -> None:
        erasure = _named(self)
        person = self.officers.responsible(self.by).person
        if erasure.closed or erasure.due_at is not None:
            raise ErasureNotOpen
        if person == erasure.requested_by_person:
            raise ErasureConfirmedByRequester
        if person == self.memberships.persons[erasure.member_id]:
            raise ErasureInOwnMatter
        self.happened(
            ErasureConfirmed(
                erasure_id=self.erasure_id,
                member_id=erasure.member_id,
                branch_id=erasure.branch_id,
                confirmed_by=self.by.person,
                confirmed_by_person=person,
                due_at=self.at + timedelta(days=CANCEL_WINDOW_DAYS),
            )
        )


@dataclass(kw_only=True)
class CancelErasure(Command):
    """撤销删除申请: before the window has closed (R40)."""

    erasure_id: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    erasures: Erasures = field(init=False, default_factory=Erasures)

    def consistency_boundary(self) -> list[Selector]:
        return _boundary_of_erasure(self)

    def execute(self) -> None:
        erasure = _named(self)
        self.officers.appointment(self.by)
        if erasure.closed:
            raise ErasureNotOpen
        if erasure.due_at is not None and self.at >= erasure.due_at:
            raise CancelWindowClosed
        self.happened(
            ErasureCancelled(
                erasure_id=self.erasure_id,
                member_id=erasure.member_id,
                branch_id=erasure.branch_id,
                cancelled_by=self.by.person,
            )
        )


@dataclass(kw_only=True)
class EraseSubject(Command):
    """执行删除: what the service does by itself once the window has closed (R40)."""

    erasure_id: str
    key_fingerprints: tuple[str, ...]
    memberships: Memberships = field(init=False, default_factory=Memberships)
    erasures: Erasures = field(init=False, default_factory=Erasures)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [_about(self.erasure_id)]
        if erasure := self.erasures.known.get(self.erasure_id):
            boundary += [Erasures.about(erasure.member_id), Memberships.about(erasure.member_id)]
        return boundary

    def execute(self) -> None:
        erasure = self.erasures.known.get(self.erasure_id)
        if erasure is None:
            raise UnknownErasure
        if erasure.closed:
            raise ErasureNotOpen
        if erasure.due_at is None or self.at < erasure.due_at:
            raise ErasureNotDue
        self.happened(
            SubjectErased(
                erasure_id=self.erasure_id,
                member_id=erasure.member_id,
                # Where the member is listed by now.
                branch_id=self.memberships.branch_of(erasure.member_id),
                person=self.memberships.persons[erasure.member_id],
                key_fingerprints=self.key_fingerprints,
            )
        )


def _about(erasure_id: str) -> Selector:
    return Selector([ErasureRequested], [f"erasure:{erasure_id}"])


def _boundary_of_erasure(command: ConfirmErasure | CancelErasure) -> list[Selector]:
    boundary = [_about(command.erasure_id), *command.officers.acting(command.by)]
    if erasure := command.erasures.known.get(command.erasure_id):
        boundary += [
            Erasures.about(erasure.member_id),
            Memberships.about(erasure.member_id),
            Organisations.about(erasure.branch_id),
        ]
    return boundary


def _named(command: ConfirmErasure | CancelErasure) -> Erasure:
    """The erasure, if the acting organisation is the member's branch or stands above it."""
    erasure = command.erasures.known.get(command.erasure_id)
    if erasure is None:
        raise UnknownErasure
    # The branch of the request answers for it, also when the member moves meanwhile.
    if command.by.organisation_id not in command.organisations.line_of(erasure.branch_id):
        raise UnknownErasure
    return erasure
