"""The evidence of a vetting is the same bytes whenever it is made, and leaves nothing out (R29)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.data.calendars import published_calendars
from service.domain.event import EVENTS, SHANGHAI, Event
from service.domain.objection import ObjectionSubject, ObjectionWithdrawn
from service.domain.signing_key import SigningKeyApproved
from service.domain.working_schedule import TimetableAdopted, WorkingHours
from service.domain.working_time import Calendar, Calendars
from service.eventstore import EventLog, Recorded
from service.projections import (
    off_duty_folds,
    vetting_evidence_consequences,
    vetting_evidence_consultations,
    vetting_evidence_decisions,
    vetting_evidence_standing,
)
from service.projections.off_duty_record import VIEW, fetch
from service.projections.rebuild import rebuild
from service.projections.vetting_evidence import (
    Evidence,
    EvidenceAbout,
    VettingNotInRange,
    vetting_evidence,
)
from service.projections.vetting_evidence_answer import VettingEvidence
from service.projections.vetting_evidence_reading import evidence_at, material
from service.trust.keyring import SEALED
from service.trust.readings import Reading, Readings
from tests.domain.town import AT, AUTHORITY, BRANCH, COMMUNITY, LI, SETTLED, WANG, acting, enrolled
from tests.eventstore.history import SOMEBODY, given
from tests.projections.service_year import a_year, endorsed, kept_up, recorded
from tests.projections.vetting_life import VETTING, a_life, inspected, objected, opened

CALENDARS = published_calendars()
GOLDEN = Path(__file__).with_name("vetting_evidence.json")
LEFT_OUT = {
    # Of no weight: an account, what was planned, asked for or answered on the way to what is told.
    "AccountOpened",
    "BranchTransferRefused",
    "BranchTransferRequested",
    "ClaimConfirmed",
    "ClaimDeclined",
    "ClaimReleased",
    "PostClaimed",
    "MemberSignedUp",
    "SignUpWithdrawn",
    # What is recorded as a participation says when somebody signed in and out.
    "MemberSignedIn",
    "MemberSignedOut",
    # What a rule pack proposes, and nobody decided on (R28).
    "ConsequenceProposed",
    "ProposalDismissed",
    # The community's side of what the asking side says, masked or not.
    "OpinionRequested",
    "OpinionRequestCancelled",
    "OpinionReceived",
    "ReminderOrdered",
    # Evidence does not tell of itself; of an erased member there is none.
    "EvidenceFrozen",
    "ErasureRequested",
    "ErasureConfirmed",
    "ErasureCancelled",
    "SubjectErased",
}
"""Events about a member that the evidence does not tell; the bundle lists them all the same."""


def reading(number: int = 0, member_id: str = LI, **differently: Any) -> Reading:
    read = Reading(
        member_id=member_id,
        at=AT + timedelta(minutes=number),
        organisation_id=AUTHORITY,
        client_id="client",
        person="chief",
        role="responsible",
        purpose="vetting",
        fields=("comment", "name"),
        route="/api/v1/vettings/{decision_id}",
        request_id="request",
        position=12,
        number=number,
    )
    return read._replace(**differently)


def about(position: int, readings_up_to: int = 0) -> EvidenceAbout:
    return EvidenceAbout(LI, VETTING, position, readings_up_to)


def folded(event: Event) -> bool:
    """Whether any section tells of such an event."""
    happened = [Recorded(1, event, AT, AT, SOMEBODY)]
    return any(
        folds.concern(happened)
        for folds in (
            off_duty_folds.folds,
            vetting_evidence_consequences.folds,
            vetting_evidence_consultations.folds,
            vetting_evidence_decisions.folds,
            vetting_evidence_standing.folds,
        )
    )


def pure(events: Sequence[Event], calendars: Calendars = CALENDARS) -> Evidence:
    """The evidence of these events and one reading, without a log."""
    happened = [
        Recorded(place, event, AT + timedelta(minutes=place), AT + timedelta(hours=1), SOMEBODY)
        for place, event in enumerate(events, start=1)
    ]
    return vetting_evidence(about(len(events), 1), happened, [reading(1)], calendars)


async def shown(log: EventLog, position: int, calendars: Calendars = CALENDARS) -> Evidence:
    readings = Readings(log.pool)
    return await evidence_at(log, readings, about(position, await readings.last()), calendars)


def declared(evidence: Evidence) -> VettingEvidence:
    """As a reader gets it; fails on what is not declared."""
    content = orjson.loads(evidence.canonical)
    found = VettingEvidence.model_validate(content | {"as_of_position": content["position"]})
    again = orjson.loads(found.model_dump_json(exclude={"as_of_position"}))
    assert again.keys() == content.keys()
    return found


def test_r29_the_form_of_the_evidence_stays_as_it_is() -> None:
    """What changes here changes evidence that was frozen: it needs a form of its own."""
    events = a_life()
    canonical = pure(events).canonical.decode()
    for place, event in enumerate(events):
        canonical = canonical.replace(event.event_id, f"event-{place}")
    found = orjson.loads(canonical)
    assert found == orjson.loads(GOLDEN.read_bytes())


def test_r29_every_section_has_something_and_is_as_declared() -> None:
    evidence = declared(pure(a_life()))
    assert [name for name, value in evidence if value in ([], None, "")] == []


def test_r29_nothing_that_happens_to_a_member_is_left_out_by_oversight() -> None:
    told = {type(each) for each in a_life() if folded(each)}
    about_members = {each for each in EVENTS.values() if "member_id" in each.model_fields}
    assert {each.event_type for each in about_members - told} == LEFT_OUT


def test_r39_what_is_objected_to_is_disputed_until_it_is_answered() -> None:
    evidence = declared(pure(a_life()))
    entries = [entry for year in evidence.off_duty_record for entry in year.entries]
    assert {each.participation_id for each in entries if each.disputed} == {"counts"}
    assert [each.disputed for each in evidence.consultations] == [True, False]
    assert [each.disputed for each in evidence.decisions] == [False, False]
    assert [each.disputed for each in evidence.feedback] == [True]
    assert [each.disputed for each in evidence.discrepancies] == [True, False]
    assert [each.disputed for each in evidence.disqualifications] == [True]
    open_objection = objected("another", ObjectionSubject.DECISION, "selection")
    disputed = declared(pure([*a_life(), open_objection]))
    assert [each.disputed for each in disputed.decisions] == [True, False]
    withdrawn = ObjectionWithdrawn(
        **open_objection.model_dump(
            include={"objection_id", "member_id", "organisation_id", "against", "subject_id"}
        ),
        on_paper=True,
        withdrawn_by=LI,
    )
    settled = declared(pure([*a_life(), open_objection, withdrawn]))
    assert [each.disputed for each in settled.decisions] == [False, False]


async def test_r29_it_is_the_same_bytes_today_and_in_a_year(
    log: EventLog, other_log: EventLog
) -> None:
    position = await given(log, *a_life())
    readings = Readings(log.pool)
    await readings.record([reading(), reading(member_id=WANG)])
    evidence = await shown(log, position)
    until = about(position, 2)
    assert [each["number"] for each in evidence.content["readings"]] == [1]

    later = recorded("later", "2026-05-01T09:00", "2026-05-01T11:00")
    await given(
        log,
        *a_year([LI], 100),
        TimetableAdopted(
            branch_id=BRANCH,
            valid_from=date(2026, 1, 1),
            hours=(WorkingHours(starts_at="06:00", ends_at="20:00"),),
        ),
        inspected(BRANCH, "2026-03"),
        inspected("other-branch", "2026-03"),
        objected("later", ObjectionSubject.PARTICIPATION, "counts"),
        later,
        endorsed(later),
        SigningKeyApproved(
            signing_key_id="key",
            organisation_id=COMMUNITY,
            replaces=None,
            valid_from=AT,
            valid_until=AT + timedelta(days=300),
            approved_by="officer",
            approved_by_person="person",
        ),
    )
    await readings.record([reading(purpose="objection")])
    assert await log.head() > position + 200
    await kept_up(log)
    await rebuild(log, [VIEW])
    for where in (log, other_log):
        again = await evidence_at(where, Readings(where.pool), until, CALENDARS)
        assert again.canonical == evidence.canonical
    fresh = await shown(log, await log.head())
    assert fresh.canonical != evidence.canonical


async def test_r21_a_calendar_that_is_published_later_changes_nothing(log: EventLog) -> None:
    position = await given(log, *a_life())
    evidence = await shown(log, position)
    assert evidence.calendars == CALENDARS.citations[-2:]
    published = [each for year in CALENDARS.years if (each := CALENDARS.of(year))]
    coming = Calendar(2027, "国办发明电〔2026〕9号", "v1", frozenset(), frozenset())
    in_a_year = Calendars([*published, coming])
    assert (await shown(log, position, in_a_year)).digest != evidence.digest
    as_cited = in_a_year.as_cited(evidence.calendars)
    assert (await shown(log, position, as_cited)).digest == evidence.digest
    amended = Calendars(
        replace(each, version="amended") if each.year == 2026 else each for each in published
    )
    assert amended.as_cited(evidence.calendars).citations == CALENDARS.citations[-2:-1]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
async def test_r29_the_record_in_it_is_that_of_the_view(log: EventLog, year: int) -> None:
    position = await given(log, *a_life())
    await kept_up(log)
    [found] = [
        each for each in declared(await shown(log, position)).off_duty_record if each.year == year
    ]
    record = await fetch(log.pool, LI, year, CALENDARS)
    assert record is not None
    assert found.totals == record.totals
    assert found.months == record.months
    own = {"recorded", "endorsed"}
    assert [each.model_dump(exclude=own) for each in found.entries] == [
        each.model_dump() for each in record.entries
    ]


async def test_r17_it_says_who_signed_and_by_which_key(log: EventLog) -> None:
    entry = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")
    await given(log, *SETTLED, opened(), entry)
    position = await given(log, endorsed(entry), by=acting(COMMUNITY, "secretary"))
    [year] = declared(await shown(log, position)).off_duty_record
    [shown_entry] = year.entries
    assert shown_entry.endorsed is not None
    assert shown_entry.endorsed.stated.organisation_id == COMMUNITY
    assert shown_entry.endorsed.stated.person == "secretary"
    assert shown_entry.endorsed.stated.position == position
    assert shown_entry.recorded.position == position - 1
    assert shown_entry.endorsed.signature is not None
    assert shown_entry.endorsed.signature.held_by == "service"


async def test_r40_what_was_said_stays_sealed_in_it(log: EventLog) -> None:
    evidence = await shown(log, await given(log, *a_life()))
    text = evidence.canonical.decode()
    for clear in (
        "清扫楼道",
        "为人正派",
        "邻里反映良好",
        "住在单位宿舍",
        "三年如一日",
        "与事实不符",
    ):
        assert clear not in text
    assert evidence.content["member"]["name"].startswith(SEALED)
    assert "13800000000" not in text
    assert "营根镇" not in text


async def test_r29_nothing_about_others_and_nothing_after_the_position(log: EventLog) -> None:
    other = recorded("of-wang", "2026-03-07T09:00", "2026-03-07T11:00", member_id=WANG)
    first = await given(log, *SETTLED, opened(), other)
    await given(log, enrolled("member-new"))
    found = await material(log, Readings(log.pool), about(first))
    assert all(f"member:{LI}" in each.event.tags for each in found.stored)
    assert max(each.position for each in found.recorded) == first - 1
    content = found.evidence(CALENDARS).content
    assert content["off_duty_record"] == []
    names = {each["name"] for each in content["organisations"]}
    assert {AUTHORITY, BRANCH, COMMUNITY} <= names
    assert "foreign-branch" not in names


async def test_r29_inspections_are_those_of_the_branch_at_the_time(log: EventLog) -> None:
    evidence = declared(await shown(log, await given(log, *a_life())))
    found = {(each.branch_id, each.month) for each in evidence.inspections}
    assert found == {(BRANCH, "2026-01"), ("other-branch", "2026-02")}


async def test_a_vetting_that_was_opened_later_has_no_evidence(log: EventLog) -> None:
    position = await given(log, *SETTLED)
    await given(log, opened())
    with pytest.raises(VettingNotInRange):
        await shown(log, position)


def test_moments_are_in_local_time_whoever_read_them() -> None:
    utc = reading(1, at=datetime.fromisoformat("2026-03-04T02:00:00+00:00"))
    happened = [
        Recorded(place, event, AT, AT, SOMEBODY) for place, event in enumerate(a_life(), start=1)
    ]
    evidence = vetting_evidence(about(len(happened), 1), happened, [utc], CALENDARS)
    [found] = orjson.loads(evidence.canonical)["readings"]
    assert found["at"] == "2026-03-04T10:00:00+08:00"
    assert SHANGHAI.utcoffset(None) == timedelta(hours=8)
