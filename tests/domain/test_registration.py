"""Registering (R8), the community's answer and one active registration per member (R9)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.certificate import CertificateNotValid, CertificateReportedLost
from service.domain.event import SHANGHAI
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.organisation import UnknownOrganisation
from service.domain.pairing import UnitPaired
from service.domain.phone_number import InvalidPhone
from service.domain.registration import (
    AlreadyRegistered,
    Basis,
    DeclineReason,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationNotWaiting,
    UnitNotPaired,
    UnknownRegistration,
)
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_deadline import (
    RegistrationDeadlineSet,
    SetRegistrationDeadline,
    is_late,
)
from service.domain.registration_request import RegisterMember
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    CERTIFICATE,
    COMMITTEE,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    PHONE,
    REGISTRATION,
    SUBDISTRICT,
    TOWN,
    WANG,
    acting,
    enrolled,
    issued,
)

DEADLINE = datetime(2026, 6, 30, 23, 59, 59, tzinfo=SHANGHAI)

register = RegisterMember(
    by=acting(BRANCH),
    at=AT,
    registration_id=REGISTRATION,
    member_id=LI,
    community_id=COMMUNITY,
    certificate_no=CERTIFICATE,
    residence="营根镇",
    phone=PHONE,
    specialities=("法律",),
    service_intentions=("政策法规宣传",),
)
elsewhere = replace(register, registration_id=OTHER_REGISTRATION, community_id=OTHER_COMMUNITY)
through_unit = replace(register, basis=Basis.PAIRED_UNIT)
accept = AcceptRegistration(
    by=acting(COMMUNITY), at=AT, registration_id=REGISTRATION, receipt_no="HZ-1"
)
decline = DeclineRegistration(
    by=acting(COMMUNITY),
    at=AT,
    registration_id=REGISTRATION,
    reason_code=DeclineReason.NOT_RESIDENT,
)
set_deadline = SetRegistrationDeadline(
    by=acting(AUTHORITY), at=AT, organisation_id=AUTHORITY, campaign="2026", deadline=DEADLINE
)


def deadline_of(organisation_id: str, day: int) -> RegistrationDeadlineSet:
    """A deadline on this day of June."""
    return RegistrationDeadlineSet(
        organisation_id=organisation_id, campaign="2026", deadline=DEADLINE.replace(day=day)
    )


@pytest.mark.parametrize("organisation", [BRANCH, COMMUNITY])
def test_the_branch_or_the_community_registers_the_member(organisation: str) -> None:
    given(*MEMBER).when(replace(register, by=acting(organisation))).then(
        MemberRegistered,
        branch_id=BRANCH,
        basis=Basis.RESIDENCE,
        deadline=None,
        specialities=("法律",),
        service_intentions=("政策法规宣传",),
    )


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, OTHER_COMMUNITY, AUTHORITY])
def test_nobody_else_registers_the_member(organisation: str) -> None:
    command = replace(register, by=acting(organisation))
    given(*MEMBER).when(command).refused(UnknownMember, pointer="/member_id")


def test_unknown_member() -> None:
    given(*TOWN).when(register).refused(UnknownMember, pointer="/member_id")


@pytest.mark.parametrize("community_id", ["nowhere", SUBDISTRICT])
def test_the_community_must_exist(community_id: str) -> None:
    command = replace(register, community_id=community_id)
    given(*MEMBER).when(command).refused(UnknownOrganisation, pointer="/community_id")


def test_certificate_not_valid_where_there_is_none() -> None:
    given(*TOWN, enrolled()).when(register).refused(CertificateNotValid, pointer="/certificate_no")


def test_certificate_not_valid_when_it_is_somebody_elses() -> None:
    others = (*MEMBER, issued(WANG, OTHER_CERTIFICATE))
    command = replace(register, certificate_no=OTHER_CERTIFICATE)
    given(*others).when(command).refused(CertificateNotValid)


def test_certificate_not_valid_after_it_was_lost() -> None:
    lost = CertificateReportedLost(certificate_no=CERTIFICATE, member_id=LI, branch_id=BRANCH)
    given(*MEMBER, lost).when(register).refused(CertificateNotValid)


def test_the_phone_of_the_intake_form_is_checked() -> None:
    command = replace(register, phone="110")
    given(*MEMBER).when(command).refused(InvalidPhone, pointer="/intake/phone")


def test_already_registered_while_waiting_for_an_answer() -> None:
    given(*MEMBER).when(register).when(elsewhere).refused(AlreadyRegistered)


def test_already_registered_across_all_communities() -> None:
    given(*MEMBER).when(register).when(accept).when(elsewhere).refused(AlreadyRegistered)


def test_another_member_registers_at_the_same_community() -> None:
    wang = replace(
        register,
        by=acting(OTHER_BRANCH),
        registration_id=OTHER_REGISTRATION,
        member_id=WANG,
        certificate_no=OTHER_CERTIFICATE,
    )
    given(*MEMBER, issued(WANG, OTHER_CERTIFICATE)).when(register).when(wang).then(
        MemberRegistered, branch_id=OTHER_BRANCH
    )


def test_after_a_decline_the_member_may_register_again() -> None:
    given(*MEMBER).when(register).when(decline).when(elsewhere).then(MemberRegistered)


def test_after_a_branch_transfer_the_new_branch_registers_the_member() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    given(*MEMBER, moved).when(register).refused(UnknownMember)
    theirs = replace(register, by=acting(OTHER_BRANCH))
    given(*MEMBER, moved).when(theirs).then(MemberRegistered, branch_id=OTHER_BRANCH)


def test_unit_not_paired() -> None:
    given(*MEMBER).when(through_unit).refused(UnitNotPaired, pointer="/basis")


@pytest.mark.parametrize("unit", [BRANCH, COMMITTEE, AUTHORITY])
def test_where_the_unit_or_one_above_it_is_paired_its_members_may_register(unit: str) -> None:
    paired = UnitPaired(organisation_id=unit, community_id=COMMUNITY, projects=())
    given(*MEMBER, paired).when(through_unit).then(MemberRegistered, basis=Basis.PAIRED_UNIT)


@pytest.mark.parametrize(
    ("unit", "community"), [(OTHER_BRANCH, COMMUNITY), (BRANCH, OTHER_COMMUNITY)]
)
def test_another_pairing_does_not_help(unit: str, community: str) -> None:
    paired = UnitPaired(organisation_id=unit, community_id=community, projects=())
    given(*MEMBER, paired).when(through_unit).refused(UnitNotPaired)


def test_30_june_23_59_59_is_on_time_and_the_next_second_is_late() -> None:
    assert not is_late(DEADLINE, DEADLINE)
    assert not is_late(DEADLINE + timedelta(milliseconds=999), DEADLINE)
    assert is_late(DEADLINE + timedelta(seconds=1), DEADLINE)


def test_without_a_deadline_nothing_is_late() -> None:
    assert not is_late(DEADLINE, None)


@pytest.mark.parametrize("unit", [BRANCH, COMMITTEE, AUTHORITY])
def test_a_unit_sets_the_deadline_for_everything_under_it(unit: str) -> None:
    command = replace(set_deadline, organisation_id=unit)
    given(*MEMBER).when(command).then(RegistrationDeadlineSet).when(register).then(
        MemberRegistered, deadline=DEADLINE
    )


@pytest.mark.parametrize("organisation_id", [COMMUNITY, SUBDISTRICT, "nowhere"])
def test_only_a_unit_sets_a_deadline(organisation_id: str) -> None:
    command = replace(set_deadline, organisation_id=organisation_id)
    given(*TOWN).when(command).refused(UnknownOrganisation)


def test_the_nearest_deadline_wins_however_late_the_others_were_set() -> None:
    deadlines = [deadline_of(BRANCH, 10), deadline_of(COMMITTEE, 20), deadline_of(AUTHORITY, 30)]
    given(*MEMBER, *deadlines).when(register).then(
        MemberRegistered, deadline=DEADLINE.replace(day=10)
    )
    given(*MEMBER, *deadlines[1:]).when(register).then(
        MemberRegistered, deadline=DEADLINE.replace(day=20)
    )


def test_of_one_organisation_the_last_deadline_is_in_force() -> None:
    given(*MEMBER, deadline_of(BRANCH, 20), deadline_of(BRANCH, 10)).when(register).then(
        MemberRegistered, deadline=DEADLINE.replace(day=10)
    )


def test_a_deadline_of_a_unit_that_is_not_above_does_not_count() -> None:
    given(*MEMBER, deadline_of(OTHER_BRANCH, 20)).when(register).then(
        MemberRegistered, deadline=None
    )


def test_late_is_accepted_and_kept_visible() -> None:
    late = replace(register, at=DEADLINE + timedelta(seconds=1))
    story = given(*MEMBER, deadline_of(AUTHORITY, 30)).when(late).then(MemberRegistered)
    [event] = story.happened
    assert isinstance(event, MemberRegistered)
    assert is_late(late.at, event.deadline)


def test_the_community_accepts_with_a_receipt() -> None:
    given(*MEMBER).when(register).when(accept).then(
        RegistrationAccepted,
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        receipt_no="HZ-1",
        transferred_from=None,
        from_community_id=None,
    )


def test_the_receipt_goes_to_the_branch_the_member_is_in_now() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    story = given(*MEMBER).when(register)
    story.history.append(moved)
    story.when(accept).then(RegistrationAccepted, branch_id=OTHER_BRANCH)


def test_the_community_declines_for_a_reason() -> None:
    given(*MEMBER).when(register).when(decline).then(
        RegistrationDeclined, reason_code=DeclineReason.NOT_RESIDENT
    )


@pytest.mark.parametrize("answer", [accept, decline])
@pytest.mark.parametrize("organisation", [OTHER_COMMUNITY, BRANCH])
def test_only_the_addressed_community_answers(
    answer: AcceptRegistration | DeclineRegistration, organisation: str
) -> None:
    command = replace(answer, by=acting(organisation))
    given(*MEMBER).when(register).when(command).refused(UnknownRegistration)


@pytest.mark.parametrize("answer", [accept, decline])
def test_an_unknown_registration_cannot_be_answered(
    answer: AcceptRegistration | DeclineRegistration,
) -> None:
    given(*MEMBER).when(answer).refused(UnknownRegistration)


@pytest.mark.parametrize("first", [accept, decline])
@pytest.mark.parametrize("second", [accept, decline])
def test_registration_not_waiting_after_it_was_answered(
    first: AcceptRegistration | DeclineRegistration,
    second: AcceptRegistration | DeclineRegistration,
) -> None:
    given(*MEMBER).when(register).when(first).when(second).refused(RegistrationNotWaiting)


@pytest.mark.parametrize("word", [*DeclineReason, *Basis])
def test_every_code_has_a_chinese_word(word: DeclineReason | Basis) -> None:
    assert word.word
