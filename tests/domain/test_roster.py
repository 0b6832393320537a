"""The roster: enrolling and the stated head count (R2); no message repeats an identity number."""

from dataclasses import replace

import pytest

from service.domain.identity_number import valid_id_number
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.organisation import UnknownOrganisation
from service.domain.phone_number import InvalidPhone, valid_phone
from service.domain.roster import (
    EnrolMember,
    Enrolment,
    HeadCountDiffers,
    InvalidIdNumber,
    MemberNoTaken,
    PersonAlreadyEnrolled,
    PublishRoster,
    RosterPublished,
    RosterRowsRefused,
)
from tests.domain.story import given
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    PHONE,
    TOWN,
    WANG,
    acting,
    enrolled,
    id_number,
)

enrol = EnrolMember(
    by=acting(BRANCH),
    at=AT,
    member_id="new",
    branch_id=BRANCH,
    member_no="100",
    person="hash-of-new",
    name="陈某",
    id_number=id_number(),
    phone=PHONE,
    specialities=("法律",),
)


def row(number: int) -> Enrolment:
    """One good row of a roster."""
    return Enrolment(
        member_id=f"member-{number}",
        member_no=str(number),
        person=f"hash-{number}",
        name=f"党员{number}",
        id_number=id_number(number),
        phone=PHONE,
    )


publish = PublishRoster(
    by=acting(BRANCH),
    at=AT,
    branch_id=BRANCH,
    stated_head_count=2,
    enrolments=(row(1), row(2)),
)


def test_a_branch_enrols_its_member() -> None:
    given(*TOWN).when(enrol).then(MemberEnrolled, branch_id=BRANCH, specialities=("法律",))


@pytest.mark.parametrize("branch_id", [COMMUNITY, "nowhere"])
def test_only_a_branch_has_a_roster(branch_id: str) -> None:
    given(*TOWN).when(replace(enrol, branch_id=branch_id)).refused(UnknownOrganisation)
    given(*TOWN).when(replace(publish, branch_id=branch_id)).refused(UnknownOrganisation)


def test_member_no_taken_in_any_branch() -> None:
    taken = replace(enrol, member_no="no-of-member-wang")
    given(*TOWN, enrolled(WANG, OTHER_BRANCH)).when(taken).refused(
        MemberNoTaken, pointer="/member_no"
    )


def test_person_already_enrolled_in_any_branch() -> None:
    same = replace(enrol, person="hash-of-member-wang")
    given(*TOWN, enrolled(WANG, OTHER_BRANCH)).when(same).refused(
        PersonAlreadyEnrolled, pointer="/id_number"
    )


WRONG_NUMBERS = [
    "110105194912310020",  # check character
    "11010519491231002x",  # small x
    "110105194902300020",  # 30 February
    "010105194912310021",  # no province begins with 0
    "110105491231002",  # 15 places
    "１１０１０５１９４９１２３１００２Ｘ",  # full width
    "",
]


@pytest.mark.parametrize("number", WRONG_NUMBERS)
def test_invalid_id_number_and_the_message_does_not_repeat_it(number: str) -> None:
    story = given(*TOWN).when(replace(enrol, id_number=number))
    story.refused(InvalidIdNumber, pointer="/id_number")
    assert story.rejection is not None
    assert not number or number not in str(story.rejection)


@pytest.mark.parametrize("number", ["11010519491231002X", "34052419800101001X"])
def test_identity_numbers_of_the_standard_pass(number: str) -> None:
    assert valid_id_number(number)


def test_a_birth_date_that_does_not_exist_fails_though_the_check_character_is_right() -> None:
    """Leap days included: 1900 was no leap year, 2000 was one."""
    given(*TOWN).when(replace(enrol, id_number=id_number(born="19900230"))).refused(InvalidIdNumber)
    given(*TOWN).when(replace(enrol, id_number=id_number(born="20000229"))).then(MemberEnrolled)
    given(*TOWN).when(replace(enrol, id_number=id_number(born="19000229"))).refused(InvalidIdNumber)


@pytest.mark.parametrize("number", ["13800000000", "19912345678", "0898-86222333", "01062223333"])
def test_phone_numbers_that_pass(number: str) -> None:
    assert valid_phone(number)


@pytest.mark.parametrize("number", ["", "12800000000", "1380000000", "86222333", "+8613800000000"])
def test_invalid_phone(number: str) -> None:
    given(*TOWN).when(replace(enrol, phone=number)).refused(InvalidPhone, pointer="/phone")


def test_a_roster_enrols_all_and_states_the_head_count() -> None:
    given(*TOWN).when(publish).then(
        MemberEnrolled,
        MemberEnrolled,
        RosterPublished,
        stated_head_count=2,
        listed_head_count=2,
        difference_explained=None,
    )


def test_head_count_differs() -> None:
    given(*TOWN).when(replace(publish, stated_head_count=3)).refused(
        HeadCountDiffers, pointer="/stated_head_count"
    )


def test_a_blank_explanation_explains_nothing() -> None:
    blank = replace(publish, stated_head_count=3, difference_explained="  ")
    given(*TOWN).when(blank).refused(HeadCountDiffers)


def test_an_explained_difference_is_kept() -> None:
    explained = replace(publish, stated_head_count=3, difference_explained="一人正在转入")
    given(*TOWN).when(explained).then(
        MemberEnrolled,
        MemberEnrolled,
        RosterPublished,
        listed_head_count=2,
        difference_explained="一人正在转入",
    )


def test_an_explanation_of_no_difference_is_not_kept() -> None:
    needless = replace(publish, difference_explained="无")
    given(*TOWN).when(needless).then(
        MemberEnrolled, MemberEnrolled, RosterPublished, difference_explained=None
    )


def moved(member_id: str, branch_id: str, to_branch_id: str) -> BranchTransferAccepted:
    """The member belongs to another branch from now on."""
    return BranchTransferAccepted(
        transfer_id="t", member_id=member_id, branch_id=branch_id, to_branch_id=to_branch_id
    )


def test_members_who_left_are_not_listed_and_those_who_came_are() -> None:
    left = [enrolled(LI), moved(LI, BRANCH, OTHER_BRANCH)]
    came = [enrolled(WANG, OTHER_BRANCH), moved(WANG, OTHER_BRANCH, BRANCH)]
    state = replace(publish, enrolments=(), stated_head_count=1)
    given(*TOWN, *left, *came).when(state).then(RosterPublished, listed_head_count=1)
    given(*TOWN, *left).when(state).refused(HeadCountDiffers)
    given(*TOWN, *came, enrolled(LI)).when(state).refused(HeadCountDiffers)


def test_roster_rows_refused_lists_every_fault_and_enrols_nobody() -> None:
    bad = (
        row(1),
        replace(row(2), id_number="1", phone="2"),
        replace(row(3), member_no="1"),
        replace(row(4), person="hash-of-member-wang"),
        replace(row(5), member_no="no-of-member-wang"),
    )
    story = given(*TOWN, enrolled(WANG, OTHER_BRANCH)).when(
        replace(publish, enrolments=bad, stated_head_count=5)
    )
    story.refused(RosterRowsRefused, pointer="/enrolments")
    assert isinstance(story.rejection, RosterRowsRefused)
    assert [(fault.code(), fault.pointer) for fault in story.rejection.faults] == [
        ("invalid-id-number", "/enrolments/1/id_number"),
        ("invalid-phone", "/enrolments/1/phone"),
        ("member-no-taken", "/enrolments/2/member_no"),
        ("person-already-enrolled", "/enrolments/3/id_number"),
        ("member-no-taken", "/enrolments/4/member_no"),
    ]
    assert not story.happened


def test_one_person_twice_in_the_same_list_is_refused() -> None:
    twice = (row(1), replace(row(2), person="hash-1"))
    given(*TOWN).when(replace(publish, enrolments=twice)).refused(RosterRowsRefused)
