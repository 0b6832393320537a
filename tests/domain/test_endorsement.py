"""Endorsement: a second responsible person's word, revocable, lapsing with a correction (R17)."""

from typing import Any

import pytest

from service.domain.endorsement import (
    AlreadyEndorsed,
    EndorsementDeclined,
    EndorsementDeclineReason,
    EndorsementNotInForce,
    EndorsementRevoked,
    ParticipationEndorsed,
    Performance,
    UnknownEndorsement,
)
from service.domain.endorsing import (
    BatchNotEndorsed,
    DeclineEndorsement,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Event
from service.domain.officer import OnlyResponsiblePerson
from service.domain.participation import ParticipationIsVoided, UnknownParticipation
from service.domain.responsibility import CertificateTakesNoEntries
from service.domain.separation import EndorsedByRecorder, NotInOwnMatter
from tests.domain.clean_up import (
    ACTIVITY,
    AFTER,
    ENDORSEMENT,
    LOST,
    PARTICIPATION,
    endorsed,
    recorded,
)
from tests.domain.story import given, matches
from tests.domain.test_participation import correct, voided
from tests.domain.town import (
    CERTIFICATE,
    COMMUNITY,
    LI,
    OFFICERS,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    acting,
    issued,
)


def endorse(
    by: str = COMMUNITY, person: str = "secretary", role: str = "responsible"
) -> EndorseParticipation:
    return EndorseParticipation(
        endorsement_id="new",
        participation_id=PARTICIPATION,
        performance=Performance.EXCELLENT,
        comment="认真负责",
        by=acting(by, person, role),
        at=AFTER,
    )


def decline(
    by: str = COMMUNITY, person: str = "secretary", role: str = "responsible"
) -> DeclineEndorsement:
    return DeclineEndorsement(
        participation_id=PARTICIPATION,
        reason_code=EndorsementDeclineReason.LEFT_EARLY,
        note="十点离开",
        by=acting(by, person, role),
        at=AFTER,
    )


def revoke(
    by: str = COMMUNITY, person: str = "secretary", role: str = "responsible"
) -> RevokeEndorsement:
    return RevokeEndorsement(
        endorsement_id=ENDORSEMENT, reason="认定有误", by=acting(by, person, role), at=AFTER
    )


def endorse_all(
    *participation_ids: str, by: str = COMMUNITY, activity_id: str = ACTIVITY
) -> EndorseParticipations:
    return EndorseParticipations(
        activity_id=activity_id,
        participation_ids=participation_ids,
        endorsement_ids=[f"e{n}" for n, _ in enumerate(participation_ids)],
        performance=Performance.GOOD,
        by=acting(by, "secretary"),
        at=AFTER,
    )


RECORD = recorded()
RECORDED = (*SETTLED, RECORD)


def test_another_responsible_person_endorses() -> None:
    given(*RECORDED).when(endorse()).then(
        ParticipationEndorsed,
        endorsement_id="new",
        participation_id=PARTICIPATION,
        member_id=LI,
        activity_id=ACTIVITY,
        certificate_no=CERTIFICATE,
        endorses=RECORD.event_id,
        performance=Performance.EXCELLENT,
        comment="认真负责",
        endorsed_by="secretary",
    )


@pytest.mark.parametrize("act", [endorse, decline])
def test_the_recorder_does_not_endorse_or_decline(act: Any) -> None:
    given(*RECORDED).when(act(person="officer")).refused(EndorsedByRecorder)


def test_r17_who_recorded_and_who_corrected_are_both_recorders() -> None:
    story = given(*RECORDED).when(correct(person="secretary"))
    story.when(endorse(person="secretary")).refused(EndorsedByRecorder)
    story.when(endorse(person="officer")).refused(EndorsedByRecorder)
    story.when(endorse(person="somebody-else")).then(ParticipationEndorsed)


@pytest.mark.parametrize("act", [endorse, decline, revoke])
def test_the_member_does_not_endorse_decline_or_revoke(act: Any) -> None:
    history = [*RECORDED, *([endorsed(RECORD)] if act is revoke else [])]
    given(*history).when(act(person=LI)).refused(NotInOwnMatter)


@pytest.mark.parametrize("act", [endorse, decline, revoke])
def test_only_a_responsible_person_endorses_declines_or_revokes(act: Any) -> None:
    history = [*RECORDED, *([endorsed(RECORD)] if act is revoke else [])]
    given(*history).when(act(role="clerk")).refused(OnlyResponsiblePerson)


@pytest.mark.parametrize("act", [endorse, decline])
def test_another_community_does_not_learn_of_the_participation(act: Any) -> None:
    given(*RECORDED).when(act(by=OTHER_COMMUNITY)).refused(UnknownParticipation)
    given(*SETTLED).when(act()).refused(UnknownParticipation)


@pytest.mark.parametrize("act", [endorse, decline])
def test_a_participation_is_endorsed_once(act: Any) -> None:
    given(*RECORDED, endorsed(RECORD)).when(act()).refused(AlreadyEndorsed)


def test_a_certificate_that_is_not_valid_takes_no_endorsement() -> None:
    story = given(*RECORDED, LOST)
    story.when(endorse()).refused(CertificateTakesNoEntries)
    story.history.append(issued(LI, OTHER_CERTIFICATE))
    story.when(endorse()).then(ParticipationEndorsed, certificate_no=OTHER_CERTIFICATE)


def test_a_correction_makes_the_endorsement_lapse() -> None:
    story = given(*RECORDED, endorsed(RECORD)).when(correct())
    version = story.happened[-1].event_id
    story.when(revoke()).refused(EndorsementNotInForce)
    story.when(endorse()).then(ParticipationEndorsed, endorses=version)


@pytest.mark.parametrize("act", [endorse, decline, revoke])
def test_nothing_is_said_any_more_about_a_voided_participation(act: Any) -> None:
    history = [*RECORDED, *([endorsed(RECORD)] if act is revoke else []), voided(RECORD)]
    given(*history).when(act()).refused(ParticipationIsVoided)


def test_the_community_declines_with_a_reason() -> None:
    given(*RECORDED).when(decline()).then(
        EndorsementDeclined,
        endorses=RECORD.event_id,
        reason_code=EndorsementDeclineReason.LEFT_EARLY,
        note="十点离开",
        declined_by="secretary",
    )


def test_what_was_declined_may_still_be_endorsed() -> None:
    given(*RECORDED).when(decline()).when(endorse()).then(ParticipationEndorsed)


def test_an_endorsement_is_revoked_with_a_reason() -> None:
    endorsement = endorsed(RECORD)
    given(*RECORDED, endorsement).when(revoke()).then(
        EndorsementRevoked,
        endorsement_id=ENDORSEMENT,
        participation_id=PARTICIPATION,
        corrects=endorsement.event_id,
        reason="认定有误",
        revoked_by="secretary",
    )


def test_an_endorsement_is_revoked_once() -> None:
    story = given(*RECORDED, endorsed(RECORD)).when(revoke()).then(EndorsementRevoked)
    story.when(revoke()).refused(EndorsementNotInForce)


def test_after_a_revocation_it_may_be_endorsed_again() -> None:
    story = given(*RECORDED, endorsed(RECORD)).when(revoke()).when(endorse())
    story.then(ParticipationEndorsed, endorsement_id="new")
    story.when(revoke()).refused(EndorsementNotInForce)


def test_another_community_does_not_learn_of_the_endorsement() -> None:
    story = given(*RECORDED, endorsed(RECORD))
    story.when(revoke(by=OTHER_COMMUNITY)).refused(UnknownEndorsement)
    given(*RECORDED).when(revoke()).refused(UnknownEndorsement)


# A list at once

MEMBERS = [f"member-{n}" for n in range(120)]
RECORDS = [recorded(participation_id=f"p-{each}", member_id=each) for each in MEMBERS]
EVERYBODY = (*OFFICERS, *RECORDS, *(issued(each, f"certificate-of-{each}") for each in MEMBERS))


def test_a_list_of_120_is_endorsed_in_one_request() -> None:
    ids = [record.participation_id for record in RECORDS]
    story = given(*EVERYBODY).when(endorse_all(*ids)).then(*[ParticipationEndorsed] * 120)
    happened = [event for event in story.happened if isinstance(event, ParticipationEndorsed)]
    assert [event.participation_id for event in happened] == ids
    assert happened[7].endorsement_id == "e7"
    assert happened[7].certificate_no == "certificate-of-member-7"
    assert happened[7].endorses == RECORDS[7].event_id


def test_of_a_list_with_one_offender_nothing_is_endorsed_and_every_offender_is_listed() -> None:
    history: list[Event] = [
        *OFFICERS,
        *RECORDS[:5],
        *(issued(each, f"certificate-of-{each}") for each in MEMBERS[:4]),
        recorded(participation_id="mine", member_id="member-0", recorded_by="secretary"),
        recorded(participation_id="other-activity", member_id="member-0", activity_id="other"),
        endorsed(RECORDS[1]),
        voided(RECORDS[2]),
    ]
    ids = ["p-member-0", "p-member-1", "p-member-2", "p-member-0", "p-member-4"]
    story = given(*history).when(endorse_all(*ids, "mine", "other-activity", "unknown"))
    story.refused(BatchNotEndorsed, pointer="/participation_ids")
    assert story.rejection is not None
    assert [pointer for pointer, _ in story.rejection.errors] == [
        f"/participation_ids/{row}" for row in range(1, 8)
    ]
    assert [detail for _, detail in story.rejection.errors] == [
        AlreadyEndorsed.title(),
        ParticipationIsVoided.title(),
        "名单中重复。",
        CertificateTakesNoEntries.title(),
        EndorsedByRecorder.title(),
        UnknownParticipation.title(),
        UnknownParticipation.title(),
    ]


def test_an_empty_list_is_refused() -> None:
    given(*EVERYBODY).when(endorse_all()).refused(BatchNotEndorsed, pointer="/participation_ids")


def test_another_community_endorses_no_list() -> None:
    given(*EVERYBODY).when(endorse_all("p-member-0", by=OTHER_COMMUNITY)).refused(BatchNotEndorsed)


def test_endorsing_one_member_does_not_depend_on_another() -> None:
    boundary = endorse().consistency_boundary()
    assert not matches(recorded(participation_id="p", member_id=WANG), boundary)


def test_what_is_written_about_a_member_is_sealed() -> None:
    assert ParticipationEndorsed.personal["comment"] == "assessment"
    assert EndorsementDeclined.personal["note"] == "assessment"
    assert EndorsementRevoked.personal["reason"] == "assessment"


def test_every_performance_and_reason_has_its_word() -> None:
    assert [each.word for each in Performance] == ["优秀", "良好", "一般", "较差"]
    assert all(each.word for each in EndorsementDeclineReason)
