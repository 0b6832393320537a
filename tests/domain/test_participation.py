"""Participation: recorded truthfully, corrected, voided for good (R6, R15, R18, R19)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.activity import (
    ActivityIsCancelled,
    ActivityKind,
    ActivityNotPublished,
    UnknownActivity,
)
from service.domain.event import Command, Event
from service.domain.membership import UnknownMember
from service.domain.officer import OnlyResponsiblePerson
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationEndsBeforeStart,
    ParticipationIsVoided,
    ParticipationRecorded,
    ParticipationTooLong,
    ParticipationVoided,
    UnknownParticipation,
)
from service.domain.recording import (
    AlreadyRecorded,
    CorrectParticipation,
    KindDiffersFromActivity,
    RecordParticipation,
    VoidParticipation,
)
from service.domain.responsibility import CertificateTakesNoEntries, NotRegisteredHere
from service.domain.separation import NotInOwnMatter
from tests.domain.clean_up import (
    ACTIVITY,
    AFTER,
    CANCELLED,
    COMPLETED,
    ENDS,
    GONE,
    HOUR,
    LOST,
    MINUTE,
    PARTICIPATION,
    PUBLISHED,
    STARTS,
    planned,
    recorded,
    signed_in,
    signed_out,
)
from tests.domain.story import given, matches
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    LI,
    MEMBER,
    OFFICERS,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    SETTLED,
    WANG,
    accepted,
    acting,
    issued,
    registered,
)

OPEN = (*SETTLED, planned(), PUBLISHED)
OWN: dict[str, Any] = {"kind": ActivityKind.OWN, "activity_id": None}


def record(
    by: str = COMMUNITY, person: str = "officer", role: str = "responsible", **differently: Any
) -> RecordParticipation:
    entry: dict[str, Any] = {
        "participation_id": "new",
        "community_id": COMMUNITY,
        "member_id": LI,
        "activity_id": ACTIVITY,
        "kind": ActivityKind.COMMUNITY,
        "starts_at": STARTS,
        "ends_at": ENDS,
        "content": "清扫楼道",
        "ledger": "voluntary",
        "at": AFTER,
    }
    return RecordParticipation(by=acting(by, person, role), **entry | differently)


def correct(
    by: str = COMMUNITY, person: str = "officer", role: str = "responsible", **differently: Any
) -> CorrectParticipation:
    entry: dict[str, Any] = {
        "participation_id": PARTICIPATION,
        "starts_at": STARTS,
        "ends_at": ENDS - HOUR,
        "content": "清扫楼道",
        "ledger": "voluntary",
        "reason": "中途离开",
        "at": AFTER,
    }
    return CorrectParticipation(by=acting(by, person, role), **entry | differently)


def void(
    by: str = COMMUNITY, person: str = "officer", role: str = "responsible"
) -> VoidParticipation:
    return VoidParticipation(
        participation_id=PARTICIPATION,
        reason="记错了人",
        by=acting(by, person, role),
        at=AFTER,
    )


def voided(version: ParticipationRecorded | ParticipationCorrected) -> ParticipationVoided:
    return ParticipationVoided(
        participation_id=version.participation_id,
        member_id=version.member_id,
        branch_id=version.branch_id,
        community_id=version.community_id,
        activity_id=version.activity_id,
        corrects=version.event_id,
        reason="记错了人",
    )


# Recording


def test_the_community_records_what_a_member_did() -> None:
    given(*OPEN).when(record()).then(
        ParticipationRecorded,
        participation_id="new",
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        activity_id=ACTIVITY,
        starts_at=STARTS,
        ends_at=ENDS,
        content="清扫楼道",
        ledger="voluntary",
        recorded_by="officer",
    )


def test_window_and_signed_times_come_from_the_events() -> None:
    attendance = (
        signed_in(signed_at=STARTS - HOUR),
        signed_in(signed_at=STARTS + HOUR),
        signed_in(WANG, STARTS - 2 * HOUR),
        signed_out(signed_at=ENDS - HOUR),
        signed_out(signed_at=ENDS + HOUR),
    )
    given(*OPEN, *attendance).when(record()).then(
        ParticipationRecorded,
        window_starts_at=STARTS,
        window_ends_at=ENDS,
        signed_in_at=STARTS - HOUR,
        signed_out_at=ENDS + HOUR,
    )


def test_without_an_activity_there_is_no_window_and_nothing_signed() -> None:
    given(*OPEN, signed_in()).when(record(**OWN)).then(
        ParticipationRecorded, kind=ActivityKind.OWN, window_starts_at=None, signed_in_at=None
    )


def test_the_category_is_that_of_the_activity_unless_another_is_given() -> None:
    given(*OPEN).when(record()).then(ParticipationRecorded, category="cleaning")
    given(*OPEN).when(record(category="civility")).then(ParticipationRecorded, category="civility")
    given(*OPEN).when(record(**OWN)).then(ParticipationRecorded, category="个人自发")


@pytest.mark.parametrize("ledger", ["duty", "voluntary"])
def test_duty_and_voluntary_service_stay_two_ledgers(ledger: str) -> None:
    given(*OPEN).when(record(ledger=ledger)).then(ParticipationRecorded, ledger=ledger)
    given(*OPEN, recorded()).when(correct(ledger=ledger)).then(
        ParticipationCorrected, ledger=ledger
    )


def test_a_member_registered_elsewhere_is_not_recorded() -> None:
    elsewhere = (*MEMBER, registered(LI, OTHER_COMMUNITY), accepted(LI, OTHER_COMMUNITY))
    given(*elsewhere).when(record(**OWN)).refused(UnknownMember, pointer="/member_id")


def test_a_member_whose_registration_waits_is_not_recorded() -> None:
    given(*MEMBER, registered()).when(record(**OWN)).refused(NotRegisteredHere)


def test_after_a_transfer_the_new_community_records_and_the_old_no_more() -> None:
    moved = (*SETTLED, accepted(LI, OTHER_COMMUNITY, OTHER_REGISTRATION))
    given(*moved).when(record(**OWN)).refused(UnknownMember)
    given(*moved).when(record(by=OTHER_COMMUNITY, community_id=OTHER_COMMUNITY, **OWN)).then(
        ParticipationRecorded, community_id=OTHER_COMMUNITY
    )


def test_a_member_who_has_left_is_not_recorded() -> None:
    given(*SETTLED, GONE).when(record(**OWN)).refused(UnknownMember)


def test_a_certificate_that_is_not_valid_takes_no_entries() -> None:
    story = given(*OPEN, LOST)
    story.when(record()).refused(CertificateTakesNoEntries, pointer="/member_id")
    story.history.append(issued(LI, OTHER_CERTIFICATE))
    story.when(record()).then(ParticipationRecorded)


@pytest.mark.parametrize("act", [record, correct, void])
def test_only_a_responsible_person_writes_entries(act: Any) -> None:
    history = [*OPEN, *([] if act is record else [recorded()])]
    given(*history).when(act(role="clerk")).refused(OnlyResponsiblePerson)


@pytest.mark.parametrize("act", [record, correct, void])
def test_the_member_writes_no_entry_about_themselves(act: Any) -> None:
    history = [*OPEN, *([] if act is record else [recorded()])]
    given(*history).when(act(person=LI)).refused(NotInOwnMatter)


@pytest.mark.parametrize("act", [record, correct])
@pytest.mark.parametrize("ends_at", [STARTS, STARTS - MINUTE])
def test_a_participation_ends_after_it_starts(act: Any, ends_at: datetime) -> None:
    history = [*OPEN, *([] if act is record else [recorded()])]
    given(*history).when(act(ends_at=ends_at)).refused(
        ParticipationEndsBeforeStart, pointer="/ends_at"
    )


@pytest.mark.parametrize("act", [record, correct])
def test_a_participation_lasts_at_most_24_hours(act: Any) -> None:
    history = [*OPEN, *([] if act is record else [recorded()])]
    day = STARTS + timedelta(hours=24)
    given(*history).when(act(ends_at=day)).then(
        ParticipationRecorded if act is record else ParticipationCorrected
    )
    given(*history).when(act(ends_at=day + MINUTE)).refused(
        ParticipationTooLong, pointer="/ends_at"
    )


def test_r21_a_year_without_a_calendar_may_lie_ahead() -> None:
    day = timedelta(days=420)
    command: Command = record(
        activity_id=None, kind=ActivityKind.OWN, starts_at=STARTS + day, ends_at=ENDS + day
    )
    given(*OPEN).when(command).then(ParticipationRecorded)


@pytest.mark.parametrize("history", [[], [planned(community_id=OTHER_COMMUNITY), PUBLISHED]])
def test_the_activity_is_one_of_this_community(history: list[Event]) -> None:
    given(*SETTLED, *history).when(record()).refused(UnknownActivity, pointer="/activity_id")


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        ([planned()], ActivityNotPublished),
        ([planned(), PUBLISHED, CANCELLED], ActivityIsCancelled),
    ],
)
def test_the_activity_took_place(history: list[Event], refusal: Any) -> None:
    given(*SETTLED, *history).when(record()).refused(refusal, pointer="/activity_id")
    given(*OPEN, COMPLETED).when(record()).then(ParticipationRecorded)


@pytest.mark.parametrize("kind", [ActivityKind.OWN, ActivityKind.UNIT])
def test_the_kind_is_that_of_the_activity(kind: ActivityKind) -> None:
    given(*OPEN).when(record(kind=kind)).refused(KindDiffersFromActivity, pointer="/kind")


def test_a_participation_in_an_activity_is_recorded_once() -> None:
    given(*OPEN, recorded()).when(record(ends_at=ENDS - HOUR)).refused(
        AlreadyRecorded, pointer="/activity_id"
    )


def test_what_was_voided_may_be_recorded_again() -> None:
    first = recorded()
    given(*OPEN, first, voided(first)).when(record()).then(ParticipationRecorded)
    own = recorded(**OWN)
    given(*OPEN, own, voided(own)).when(record(**OWN)).then(ParticipationRecorded)


def test_without_an_activity_the_same_interval_is_recorded_once() -> None:
    story = given(*OPEN, recorded(**OWN))
    story.when(record(**OWN)).refused(AlreadyRecorded, pointer="/starts_at")
    story.when(record(**OWN, starts_at=STARTS + MINUTE)).then(ParticipationRecorded)


def test_a_corrected_interval_is_the_one_that_is_not_recorded_again() -> None:
    story = given(*OPEN, recorded(**OWN)).when(correct()).then(ParticipationCorrected)
    story.when(record(**OWN, ends_at=ENDS - HOUR)).refused(AlreadyRecorded)
    story.when(record(**OWN)).then(ParticipationRecorded)


def test_an_own_act_beside_an_activity_is_another_participation() -> None:
    given(*OPEN, recorded()).when(record(**OWN)).then(ParticipationRecorded)


def test_recording_two_members_of_one_activity_does_not_conflict() -> None:
    boundary = record().consistency_boundary()
    assert not matches(recorded(member_id=WANG), boundary)
    assert not matches(signed_in(WANG), boundary)


# Correcting and voiding


def test_a_correction_replaces_the_version_that_stands() -> None:
    first = recorded()
    story = (
        given(*OPEN, first)
        .when(correct(person="somebody-else"))
        .then(
            ParticipationCorrected,
            corrects=first.event_id,
            ends_at=ENDS - HOUR,
            recorded_by="somebody-else",
            reason="中途离开",
            activity_id=ACTIVITY,
            kind=ActivityKind.COMMUNITY,
            category="cleaning",
            branch_id=BRANCH,
        )
    )
    second = story.happened[-1]
    story.when(correct(category="civility")).then(
        ParticipationCorrected, corrects=second.event_id, category="civility"
    )
    third = story.happened[-1]
    story.when(correct()).then(ParticipationCorrected, category="civility")
    assert third.event_id != second.event_id


def test_a_correction_looks_window_and_signed_times_up_again() -> None:
    late = (signed_in(), signed_out(), signed_in(WANG, STARTS - HOUR))
    given(*OPEN, recorded(), *late).when(correct()).then(
        ParticipationCorrected,
        window_starts_at=STARTS,
        window_ends_at=ENDS,
        signed_in_at=STARTS,
        signed_out_at=ENDS,
    )


def test_a_correction_needs_no_valid_certificate() -> None:
    given(*OPEN, recorded(), LOST).when(correct()).then(ParticipationCorrected)


def test_voiding_names_the_version_it_takes_back() -> None:
    first = recorded()
    given(*OFFICERS, first).when(void()).then(
        ParticipationVoided, corrects=first.event_id, activity_id=ACTIVITY, reason="记错了人"
    )
    story = given(*OFFICERS, first).when(correct()).then(ParticipationCorrected)
    second = story.happened[-1]
    story.when(void()).then(ParticipationVoided, corrects=second.event_id)


@pytest.mark.parametrize("act", [correct, void])
def test_a_voiding_cannot_be_voided_or_corrected(act: Any) -> None:
    first = recorded()
    given(first, voided(first)).when(act()).refused(ParticipationIsVoided)


@pytest.mark.parametrize("act", [correct, void])
def test_another_community_does_not_learn_of_a_participation(act: Any) -> None:
    given(recorded()).when(act(by=OTHER_COMMUNITY)).refused(UnknownParticipation)
    given().when(act()).refused(UnknownParticipation)


def test_what_is_written_about_a_member_is_sealed() -> None:
    for event in (ParticipationRecorded, ParticipationCorrected):
        assert event.personal["content"] == "assessment"
    assert ParticipationCorrected.personal["reason"] == "assessment"
    assert ParticipationVoided.personal["reason"] == "assessment"
