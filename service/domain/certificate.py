"""活动证: the card with which a member presents themselves in the community (R5, R6)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from service.domain.certificate_number import valid_certificate_no
from service.domain.event import (
    BranchId,
    CertificateNo,
    Command,
    Event,
    Fact,
    MemberId,
    Rejection,
    Selector,
    on,
)
from service.domain.membership import Memberships
from service.domain.signed import OwnSignature, Signed
from service.domain.signing_key import SigningKeys


class WithdrawalReason(StrEnum):
    """收回原因 (R6)."""

    LEFT = "left"
    RETIRED = "retired"
    DIED = "died"
    ISSUED_IN_ERROR = "issued_in_error"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "left": "调离",
            "retired": "退休",
            "died": "去世",
            "issued_in_error": "发放有误",
            "other": "其他原因",
        }[self.value]


class CertificateIssued(Signed, Event, type="CertificateIssued"):
    """活动证发放: by the branch of formal membership; ``replaces`` names the one before (R5)."""

    version: ClassVar[int] = 2

    certificate_no: CertificateNo
    member_id: MemberId
    branch_id: BranchId
    replaces: str | None = None


class CertificateReportedLost(Event, type="CertificateReportedLost"):
    """活动证挂失: from now on it takes no entries (R6)."""

    certificate_no: CertificateNo
    member_id: MemberId
    branch_id: BranchId


class CertificateReportedFull(Event, type="CertificateReportedFull"):
    """活动证记满: its entry pages are full; from now on it takes no entries (R6)."""

    certificate_no: CertificateNo
    member_id: MemberId
    branch_id: BranchId


class CertificateWithdrawn(Event, type="CertificateWithdrawn"):
    """活动证收回: the issuer takes it back, with a reason (R6)."""

    certificate_no: CertificateNo
    member_id: MemberId
    branch_id: BranchId
    reason_code: WithdrawalReason


class MalformedCertificateNo(Rejection):
    """活动证编号不正确：应为17位数字，校验码相符。"""

    rule = "R5"


class CertificateNoTaken(Rejection):
    """该活动证编号已被使用。"""

    rule = "R5"


class CertificateAlreadyHeld(Rejection):
    """该党员持有有效的活动证，每人只能有一本。"""

    rule = "R5"


class UnknownCertificate(Rejection):
    """没有这本活动证，或者不由贵单位办理。"""

    status = 404


class CertificateNotValid(Rejection):
    """活动证已挂失、记满、更换或收回，或者不是该党员的。"""

    rule = "R6"


class CertificateAlreadyReplaced(Rejection):
    """这本活动证之后已经发放过新证。"""

    rule = "R6"


@dataclass
class Certificates(Fact):
    """Whose certificates are valid and which came last."""

    subject: ClassVar[str] = "member"
    valid: dict[str, str] = field(default_factory=dict)
    """The number of the valid certificate by member: at most one each."""
    latest: dict[str, str] = field(default_factory=dict)
    """The number of the last certificate by member, valid or not."""

    @on(CertificateIssued)
    def _(self, member_id: str, certificate_no: str) -> None:
        self.valid[member_id] = self.latest[member_id] = certificate_no

    @on(CertificateReportedLost)
    def _(self, member_id: str) -> None:
        self.valid.pop(member_id, None)

    @on(CertificateReportedFull)
    def _(self, member_id: str) -> None:
        self.valid.pop(member_id, None)

    @on(CertificateWithdrawn)
    def _(self, member_id: str) -> None:
        self.valid.pop(member_id, None)

    def require_valid(self, member_id: str, certificate_no: str, pointer: str = "") -> None:
        """Refused unless this is the member's valid certificate (R6)."""
        if self.valid.get(member_id) != certificate_no:
            raise CertificateNotValid(pointer=pointer)


@dataclass
class Holders(Fact):
    """To whom a certificate number was issued."""

    subject: ClassVar[str] = "certificate"
    members: dict[str, str] = field(default_factory=dict)
    """Member by certificate number."""

    @on(CertificateIssued)
    def _(self, certificate_no: str, member_id: str) -> None:
        self.members[certificate_no] = member_id

    def holder_of(self, certificate_no: str) -> str:
        """The member who was given this certificate; refused if nobody was."""
        if certificate_no not in self.members:
            raise UnknownCertificate
        return self.members[certificate_no]


def holding_boundary(certificate_no: str, holders: Holders) -> list[Selector]:
    """Who holds this certificate and, once that is learnt, their branch and certificates."""
    boundary = [Holders.about(certificate_no)]
    if member_id := holders.members.get(certificate_no):
        boundary += [Memberships.about(member_id), Certificates.about(member_id)]
    return boundary


def require_free(certificate_no: str, holders: Holders, pointer: str) -> None:
    """Refused unless the number is a proper one and nobody has it (R5)."""
    if not valid_certificate_no(certificate_no):
        raise MalformedCertificateNo(pointer=pointer)
    if certificate_no in holders.members:
        raise CertificateNoTaken(pointer=pointer)


@dataclass(kw_only=True)
class IssueCertificate(Command):
    """活动证发放: the branch gives its member a certificate (R5)."""

    certificate_no: str
    member_id: str
    own: OwnSignature | None = None
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    holders: Holders = field(init=False, default_factory=Holders)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Memberships.about(self.member_id),
            Certificates.about(self.member_id),
            Holders.about(self.certificate_no),
            SigningKeys.about(self.by.organisation_id),
        ]

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        require_free(self.certificate_no, self.holders, "/certificate_no")
        if self.member_id in self.certificates.valid:
            raise CertificateAlreadyHeld
        event = CertificateIssued(
            certificate_no=self.certificate_no,
            member_id=self.member_id,
            branch_id=branch_id,
            replaces=self.certificates.latest.get(self.member_id),
        )
        self.happened(self.signing_keys.signed(event, self.by, self.at, self.own))


@dataclass(kw_only=True)
class RenewCertificate(Command):
    """活动证换发: the branch issues the next one after a lost, full or withdrawn one (R6)."""

    certificate_no: str
    new_certificate_no: str
    own: OwnSignature | None = None
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    holders: Holders = field(init=False, default_factory=Holders)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *holding_boundary(self.certificate_no, self.holders),
            Holders.about(self.new_certificate_no),
            SigningKeys.about(self.by.organisation_id),
        ]

    def execute(self) -> None:
        member_id = self.holders.holder_of(self.certificate_no)
        branch_id = self.memberships.branch_of(member_id)
        if self.by.organisation_id != branch_id:
            raise UnknownCertificate
        require_free(self.new_certificate_no, self.holders, "/new_certificate_no")
        if self.certificates.latest[member_id] != self.certificate_no:
            raise CertificateAlreadyReplaced
        if member_id in self.certificates.valid:
            raise CertificateAlreadyHeld
        event = CertificateIssued(
            certificate_no=self.new_certificate_no,
            member_id=member_id,
            branch_id=branch_id,
            replaces=self.certificate_no,
        )
        self.happened(self.signing_keys.signed(event, self.by, self.at, self.own))


@dataclass(kw_only=True)
class WithdrawCertificate(Command):
    """活动证收回: the branch takes the certificate back, for a reason (R6)."""

    certificate_no: str
    reason_code: WithdrawalReason
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
            CertificateWithdrawn(
                certificate_no=self.certificate_no,
                member_id=member_id,
                branch_id=branch_id,
                reason_code=self.reason_code,
            )
        )
