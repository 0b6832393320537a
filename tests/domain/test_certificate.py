"""The certificate: one valid each, by the branch, with a check digit (R5), and its end (R6)."""

from dataclasses import replace

import pytest

from service.domain.certificate import (
    CertificateAlreadyHeld,
    CertificateAlreadyReplaced,
    CertificateIssued,
    CertificateNoTaken,
    CertificateNotValid,
    CertificateReportedFull,
    CertificateReportedLost,
    CertificateWithdrawn,
    IssueCertificate,
    MalformedCertificateNo,
    RenewCertificate,
    UnknownCertificate,
    WithdrawalReason,
    WithdrawCertificate,
)
from service.domain.certificate_number import (
    certificate_number,
    check_digit,
    valid_certificate_no,
)
from service.domain.certificate_report import ReportCertificateFull, ReportCertificateLost
from service.domain.event import Command
from service.domain.membership import BranchTransferAccepted, UnknownMember
from tests.domain.story import given
from tests.domain.town import (
    AT,
    BRANCH,
    CERTIFICATE,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    SETTLED,
    THIRD_CERTIFICATE,
    TOWN,
    WANG,
    acting,
    enrolled,
    issued,
    registered,
)

issue = IssueCertificate(by=acting(BRANCH), at=AT, certificate_no=CERTIFICATE, member_id=LI)
lost = ReportCertificateLost(by=acting(BRANCH), at=AT, certificate_no=CERTIFICATE)
full = ReportCertificateFull(by=acting(BRANCH), at=AT, certificate_no=CERTIFICATE)
withdraw = WithdrawCertificate(
    by=acting(BRANCH), at=AT, certificate_no=CERTIFICATE, reason_code=WithdrawalReason.LEFT
)
renew = RenewCertificate(
    by=acting(BRANCH),
    at=AT,
    certificate_no=CERTIFICATE,
    new_certificate_no=OTHER_CERTIFICATE,
)
MOVED = BranchTransferAccepted(
    transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
)


def test_the_check_digit_is_that_of_iso_7064_mod_11_10() -> None:
    assert check_digit("0794") == "5"


def test_a_number_names_area_year_and_serial() -> None:
    assert certificate_number("469030100001", 2026, 1) == "46903020260000018"
    assert valid_certificate_no("46903020260000018")


@pytest.mark.parametrize(
    ("area_code", "year", "serial"),
    [("46903", 2026, 1), ("469030", 26, 1), ("469030", 2026, 1_000_000), ("046903", 2026, 1)],
)
def test_no_number_for_what_does_not_fit(area_code: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="no certificate number"):
        certificate_number(area_code, year, serial)


def test_every_single_wrong_digit_is_noticed() -> None:
    for at, digit in enumerate(CERTIFICATE):
        for other in set("0123456789") - {digit}:
            assert not valid_certificate_no(CERTIFICATE[:at] + other + CERTIFICATE[at + 1 :])


def test_the_branch_issues_a_certificate() -> None:
    given(*TOWN, enrolled()).when(issue).then(
        CertificateIssued, member_id=LI, branch_id=BRANCH, replaces=None
    )


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, COMMUNITY])
def test_only_the_branch_of_formal_membership_issues(organisation: str) -> None:
    command = replace(issue, by=acting(organisation))
    given(*TOWN, enrolled()).when(command).refused(UnknownMember)


def test_after_a_branch_transfer_the_new_branch_issues() -> None:
    given(*TOWN, enrolled(), MOVED).when(issue).refused(UnknownMember)
    theirs = replace(issue, by=acting(OTHER_BRANCH))
    given(*TOWN, enrolled(), MOVED).when(theirs).then(CertificateIssued, branch_id=OTHER_BRANCH)


@pytest.mark.parametrize("number", ["46903020260000019", "4690302026000001", "", "A" * 17])
def test_malformed_certificate_no(number: str) -> None:
    given(*TOWN, enrolled()).when(replace(issue, certificate_no=number)).refused(
        MalformedCertificateNo, pointer="/certificate_no"
    )
    given(*MEMBER).when(lost).when(replace(renew, new_certificate_no=number)).refused(
        MalformedCertificateNo, pointer="/new_certificate_no"
    )


def test_certificate_already_held() -> None:
    second = replace(issue, certificate_no=OTHER_CERTIFICATE)
    given(*MEMBER).when(second).refused(CertificateAlreadyHeld)


def test_certificate_no_taken_by_another_member() -> None:
    command = replace(issue, member_id=WANG, by=acting(OTHER_BRANCH))
    given(*MEMBER).when(command).refused(CertificateNoTaken, pointer="/certificate_no")


def test_certificate_no_taken_stays_taken_after_the_certificate_has_ended() -> None:
    given(*MEMBER).when(lost).when(issue).refused(CertificateNoTaken)
    same = replace(renew, new_certificate_no=CERTIFICATE)
    given(*MEMBER).when(lost).when(same).refused(CertificateNoTaken, pointer="/new_certificate_no")


def test_certificate_no_taken_by_another_member_is_no_renewal_either() -> None:
    others = (*MEMBER, issued(WANG, OTHER_CERTIFICATE))
    given(*others).when(lost).when(renew).refused(CertificateNoTaken, pointer="/new_certificate_no")


@pytest.mark.parametrize(
    ("ending", "event"),
    [
        (lost, CertificateReportedLost),
        (full, CertificateReportedFull),
        (withdraw, CertificateWithdrawn),
    ],
)
def test_the_branch_ends_a_certificate_and_issues_the_next(
    ending: Command, event: type[CertificateReportedLost]
) -> None:
    story = given(*MEMBER).when(ending).then(event, member_id=LI, branch_id=BRANCH)
    story.when(renew).then(
        CertificateIssued, certificate_no=OTHER_CERTIFICATE, member_id=LI, replaces=CERTIFICATE
    )


def test_a_new_certificate_names_the_one_before_also_when_simply_issued() -> None:
    next_one = replace(issue, certificate_no=OTHER_CERTIFICATE)
    given(*MEMBER).when(withdraw).when(next_one).then(CertificateIssued, replaces=CERTIFICATE)


@pytest.mark.parametrize("ending", [lost, full, withdraw])
@pytest.mark.parametrize("again", [lost, full, withdraw])
def test_certificate_not_valid_cannot_end_again(ending: Command, again: Command) -> None:
    given(*MEMBER).when(ending).when(again).refused(CertificateNotValid)


def test_a_replaced_certificate_is_not_valid() -> None:
    given(*MEMBER).when(lost).when(renew).when(full).refused(CertificateNotValid)


def test_a_valid_certificate_is_not_renewed() -> None:
    given(*MEMBER).when(renew).refused(CertificateAlreadyHeld)


def test_certificate_already_replaced() -> None:
    story = given(*MEMBER).when(lost).when(renew)
    story.when(replace(lost, certificate_no=OTHER_CERTIFICATE)).then(CertificateReportedLost)
    third = replace(renew, new_certificate_no=THIRD_CERTIFICATE)
    story.when(third).refused(CertificateAlreadyReplaced)
    story.when(replace(third, certificate_no=OTHER_CERTIFICATE)).then(CertificateIssued)


@pytest.mark.parametrize("command", [lost, full, withdraw, renew])
def test_unknown_certificate(command: Command) -> None:
    given(*TOWN, enrolled()).when(command).refused(UnknownCertificate)


@pytest.mark.parametrize("command", [lost, full, withdraw])
@pytest.mark.parametrize("organisation", [OTHER_BRANCH, OTHER_COMMUNITY])
def test_no_other_organisation_ends_a_certificate(command: Command, organisation: str) -> None:
    given(*SETTLED).when(replace(command, by=acting(organisation))).refused(UnknownCertificate)


def test_no_other_branch_renews_a_certificate() -> None:
    theirs = replace(renew, by=acting(OTHER_BRANCH))
    given(*SETTLED).when(lost).when(theirs).refused(UnknownCertificate)


def test_the_community_of_registration_reports_a_full_one_only() -> None:
    by = acting(COMMUNITY)
    given(*SETTLED).when(replace(full, by=by)).then(CertificateReportedFull, branch_id=BRANCH)
    given(*SETTLED).when(replace(lost, by=by)).refused(UnknownCertificate)
    given(*SETTLED).when(replace(withdraw, by=by)).refused(UnknownCertificate)


def test_a_community_that_has_not_accepted_reports_nothing() -> None:
    waiting = (*MEMBER, registered())
    given(*waiting).when(replace(full, by=acting(COMMUNITY))).refused(UnknownCertificate)


@pytest.mark.parametrize("reason", WithdrawalReason)
def test_every_reason_of_withdrawal_has_a_chinese_word(reason: WithdrawalReason) -> None:
    assert reason.word
