"""Moving house and leaving: the old community is responsible until the new one accepts (R10)."""

from dataclasses import replace

import pytest

from service.domain.certificate import CertificateReportedFull, UnknownCertificate
from service.domain.certificate_report import ReportCertificateFull
from service.domain.event import Command
from service.domain.organisation import UnknownOrganisation
from service.domain.phone_number import InvalidPhone
from service.domain.registration import (
    AlreadyInCommunity,
    DeclineReason,
    DeregistrationReason,
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationNotActive,
    RegistrationNotWaiting,
    RegistrationTransferRequested,
    TransferInFlight,
    UnknownRegistration,
)
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import DeregisterMember, RequestTransfer
from tests.domain.story import given
from tests.domain.town import (
    AT,
    BRANCH,
    CERTIFICATE,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    PHONE,
    REGISTRATION,
    SETTLED,
    SUBDISTRICT,
    acting,
    moving,
    registered,
)

transfer = RequestTransfer(
    by=acting(BRANCH),
    at=AT,
    registration_id=OTHER_REGISTRATION,
    transferred_from=REGISTRATION,
    community_id=OTHER_COMMUNITY,
    residence="湾岭镇",
    phone=PHONE,
)
accept = AcceptRegistration(
    by=acting(OTHER_COMMUNITY), at=AT, registration_id=OTHER_REGISTRATION, receipt_no="HZ-2"
)
decline = DeclineRegistration(
    by=acting(OTHER_COMMUNITY),
    at=AT,
    registration_id=OTHER_REGISTRATION,
    reason_code=DeclineReason.NOT_RESIDENT,
)
deregister = DeregisterMember(
    by=acting(COMMUNITY),
    at=AT,
    registration_id=REGISTRATION,
    reason_code=DeregistrationReason.RETIRED,
)
return_home = RegisterMember(
    by=acting(BRANCH),
    at=AT,
    registration_id="registration-3",
    member_id=LI,
    community_id=COMMUNITY,
    certificate_no=CERTIFICATE,
    residence="营根镇",
    phone=PHONE,
)
MOVING = (*SETTLED, moving())


def report_full(community_id: str) -> ReportCertificateFull:
    """Something only the community that is responsible for the member may do."""
    return ReportCertificateFull(by=acting(community_id), at=AT, certificate_no=CERTIFICATE)


@pytest.mark.parametrize("organisation", [BRANCH, COMMUNITY, OTHER_COMMUNITY])
def test_the_branch_or_either_community_asks_for_the_transfer(organisation: str) -> None:
    given(*SETTLED).when(replace(transfer, by=acting(organisation))).then(
        RegistrationTransferRequested,
        member_id=LI,
        branch_id=BRANCH,
        community_id=OTHER_COMMUNITY,
        from_community_id=COMMUNITY,
    )


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, SUBDISTRICT])
def test_nobody_else_asks_for_a_transfer(organisation: str) -> None:
    given(*SETTLED).when(replace(transfer, by=acting(organisation))).refused(UnknownRegistration)


def test_an_unknown_registration_is_not_transferred() -> None:
    given(*MEMBER).when(transfer).refused(UnknownRegistration)


def test_registration_not_active_while_it_waits_for_its_own_answer() -> None:
    given(*MEMBER, registered()).when(transfer).refused(RegistrationNotActive)


@pytest.mark.parametrize("community_id", ["nowhere", BRANCH])
def test_a_member_moves_to_a_community_only(community_id: str) -> None:
    command = replace(transfer, community_id=community_id)
    given(*SETTLED).when(command).refused(UnknownOrganisation, pointer="/community_id")


def test_already_in_community() -> None:
    command = replace(transfer, community_id=COMMUNITY)
    given(*SETTLED).when(command).refused(AlreadyInCommunity, pointer="/community_id")


def test_the_new_phone_is_checked() -> None:
    given(*SETTLED).when(replace(transfer, phone="1")).refused(InvalidPhone, pointer="/phone")


def test_transfer_in_flight_only_one() -> None:
    again = replace(transfer, registration_id="registration-3")
    given(*SETTLED).when(transfer).when(again).refused(TransferInFlight)


def test_the_old_community_is_responsible_until_the_new_one_accepts() -> None:
    given(*MOVING).when(report_full(OTHER_COMMUNITY)).refused(UnknownCertificate)
    given(*MOVING).when(report_full(COMMUNITY)).then(CertificateReportedFull)


def test_when_the_new_community_accepts_it_is_responsible_and_the_old_no_more() -> None:
    story = given(*MOVING).when(accept)
    story.then(
        RegistrationAccepted,
        community_id=OTHER_COMMUNITY,
        transferred_from=REGISTRATION,
        from_community_id=COMMUNITY,
        receipt_no="HZ-2",
    )
    story.when(report_full(COMMUNITY)).refused(UnknownCertificate)
    story.when(report_full(OTHER_COMMUNITY)).then(CertificateReportedFull)


def test_a_registration_that_was_transferred_is_not_active() -> None:
    story = given(*MOVING).when(accept)
    story.when(deregister).refused(RegistrationNotActive)
    story.when(replace(transfer, registration_id="registration-3")).refused(RegistrationNotActive)


def test_a_declined_transfer_leaves_the_member_where_they_were() -> None:
    story = given(*MOVING).when(decline)
    story.then(RegistrationDeclined, transferred_from=REGISTRATION)
    story.when(report_full(COMMUNITY)).then(CertificateReportedFull)
    story.when(replace(transfer, registration_id="registration-3")).then(
        RegistrationTransferRequested
    )


@pytest.mark.parametrize("answer", [accept, decline])
def test_the_old_community_does_not_answer_the_transfer(answer: Command) -> None:
    given(*MOVING).when(replace(answer, by=acting(COMMUNITY))).refused(UnknownRegistration)


def test_after_one_move_another() -> None:
    back = replace(
        transfer,
        registration_id="registration-3",
        transferred_from=OTHER_REGISTRATION,
        community_id=COMMUNITY,
    )
    given(*MOVING).when(accept).when(back).then(
        RegistrationTransferRequested, from_community_id=OTHER_COMMUNITY
    )


@pytest.mark.parametrize("organisation", [BRANCH, COMMUNITY])
def test_the_branch_or_the_community_deregisters_for_a_reason(organisation: str) -> None:
    given(*SETTLED).when(replace(deregister, by=acting(organisation))).then(
        MemberDeregistered,
        community_id=COMMUNITY,
        reason_code=DeregistrationReason.RETIRED,
    )


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, OTHER_COMMUNITY])
def test_nobody_else_deregisters(organisation: str) -> None:
    command = replace(deregister, by=acting(organisation))
    given(*SETTLED).when(command).refused(UnknownRegistration)


def test_registration_not_active_cannot_end() -> None:
    given(*MEMBER, registered()).when(deregister).refused(RegistrationNotActive)
    given(*SETTLED).when(deregister).when(deregister).refused(RegistrationNotActive)


def test_a_member_who_returns_may_register_again() -> None:
    given(*SETTLED).when(deregister).when(return_home).then(MemberRegistered)


def test_a_transfer_in_flight_lapses_with_the_registration_it_was_to_move() -> None:
    story = given(*MOVING).when(deregister).then(MemberDeregistered)
    story.when(accept).refused(RegistrationNotWaiting)
    story.when(return_home).then(MemberRegistered)


@pytest.mark.parametrize("reason", DeregistrationReason)
def test_every_reason_has_a_chinese_word(reason: DeregistrationReason) -> None:
    assert reason.word
