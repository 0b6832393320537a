"""活动证: the card with which a member presents themselves in the community (R5, R6)."""

from service.domain.event import BranchId, CertificateNo, Event, MemberId


class CertificateIssued(Event, type="CertificateIssued"):
    """活动证发放: the branch of formal membership issues it; ``replaces`` names the one before (R5)."""

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
    reason_code: str
