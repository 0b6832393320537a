"""Activity certificates: one valid one per member (R5, R6)."""

from service.domain.certificate import IssueCertificate, RenewCertificate, WithdrawCertificate
from service.domain.certificate_report import ReportCertificateFull, ReportCertificateLost
from service.domain.signed import OwnSignature
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.signing_keys import certificate_stated, signed_wrongly
from tests.stateful.model.town import Town
from tests.stateful.papers import MISWRITTEN_CERTIFICATE_NUMBERS


def _hand_out(town: Town, number: str, member: str, own: OwnSignature | None) -> Prediction:
    before = town.latest.get(member)
    town.holders[number] = member
    town.valid[member] = town.latest[member] = number
    return happens(
        "CertificateIssued",
        certificate_no=number,
        member_id=member,
        branch_id=town.branches[member],
        replaces=before,
        signature=own and own.jws,
    )


@predicts(IssueCertificate)
def issue_certificate(town: Town, command: IssueCertificate) -> Prediction:
    """By the branch of formal membership, with a number of its own (R5)."""
    member, number = command.member_id, command.certificate_no
    if town.branches.get(member) != command.by.organisation_id:
        return refused("UnknownMember")
    stated = certificate_stated(
        town,
        command.by,
        command.at,
        number=number,
        member=member,
        replaces=town.latest.get(member),
    )
    if wrong := broken(
        MalformedCertificateNo=number in MISWRITTEN_CERTIFICATE_NUMBERS,
        CertificateNoTaken=number in town.holders,
        CertificateAlreadyHeld=member in town.valid,
        **signed_wrongly(town, command.by, command.at, command.own, stated),
    ):
        return wrong
    return _hand_out(town, number, member, command.own)


@predicts(RenewCertificate)
def renew_certificate(town: Town, command: RenewCertificate) -> Prediction:
    """The next one after one that is no longer valid (R6)."""
    number = command.new_certificate_no
    member = town.holders.get(command.certificate_no)
    if member is None or town.branches[member] != command.by.organisation_id:
        return refused("UnknownCertificate")
    stated = certificate_stated(
        town,
        command.by,
        command.at,
        number=number,
        member=member,
        replaces=command.certificate_no,
    )
    if wrong := broken(
        MalformedCertificateNo=number in MISWRITTEN_CERTIFICATE_NUMBERS,
        CertificateNoTaken=number in town.holders,
        CertificateAlreadyReplaced=town.latest[member] != command.certificate_no,
        CertificateAlreadyHeld=member in town.valid,
        **signed_wrongly(town, command.by, command.at, command.own, stated),
    ):
        return wrong
    return _hand_out(town, number, member, command.own)


def _end(town: Town, number: str, acting: str, event: str, *, community_too: bool) -> Prediction:
    member = town.holders.get(number)
    if member is None:
        return refused("UnknownCertificate")
    allowed = {town.branches[member], town.community_of(member) if community_too else None}
    if acting not in allowed:
        return refused("UnknownCertificate")
    if town.valid.get(member) != number:
        return refused("CertificateNotValid")
    del town.valid[member]
    return happens(event, member_id=member, branch_id=town.branches[member])


@predicts(WithdrawCertificate)
def withdraw_certificate(town: Town, command: WithdrawCertificate) -> Prediction:
    """By the branch (R6)."""
    acting = command.by.organisation_id
    return _end(town, command.certificate_no, acting, "CertificateWithdrawn", community_too=False)


@predicts(ReportCertificateLost)
def report_certificate_lost(town: Town, command: ReportCertificateLost) -> Prediction:
    """By the branch (R6)."""
    acting = command.by.organisation_id
    return _end(
        town, command.certificate_no, acting, "CertificateReportedLost", community_too=False
    )


@predicts(ReportCertificateFull)
def report_certificate_full(town: Town, command: ReportCertificateFull) -> Prediction:
    """By the branch or the community the member is registered with, which writes in it (R6)."""
    acting = command.by.organisation_id
    return _end(town, command.certificate_no, acting, "CertificateReportedFull", community_too=True)
