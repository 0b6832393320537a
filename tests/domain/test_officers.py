"""Officers: appointed from above, one id for one person; delegation that never widens (R6, R17)."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.appointment import (
    AppointedFromAbove,
    AppointOfficer,
    DismissOfficer,
    OfficerAlreadyAppointed,
    OfficerIdRepeatsIdNumber,
    OfficerIdTaken,
    PersonAlreadyAppointed,
    UnknownOfficer,
)
from service.domain.delegation import (
    LONGEST_DELEGATION,
    AlreadyDelegated,
    DelegatedToResponsible,
    DelegateDuty,
    DelegationTermWrong,
    EndDelegation,
    UnknownDelegation,
)
from service.domain.endorsement import ParticipationEndorsed
from service.domain.officer import (
    DelegatedDuty,
    DelegationEnded,
    DutyDelegated,
    OfficerAppointed,
    OfficerDismissed,
    OfficerNotAppointed,
    OfficerRole,
    OnlyResponsiblePerson,
)
from service.domain.organisation import UnknownOrganisation
from service.domain.participation import ParticipationRecorded
from service.domain.review import (
    ConcludeReview,
    ReviewAlreadyConcluded,
    ReviewConcluded,
    ReviewOutcome,
)
from service.domain.roster import InvalidIdNumber
from service.domain.separation import CorrectedByEndorser, EndorsedByRecorder, NotInOwnMatter
from tests.domain.clean_up import AFTER, recorded
from tests.domain.story import given
from tests.domain.test_endorsement import RECORDED, decline, endorse
from tests.domain.test_participation import OPEN, correct, record
from tests.domain.town import (
    AUTHORITY,
    COMMUNITY,
    LI,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    TOWN,
    acting,
    appointed,
    id_number,
    person,
)

DAY = timedelta(days=1)


def appoint(by: str = SUBDISTRICT, **differently: Any) -> AppointOfficer:
    appointment: dict[str, Any] = {
        "organisation_id": COMMUNITY,
        "officer_id": "newcomer",
        "person": person("newcomer"),
        "id_number": id_number(),
        "role": OfficerRole.RESPONSIBLE,
    }
    return AppointOfficer(by=acting(by), at=AFTER, **appointment | differently)


def dismiss(officer_id: str = "officer", by: str = SUBDISTRICT) -> DismissOfficer:
    return DismissOfficer(by=acting(by), at=AFTER, organisation_id=COMMUNITY, officer_id=officer_id)


def delegate(
    duty: DelegatedDuty = DelegatedDuty.ENDORSING, who: str = "secretary", **differently: Any
) -> DelegateDuty:
    term: dict[str, Any] = {"officer_id": "clerk", "ends_at": AFTER + 30 * DAY}
    return DelegateDuty(
        by=acting(COMMUNITY, who), at=AFTER, delegation_id="new", duty=duty, **term | differently
    )


def end(who: str = "officer", community: str = COMMUNITY) -> EndDelegation:
    return EndDelegation(by=acting(community, who), at=AFTER, delegation_id="new")


def test_an_organisation_above_appoints_and_dismisses() -> None:
    story = given(*TOWN).when(appoint()).then(OfficerAppointed, person=person("newcomer"))
    story.when(appoint()).refused(OfficerAlreadyAppointed, pointer="/officer_id")
    story.when(dismiss("newcomer")).then(OfficerDismissed)
    story.when(dismiss("newcomer")).refused(UnknownOfficer)


@pytest.mark.parametrize(
    ("by", "refusal"), [(COMMUNITY, AppointedFromAbove), (OTHER_COMMUNITY, UnknownOrganisation)]
)
def test_nobody_appoints_their_own_officers_or_another_organisations(by: str, refusal: Any) -> None:
    given(*TOWN).when(appoint(by)).refused(refusal)
    given(*TOWN).when(dismiss(by=by)).refused(refusal)


def test_an_organisation_with_none_above_appoints_its_own() -> None:
    given(*TOWN).when(appoint(AUTHORITY, organisation_id=AUTHORITY)).then(OfficerAppointed)


def test_one_id_for_one_person_and_one_person_for_one_id() -> None:
    story = given(*TOWN)
    story.when(appoint(person=person("officer"))).refused(PersonAlreadyAppointed)
    story.when(dismiss()).when(appoint(person=person("officer"))).refused(PersonAlreadyAppointed)
    story.when(appoint(officer_id="officer")).refused(OfficerIdTaken, pointer="/officer_id")
    story.when(appoint(officer_id="officer", person=person("officer"))).then(OfficerAppointed)


def test_an_id_number_is_checked_and_is_no_officer_id() -> None:
    given(*TOWN).when(appoint(id_number="46903019900101001")).refused(InvalidIdNumber)
    given(*TOWN).when(appoint(officer_id=id_number(7))).refused(OfficerIdRepeatsIdNumber)


def test_whoever_is_not_appointed_or_was_dismissed_records_nothing() -> None:
    given(*OPEN).when(record(person="nobody")).refused(OfficerNotAppointed)
    given(*OPEN).when(dismiss()).when(record()).refused(OfficerNotAppointed)
    given(*OPEN).when(record(by=OTHER_COMMUNITY, person="clerk")).refused(OfficerNotAppointed)


def test_what_a_request_claims_only_narrows_what_the_register_says() -> None:
    given(*OPEN).when(record(person="clerk", role="responsible")).refused(OnlyResponsiblePerson)
    given(*OPEN).when(record(role="officer")).refused(OnlyResponsiblePerson)


def test_the_member_is_known_as_a_person_whatever_their_account() -> None:
    other_account = appointed("account-7", of=LI)
    given(*OPEN, other_account).when(record(person="account-7")).refused(NotInOwnMatter)
    story = given(*RECORDED, other_account)
    for act in (endorse, decline, correct):
        story.when(act(person="account-7")).refused(NotInOwnMatter)


def test_the_recorder_is_known_as_a_person_whatever_their_account() -> None:
    story = given(*RECORDED, appointed("account-7", of="officer"))
    story.when(endorse(person="account-7")).refused(EndorsedByRecorder)
    story.when(decline(person="account-7")).refused(EndorsedByRecorder)


def test_an_old_recording_that_names_no_person_still_names_an_account() -> None:
    old = recorded(recorded_by_person=None)
    given(*OPEN, old).when(endorse(person="officer")).refused(EndorsedByRecorder)
    given(*OPEN, old).when(endorse()).then(ParticipationEndorsed)


@pytest.mark.parametrize("answer", [endorse, decline])
def test_whoever_answered_does_not_correct(answer: Any) -> None:
    given(*RECORDED).when(answer()).when(correct(person="secretary")).refused(CorrectedByEndorser)


def test_an_act_tells_the_persons_behind_it() -> None:
    given(*OPEN).when(record()).then(
        ParticipationRecorded, recorded_by_person=person("officer"), delegated_by_person=None
    )
    story = given(*RECORDED).when(delegate()).when(endorse(person="clerk", role="officer"))
    story.then(
        ParticipationEndorsed,
        endorsed_by_person=person("clerk"),
        delegated_by_person=person("secretary"),
    )


def test_a_delegation_is_of_one_duty_and_for_a_term() -> None:
    story = given(*RECORDED).when(delegate(DelegatedDuty.RECORDING)).then(DutyDelegated)
    story.when(endorse(person="clerk")).refused(OnlyResponsiblePerson)
    late = given(*RECORDED).when(delegate(ends_at=AFTER + DAY))
    command = endorse(person="clerk")
    command.at = AFTER + DAY
    late.when(command).refused(OnlyResponsiblePerson)


@pytest.mark.parametrize("term", [timedelta(0), -DAY, LONGEST_DELEGATION + DAY])
def test_a_term_ends_later_and_lasts_a_quarter_at_most(term: timedelta) -> None:
    given(*TOWN).when(delegate(ends_at=AFTER + term)).refused(DelegationTermWrong)
    given(*TOWN).when(delegate(ends_at=AFTER + LONGEST_DELEGATION)).then(DutyDelegated)


def test_delegation_never_widens() -> None:
    """Neither to what the giver has no right to, nor further, nor longer than the giver has it."""
    given(*TOWN).when(delegate(who="clerk", officer_id="clerk")).refused(OnlyResponsiblePerson)
    given(*TOWN).when(delegate(officer_id="officer")).refused(DelegatedToResponsible)
    given(*TOWN).when(delegate(officer_id="nobody")).refused(OfficerNotAppointed)
    by_recorder = given(*RECORDED).when(delegate(who="officer"))
    by_recorder.when(endorse(person="clerk")).refused(EndorsedByRecorder)
    by_member = given(*RECORDED).when(delegate(who=LI))
    by_member.when(endorse(person="clerk")).refused(NotInOwnMatter)
    further = given(*RECORDED, appointed("second-clerk", role=OfficerRole.OFFICER))
    further.when(delegate()).when(delegate(who="clerk", officer_id="second-clerk"))
    further.refused(OnlyResponsiblePerson)


def test_a_delegation_lapses_with_the_appointment_of_either_and_does_not_come_back() -> None:
    for gone in ("secretary", "clerk"):
        story = given(*RECORDED).when(delegate()).when(dismiss(gone))
        role = OfficerRole.RESPONSIBLE if gone == "secretary" else OfficerRole.OFFICER
        story.when(appoint(officer_id=gone, person=person(gone), role=role)).then(OfficerAppointed)
        story.when(endorse(person="clerk")).refused(OnlyResponsiblePerson)
        story.when(delegate(who="officer")).then(DutyDelegated)


def test_a_delegation_is_given_once_at_a_time_and_ended_once() -> None:
    story = given(*RECORDED).when(delegate())
    story.when(delegate(who="officer")).refused(AlreadyDelegated)
    story.when(end(community=OTHER_COMMUNITY)).refused(UnknownDelegation)
    story.when(end("clerk")).refused(OnlyResponsiblePerson)
    story.when(end()).then(DelegationEnded, officer_id="clerk")
    story.when(end()).refused(UnknownDelegation)
    story.when(endorse(person="clerk")).refused(OnlyResponsiblePerson)


def test_a_responsible_person_closes_an_item_of_the_watch_list_once() -> None:
    command = ConcludeReview(
        by=acting(SUBDISTRICT),
        at=AFTER,
        review_id="review",
        community_id=COMMUNITY,
        outcome=ReviewOutcome.EXPLAINED,
        note="当场核实",
    )
    given(*TOWN).when(command).refused(OfficerNotAppointed)
    story = given(*TOWN, appointed("officer", SUBDISTRICT)).when(command)
    story.then(ReviewConcluded, outcome=ReviewOutcome.EXPLAINED, concluded_by="officer")
    story.when(command).refused(ReviewAlreadyConcluded)
