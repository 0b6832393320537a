"""Erasure: two persons, a legal basis, a window, and no way back (R40)."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from service.domain.branch_transfer import BranchTransferRequested
from service.domain.erasing import CancelErasure, ConfirmErasure, EraseSubject, RequestErasure
from service.domain.erasure import (
    CANCEL_WINDOW_DAYS,
    CancelWindowClosed,
    DocumentNoMalformed,
    ErasureCancelled,
    ErasureConfirmed,
    ErasureConfirmedByRequester,
    ErasureInOwnMatter,
    ErasureNotDue,
    ErasureNotOpen,
    ErasureRequested,
    ErasureUnderWay,
    LegalBasis,
    UnknownErasure,
)
from service.domain.event import Event
from service.domain.membership import (
    BranchTransferAccepted,
    MemberEnrolled,
    SubjectErased,
    UnknownMember,
)
from service.domain.officer import (
    OfficerDismissed,
    OfficerNotAppointed,
    OfficerRole,
    OnlyResponsiblePerson,
)
from service.domain.roster import (
    EnrolMember,
    Enrolment,
    PersonAlreadyEnrolled,
    PublishRoster,
    RosterPublished,
    RosterRowsRefused,
)
from tests.domain.story import Story, given
from tests.domain.town import (
    AT,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    MEMBER,
    OTHER_BRANCH,
    PHONE,
    WANG,
    acting,
    appointed,
    id_number,
    person,
)

WINDOW = timedelta(days=CANCEL_WINDOW_DAYS)


OFFICE: tuple[Event, ...] = (
    *MEMBER,
    appointed("asks", BRANCH),
    appointed("confirms", BRANCH),
    appointed("clerk", BRANCH, OfficerRole.OFFICER),
    appointed("above", COMMITTEE),
)
request = RequestErasure(
    by=acting(BRANCH, "asks"),
    at=AT,
    erasure_id="e1",
    member_id=LI,
    legal_basis=LegalBasis.RETENTION_EXPIRED,
    document_no="琼组发〔2026〕12号",
)
confirm = ConfirmErasure(by=acting(BRANCH, "confirms"), at=AT, erasure_id="e1")
cancel = CancelErasure(by=acting(BRANCH, "asks"), at=AT, erasure_id="e1")
erase = EraseSubject(
    by=acting(BRANCH, "worker", "system"),
    at=AT + WINDOW,
    erasure_id="e1",
    key_fingerprints=("identity:00",),
)


def confirmed() -> Story:
    return given(*OFFICE).when(request).when(confirm)


def test_one_asks_another_confirms_and_after_the_window_the_member_is_erased() -> None:
    story = given(*OFFICE).when(request)
    story.then(ErasureRequested, member_id=LI, branch_id=BRANCH, requested_by_person=person("asks"))
    story.when(confirm).then(
        ErasureConfirmed, due_at=AT + WINDOW, confirmed_by_person=person("confirms")
    )
    story.when(erase).then(SubjectErased, member_id=LI, key_fingerprints=("identity:00",))


@pytest.mark.parametrize("basis", LegalBasis)
def test_every_legal_basis_has_a_chinese_word(basis: LegalBasis) -> None:
    assert basis.word


@pytest.mark.parametrize("organisation", [COMMITTEE])
def test_whoever_stands_above_the_branch_may_ask_as_well(organisation: str) -> None:
    given(*OFFICE).when(replace(request, by=acting(organisation, "above"))).then(ErasureRequested)


@pytest.mark.parametrize("organisation", [OTHER_BRANCH, COMMUNITY, FOREIGN_BRANCH])
def test_unknown_to_every_other_organisation(organisation: str) -> None:
    office = (*OFFICE, appointed("asks", organisation), appointed("confirms", organisation))
    theirs = replace(request, by=acting(organisation, "asks"))
    given(*office).when(theirs).refused(UnknownMember)
    story = given(*office).when(request)
    story.when(replace(confirm, by=acting(organisation, "confirms"))).refused(UnknownErasure)
    story.when(replace(cancel, by=acting(organisation, "asks"))).refused(UnknownErasure)


def test_unknown_erasure() -> None:
    given(*OFFICE).when(confirm).refused(UnknownErasure)
    given(*OFFICE).when(cancel).refused(UnknownErasure)
    given(*OFFICE).when(erase).refused(UnknownErasure)


def test_only_appointed_persons_have_a_say() -> None:
    story = given(*OFFICE)
    story.when(replace(request, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)
    story.when(request)
    story.when(replace(confirm, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)
    story.when(replace(cancel, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)
    gone = OfficerDismissed(organisation_id=BRANCH, officer_id="confirms")
    given(*OFFICE, gone).when(request).when(confirm).refused(OfficerNotAppointed)


def test_a_responsible_person_confirms() -> None:
    story = given(*OFFICE).when(request)
    story.when(replace(confirm, by=acting(BRANCH, "clerk"))).refused(OnlyResponsiblePerson)
    given(*OFFICE).when(replace(request, by=acting(BRANCH, "clerk"))).then(ErasureRequested)


def test_who_asks_does_not_confirm_also_under_another_account() -> None:
    story = given(*OFFICE).when(request)
    story.when(replace(confirm, by=acting(BRANCH, "asks"))).refused(ErasureConfirmedByRequester)
    twice = appointed("above-too", COMMITTEE, of="asks")
    story = given(*OFFICE, twice).when(request)
    story.when(replace(confirm, by=acting(COMMITTEE, "above-too"))).refused(
        ErasureConfirmedByRequester
    )


def test_nobody_acts_in_the_erasure_of_themselves() -> None:
    themselves = appointed("member", BRANCH, of=LI)
    story = given(*OFFICE, themselves)
    story.when(replace(request, by=acting(BRANCH, "member"))).refused(ErasureInOwnMatter)
    story.when(request)
    story.when(replace(confirm, by=acting(BRANCH, "member"))).refused(ErasureInOwnMatter)


@pytest.mark.parametrize(
    "document_no",
    ["", "王小明的申请", "琼组发〔2026〕号", "琼组发[2026]12号", "1〔2026〕12号", "琼〔26〕1号"],
)
def test_document_no_malformed(document_no: str) -> None:
    command = replace(request, document_no=document_no)
    given(*OFFICE).when(command).refused(DocumentNoMalformed, pointer="/document_no")


def test_erasure_under_way() -> None:
    again = replace(request, erasure_id="e2")
    given(*OFFICE).when(request).when(again).refused(ErasureUnderWay, pointer="/member_id")
    confirmed().when(again).refused(ErasureUnderWay)
    given(*OFFICE).when(request).when(cancel).when(again).then(ErasureRequested)


def test_it_is_confirmed_once() -> None:
    confirmed().when(confirm).refused(ErasureNotOpen)
    given(*OFFICE).when(request).when(cancel).when(confirm).refused(ErasureNotOpen)


def test_it_is_cancelled_until_the_window_closes() -> None:
    given(*OFFICE).when(request).when(cancel).then(ErasureCancelled, cancelled_by="asks")
    last = AT + WINDOW - timedelta(microseconds=1)
    confirmed().when(replace(cancel, at=last)).then(ErasureCancelled)
    confirmed().when(replace(cancel, at=AT + WINDOW)).refused(CancelWindowClosed)


def test_what_was_never_confirmed_may_be_cancelled_at_any_time() -> None:
    late = replace(cancel, at=AT + 10 * WINDOW)
    given(*OFFICE).when(request).when(late).then(ErasureCancelled)


def test_nobody_is_erased_before_it_is_confirmed_and_due() -> None:
    given(*OFFICE).when(request).when(erase).refused(ErasureNotDue)
    early = replace(erase, at=AT + WINDOW - timedelta(microseconds=1))
    confirmed().when(early).refused(ErasureNotDue)


def test_what_was_cancelled_is_never_carried_out() -> None:
    confirmed().when(cancel).when(erase).refused(ErasureNotOpen)


def test_erased_once_and_for_good() -> None:
    story = confirmed().when(erase)
    story.when(erase).refused(ErasureNotOpen)
    story.when(cancel).refused(ErasureNotOpen)


def test_after_it_nothing_can_be_recorded_about_the_member() -> None:
    story = confirmed().when(erase)
    story.when(replace(request, erasure_id="e2")).refused(UnknownMember)


def test_a_transfer_that_was_under_way_does_not_bring_the_member_back() -> None:
    asked = BranchTransferRequested(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    story = given(*OFFICE, asked).when(request).when(confirm).when(erase)
    story.history.append(
        BranchTransferAccepted(
            transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
        )
    )
    again = replace(request, erasure_id="e2", by=acting(COMMITTEE, "above"))
    story.when(again).refused(UnknownMember)


def test_an_erased_member_is_no_longer_counted_on_the_roster() -> None:
    publish = PublishRoster(by=acting(BRANCH), at=AT, branch_id=BRANCH, stated_head_count=0)
    story = confirmed().when(erase).when(publish)
    assert [getattr(event, "listed_head_count", None) for event in story.happened] == [0]


def test_the_same_person_may_be_enrolled_again_as_somebody_new() -> None:
    enrolment = Enrolment(
        member_id="new",
        member_no="a number of its own",
        person=person(LI),
        name="陈某",
        id_number=id_number(),
        phone=PHONE,
    )
    enrol = EnrolMember(by=acting(BRANCH), at=AT, branch_id=BRANCH, **asdict(enrolment))
    publish = PublishRoster(
        by=acting(BRANCH), at=AT, branch_id=BRANCH, stated_head_count=1, enrolments=(enrolment,)
    )
    confirmed().when(enrol).refused(PersonAlreadyEnrolled)
    confirmed().when(publish).refused(RosterRowsRefused)
    confirmed().when(erase).when(enrol).then(MemberEnrolled, member_id="new")
    confirmed().when(erase).when(publish).then(MemberEnrolled, RosterPublished)


def test_the_branch_that_holds_the_member_by_now_loses_them() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    story = confirmed()
    story.history.append(moved)
    story.when(erase).then(SubjectErased, branch_id=OTHER_BRANCH)


def test_others_are_not_touched() -> None:
    theirs = replace(request, member_id=WANG, erasure_id="e2", by=acting(COMMITTEE, "above"))
    confirmed().when(erase).when(theirs).then(ErasureRequested, member_id=WANG)
