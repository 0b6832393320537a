"""The record of one member and year, right to the minute."""

from datetime import date, timedelta

import pytest

from service.data.calendars import published_calendars
from service.domain.activity import ActivityKind
from service.domain.endorsement import EndorsementDeclined, EndorsementDeclineReason
from service.domain.event import Event
from service.domain.objection import ObjectionSubject
from service.domain.working_schedule import (
    DutyShift,
    LeaveApproved,
    LeaveReason,
    ShiftsAssigned,
    TimetableAdopted,
    WorkingHours,
)
from service.domain.working_time import Calendar, Calendars
from service.eventstore import EventLog
from service.projections.off_duty_record import OffDutyRecord, fetch
from tests.domain.duties import objected, objection_answered, objection_withdrawn
from tests.domain.town import AT, BRANCH, COMMUNITY, LI, REGISTRATION, SETTLED, person
from tests.eventstore.history import given
from tests.projections.service_year import (
    at,
    corrected,
    endorsed,
    kept_up,
    recorded,
    revoked,
    voided,
)

CALENDARS = published_calendars()
UNIT_HOURS = TimetableAdopted(
    branch_id=BRANCH,
    valid_from=date(2026, 1, 1),
    hours=(
        WorkingHours(starts_at="09:00", ends_at="12:00"),
        WorkingHours(starts_at="13:00", ends_at="17:00"),
    ),
)
SHIFT = ShiftsAssigned(
    member_id=LI,
    branch_id=BRANCH,
    shifts=(DutyShift(starts_at=at("2026-07-04T08:00"), ends_at=at("2026-07-04T16:00")),),
)
LEAVE = LeaveApproved(
    leave_id="leave",
    member_id=LI,
    branch_id=BRANCH,
    starts_at=at("2026-03-04T00:00"),
    ends_at=at("2026-03-05T00:00"),
    reason_code=LeaveReason.ANNUAL,
)
SATURDAY = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")


async def shown(
    log: EventLog, *events: Event, year: int = 2026, calendars: Calendars = CALENDARS
) -> OffDutyRecord:
    if events:
        await given(log, *events)
    await kept_up(log)
    record = await fetch(log.pool, LI, year, calendars)
    assert record is not None
    assert record.as_of_position == await log.head()
    return record


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "besides", "inside", "outside", "pending"),
    [
        ("2026-02-14T09:00", "2026-02-14T11:00", [], 120, 0, 0),
        ("2026-02-17T09:00", "2026-02-17T11:00", [], 0, 120, 0),
        ("2026-02-28T12:00", "2026-02-28T14:00", [], 60, 60, 0),
        ("2026-03-04T16:00", "2026-03-04T18:30", [], 60, 90, 0),
        ("2026-07-04T09:00", "2026-07-04T11:00", [SHIFT], 120, 0, 0),
        ("2026-03-04T14:00", "2026-03-04T16:00", [LEAVE], 0, 120, 0),
        ("2027-05-01T09:00", "2027-05-01T11:00", [], 0, 0, 120),
    ],
)
async def test_r20_the_seven_cases_of_the_domain(
    log: EventLog,
    starts_at: str,
    ends_at: str,
    besides: list[Event],
    inside: int,
    outside: int,
    pending: int,
) -> None:
    event = recorded("one", starts_at, ends_at)
    record = await shown(
        log, *SETTLED, UNIT_HOURS, event, endorsed(event), *besides, year=int(starts_at[:4])
    )
    [entry] = record.entries
    minutes = (entry.inside_minutes, entry.outside_minutes, entry.pending_minutes)
    assert minutes == (inside, outside, pending)
    assert entry.credited_minutes == sum(minutes)
    assert not entry.default_timetable
    totals = record.totals
    assert (totals.inside_minutes, totals.outside_minutes, totals.pending_minutes) == minutes


async def test_r21_a_calendar_that_arrives_later_is_computed_without_touching_the_log(
    log: EventLog,
) -> None:
    event = recorded("one", "2027-05-01T09:00", "2027-05-01T11:00")
    pending = await shown(log, *SETTLED, event, endorsed(event), year=2027)
    assert pending.entries[0].calendar == "2027年放假安排尚未公布"
    calendar = Calendar(2027, "国办发明电〔2026〕9号", "v1", frozenset(), frozenset())
    computed = await shown(log, year=2027, calendars=Calendars([calendar]))
    assert computed.totals.outside_minutes == 120
    assert computed.entries[0].calendar == calendar.citation
    assert computed.as_of_position == pending.as_of_position


async def test_only_endorsed_participations_count_and_the_rest_is_shown_apart(
    log: EventLog,
) -> None:
    record = await shown(log, *SETTLED, SATURDAY)
    assert (record.totals.outside_minutes, record.totals.unendorsed_minutes) == (0, 120)
    assert record.entries[0].state == "unendorsed"
    assert record.entries[0].grade is None
    record = await shown(log, endorsed(SATURDAY))
    assert (record.totals.outside_minutes, record.totals.unendorsed_minutes) == (120, 0)
    [entry] = record.entries
    assert entry.state == "endorsed"
    assert entry.endorsement is not None
    assert (entry.endorsement.performance, entry.endorsement.endorsed_by) == ("good", "secretary")
    assert entry.endorsement.endorsed_at == AT
    assert not entry.disputed
    assert record.months[2].outside_minutes == 120
    assert [month.month for month in record.months][::11] == ["2026-01", "2026-12"]


async def test_r17_a_declined_or_revoked_endorsement_does_not_count(log: EventLog) -> None:
    declined = EndorsementDeclined(
        participation_id="one",
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        endorses=SATURDAY.event_id,
        reason_code=EndorsementDeclineReason.NOT_PRESENT,
        declined_by="secretary",
        declined_by_person=person("secretary"),
    )
    record = await shown(log, *SETTLED, SATURDAY, declined)
    assert record.entries[0].state == "declined"
    word = endorsed(SATURDAY)
    record = await shown(log, word, revoked(word))
    [entry] = record.entries
    assert (entry.state, record.totals.outside_minutes) == ("unendorsed", 0)
    assert [each.endorsement_id for each in entry.revocations] == [word.endorsement_id]


async def test_r18_a_correction_is_shown_and_needs_a_new_endorsement(log: EventLog) -> None:
    correction = corrected(SATURDAY, ends_at=at("2026-03-07T10:30"))
    record = await shown(log, *SETTLED, SATURDAY, endorsed(SATURDAY), correction)
    [entry] = record.entries
    assert (entry.state, entry.credited_minutes) == ("unendorsed", 90)
    assert [each.corrects for each in entry.corrections] == [SATURDAY.event_id]
    assert entry.corrections[0].event_id == correction.event_id
    record = await shown(log, endorsed(correction))
    assert record.totals.outside_minutes == 90


async def test_r18_a_voided_entry_is_shown_with_its_reason_and_counts_nothing(
    log: EventLog,
) -> None:
    record = await shown(log, *SETTLED, SATURDAY, endorsed(SATURDAY), voided(SATURDAY))
    [entry] = record.entries
    assert (entry.state, entry.credited_minutes, entry.grade) == ("voided", 0, None)
    assert entry.voided is not None
    reason = log.keyring.open(LI, "assessment", "reason", entry.voided.reason)
    assert reason == "重复记录"
    assert record.totals.outside_minutes == record.totals.unendorsed_minutes == 0


async def test_r39_an_entry_is_disputed_until_the_objection_is_settled(log: EventLog) -> None:
    """And nothing else about it changes."""
    two = recorded("two", "2026-03-08T09:00", "2026-03-08T10:00")
    before = await shown(log, *SETTLED, SATURDAY, endorsed(SATURDAY), two)
    for settled in (objection_answered, objection_withdrawn):
        objection = objected("one")
        elsewhere = objected("two", ObjectionSubject.OPINION)
        record = await shown(log, objection, elsewhere)
        assert [entry.disputed for entry in record.entries] == [True, False]
        assert record.totals == before.totals
        record = await shown(log, settled(objection))
        assert [entry.disputed for entry in record.entries] == [False, False]
        assert record.entries == before.entries


async def test_r15_credit_is_clipped_to_the_planned_window(log: EventLog) -> None:
    event = recorded(
        "one",
        "2026-03-07T08:00",
        "2026-03-07T12:00",
        window_starts_at=at("2026-03-07T09:00"),
        window_ends_at=at("2026-03-07T11:00"),
    )
    record = await shown(log, *SETTLED, event, endorsed(event))
    assert record.entries[0].credited_minutes == 120


async def test_r15_an_overlap_counts_once_and_both_are_flagged(log: EventLog) -> None:
    other = recorded("two", "2026-03-07T10:00", "2026-03-07T12:00", ledger="duty")
    record = await shown(log, *SETTLED, SATURDAY, other, endorsed(SATURDAY), endorsed(other))
    assert record.totals.outside_minutes == 180
    assert [entry.credited_minutes for entry in record.entries] == [120, 60]
    assert [entry.overlaps for entry in record.entries] == [["two"], ["one"]]


async def test_what_nobody_vouched_for_takes_no_minutes_from_an_endorsed_entry(
    log: EventLog,
) -> None:
    other = recorded("two", "2026-03-07T10:00", "2026-03-07T12:00")
    record = await shown(log, *SETTLED, SATURDAY, other, endorsed(other))
    assert record.totals.outside_minutes == 120
    assert record.totals.unendorsed_minutes == 60


async def test_r16_grades_are_derived(log: EventLog) -> None:
    signed = {
        "signed_in_at": at("2026-03-01T09:00"),
        "signed_out_at": at("2026-03-01T10:00"),
    }
    events = [
        recorded("a", "2026-03-01T09:00", "2026-03-01T10:00", **signed),
        recorded("b", "2026-03-02T19:00", "2026-03-02T20:00"),
        recorded("c", "2026-03-03T19:00", "2026-03-03T20:00", kind=ActivityKind.OWN),
        recorded("d", "2026-01-10T09:00", "2026-01-10T10:00"),
    ]
    record = await shown(log, *SETTLED, *events, *map(endorsed, events))
    grades = {entry.participation_id: entry.grade for entry in record.entries}
    assert grades == {"a": "A", "b": "B", "c": "C", "d": "D"}
    assert {each.outside_minutes for each in record.totals.by_grade.values()} == {60}


async def test_r19_the_two_ledgers_are_given_apart(log: EventLog) -> None:
    duty = recorded("two", "2026-03-08T09:00", "2026-03-08T10:00", ledger="duty")
    record = await shown(log, *SETTLED, SATURDAY, duty, endorsed(SATURDAY), endorsed(duty))
    ledgers = record.totals.by_ledger
    assert (ledgers["voluntary"].outside_minutes, ledgers["duty"].outside_minutes) == (120, 60)
    assert record.totals.by_category["cleaning"].participations == 2


async def test_an_interval_over_new_year_is_split_between_the_years(log: EventLog) -> None:
    event = recorded("one", "2025-12-31T23:00", "2026-01-01T01:30")
    later = await shown(log, *SETTLED, event, endorsed(event))
    assert (later.entries[0].credited_minutes, later.months[0].outside_minutes) == (90, 90)
    former = await shown(log, year=2025)
    assert (former.entries[0].credited_minutes, former.months[11].outside_minutes) == (60, 60)
    assert (await shown(log, year=2024)).entries == []


async def test_an_interval_over_the_end_of_a_month_is_split_between_the_months(
    log: EventLog,
) -> None:
    event = recorded("one", "2026-01-31T23:00", "2026-02-01T00:30")
    record = await shown(log, *SETTLED, event, endorsed(event))
    assert [month.outside_minutes for month in record.months[:3]] == [60, 30, 0]


async def test_an_assumed_timetable_is_said(log: EventLog) -> None:
    event = recorded("one", "2026-03-04T16:00", "2026-03-04T18:30")
    record = await shown(log, *SETTLED, event)
    assert record.entries[0].default_timetable
    adopted = UNIT_HOURS.model_copy(
        update={"hours": (WorkingHours(starts_at="08:00", ends_at="16:30"),)}
    )
    record = await shown(log, adopted)
    assert not record.entries[0].default_timetable
    assert record.entries[0].inside_minutes == 30


async def test_the_registration_is_shown(log: EventLog) -> None:
    registration = (await shown(log, *SETTLED)).registration
    assert registration is not None
    assert registration.registration_id == REGISTRATION
    assert (registration.state, registration.registered_at) == ("accepted", AT)


async def test_nobody_else_has_a_record(log: EventLog) -> None:
    await given(log, *SETTLED)
    await kept_up(log)
    assert await fetch(log.pool, "nobody", 2026, CALENDARS) is None


async def test_free_text_stays_sealed(log: EventLog) -> None:
    record = await shown(log, *SETTLED, SATURDAY, endorsed(SATURDAY))
    [entry] = record.entries
    assert entry.content.startswith("sealed:")
    assert entry.endorsement is not None
    assert entry.endorsement.comment is not None
    assert entry.endorsement.comment.startswith("sealed:")


async def test_entries_stand_in_the_order_of_their_start(log: EventLog) -> None:
    later = recorded("two", "2026-03-07T08:00", "2026-03-07T09:00")
    record = await shown(log, *SETTLED, SATURDAY, later)
    assert [entry.participation_id for entry in record.entries] == ["two", "one"]
    assert record.entries[0].starts_at.utcoffset() == timedelta(hours=8)
