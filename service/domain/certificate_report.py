"""活动证挂失与记满: a lost or full certificate is reported to its issuer (R6)."""

from dataclasses import dataclass, field

from service.domain.certificate import (
    CertificateReportedFull,
    CertificateReportedLost,
    Certificates,
    Holders,
    UnknownCertificate,
    holding_boundary,
)
from service.domain.event import Command, Selector
from service.domain.membership import Memberships
from service.domain.registration import Registrations


@dataclass(kw_only=True)
class ReportCertificateLost(Command):
    """活动证挂失: the branch notes that its member lost the certificate (R6)."""

    certificate_no: str
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    holders: Holders = field(init=False, default_factory=Holders)

    def consistency_boundary(self) -> list[Selector]:
        return holding_boundary(self.certificate_no, self.holders)

    def execute(self) -> None:
        member_id = self.holders.holder_of(self.certificate_no)
        branch_id = self.memberships.branch_of(member_id)
        if self.by.organisation_id != branch_id:
            raise UnknownCertificate
        self.certificates.require_valid(member_id, self.certificate_no)
        self.happened(
            CertificateReportedLost(
                certificate_no=self.certificate_no, member_id=member_id, branch_id=branch_id
            )
        )


@dataclass(kw_only=True)
class ReportCertificateFull(Command):
    """活动证记满: the branch, or the member's community for it, notes that no page is left (R6)."""

    certificate_no: str
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    holders: Holders = field(init=False, default_factory=Holders)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        boundary = holding_boundary(self.certificate_no, self.holders)
        if member_id := self.holders.members.get(self.certificate_no):
            boundary.append(Registrations.about(member_id))
        return boundary

    def execute(self) -> None:
        member_id = self.holders.holder_of(self.certificate_no)
        branch_id = self.memberships.branch_of(member_id)
        community_id = self.registrations.community_of(member_id)
        if self.by.organisation_id not in {branch_id, community_id}:
            raise UnknownCertificate
        self.certificates.require_valid(member_id, self.certificate_no)
        self.happened(
            CertificateReportedFull(
                certificate_no=self.certificate_no, member_id=member_id, branch_id=branch_id
            )
        )
