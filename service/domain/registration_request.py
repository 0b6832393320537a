"""办理报到: a member presents the certificate and the intake form to a community (R8, R9)."""

from dataclasses import dataclass, field

from service.domain.certificate import Certificates
from service.domain.event import Command, Selector, on
from service.domain.membership import Memberships, UnknownMember
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.pairing import UnitPaired, pairing
from service.domain.phone_number import InvalidPhone, valid_phone
from service.domain.registration import (
    AlreadyRegistered,
    Basis,
    MemberRegistered,
    Registrations,
    UnitNotPaired,
)
from service.domain.registration_deadline import Deadlines


@dataclass(kw_only=True)
class RegisterMember(Command):
    """党员报到: recorded by the branch or the community; late is accepted (R8, R9)."""

    registration_id: str
    member_id: str
    community_id: str
    certificate_no: str
    residence: str
    phone: str
    specialities: tuple[str, ...] = ()
    service_intentions: tuple[str, ...] = ()
    basis: Basis = Basis.RESIDENCE
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    deadlines: Deadlines = field(init=False, default_factory=Deadlines)
    paired: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            Memberships.about(self.member_id),
            Certificates.about(self.member_id),
            Registrations.about(self.member_id),
            Organisations.about(self.community_id),
        ]
        if branch_id := self.memberships.branches.get(self.member_id):
            boundary.append(Organisations.about(branch_id))
            for each in self.organisations.line_of(branch_id):
                boundary.append(Deadlines.about(each))
                if self.basis is Basis.PAIRED_UNIT:
                    boundary.append(pairing(each, self.community_id))
        return boundary

    @on(UnitPaired)
    def _(self) -> None:
        self.paired = True

    def execute(self) -> None:
        branch_id = self.memberships.branch_of(self.member_id, "/member_id")
        if self.by.organisation_id not in {branch_id, self.community_id}:
            raise UnknownMember(pointer="/member_id")
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY, "/community_id")
        self.certificates.require_valid(self.member_id, self.certificate_no, "/certificate_no")
        registrations = self.registrations
        if self.member_id in registrations.active or self.member_id in registrations.waiting:
            raise AlreadyRegistered
        if self.basis is Basis.PAIRED_UNIT and not self.paired:
            raise UnitNotPaired(pointer="/basis")
        if not valid_phone(self.phone):
            raise InvalidPhone(pointer="/intake/phone")
        self.happened(
            MemberRegistered(
                registration_id=self.registration_id,
                member_id=self.member_id,
                branch_id=branch_id,
                community_id=self.community_id,
                certificate_no=self.certificate_no,
                basis=self.basis,
                deadline=self.deadlines.in_force(self.organisations.line_of(branch_id)),
                residence=self.residence,
                phone=self.phone,
                specialities=self.specialities,
                service_intentions=self.service_intentions,
            )
        )
