"""Records that were read before are remembered, and never older than the view."""

from datetime import date

from service.data.calendars import published_calendars
from service.domain.event import Event
from service.domain.working_schedule import TimetableAdopted, WorkingHours
from service.eventstore import EventLog
from service.projections.off_duty_record import VIEW, OffDutyRecord, Record, Records, fetch
from service.projections.rebuild import rebuild
from tests.domain.town import BRANCH, COMMUNITY, LI, SETTLED
from tests.eventstore.history import given
from tests.projections.service_year import at, corrected, endorsed, kept_up, recorded, voided

CALENDARS = published_calendars()
WEDNESDAY = recorded("one", "2026-03-04T07:00", "2026-03-04T09:30")
EARLY_HOURS = TimetableAdopted(
    branch_id=BRANCH,
    valid_from=date(2026, 1, 1),
    hours=(WorkingHours(starts_at="07:00", ends_at="15:00"),),
)


async def read(records: Records, year: int = 2026) -> Record:
    record = await records.read(LI, year)
    assert record is not None
    return record


async def shown(records: Records, log: EventLog, year: int = 2026) -> OffDutyRecord:
    """What is remembered or not, after holding it against a reading that remembers nothing."""
    record = await read(records, year)
    found = OffDutyRecord.model_validate_json(
        record.content.left_sealed(as_of_position=record.as_of_position)
    )
    assert found == await fetch(log.pool, LI, year, CALENDARS)
    return found


async def happened(log: EventLog, *events: Event) -> None:
    await given(log, *events)
    await kept_up(log)


async def test_what_changes_a_record_is_seen_by_the_next_reading(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS)
    await happened(log, *SETTLED)
    assert (await shown(records, log)).entries == []
    await happened(log, WEDNESDAY)
    assert [each.state for each in (await shown(records, log)).entries] == ["unendorsed"]
    await happened(log, endorsement := endorsed(WEDNESDAY))
    assert (await shown(records, log)).totals.inside_minutes == 30
    await happened(log, EARLY_HOURS)
    assert (await shown(records, log)).totals.inside_minutes == 150
    assert endorsement.participation_id == "one"


async def test_an_entry_that_leaves_a_year_is_gone_from_its_record(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS)
    await happened(log, *SETTLED, WEDNESDAY)
    assert len((await shown(records, log)).entries) == 1
    moved = corrected(WEDNESDAY, starts_at=at("2025-03-05T07:00"), ends_at=at("2025-03-05T09:30"))
    await happened(log, moved)
    assert (await shown(records, log)).entries == []
    assert len((await shown(records, log, 2025)).entries) == 1
    await happened(log, voided(moved))
    assert [each.state for each in (await shown(records, log, 2025)).entries] == ["voided"]


async def test_what_does_not_concern_it_moves_its_position_only(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS)
    await happened(log, *SETTLED, WEDNESDAY)
    before = await read(records)
    await happened(
        log, recorded("others", "2026-03-07T09:00", "2026-03-07T10:00", member_id="wang")
    )
    after = await read(records)
    assert after.content is before.content
    assert after.as_of_position == await log.head() > before.as_of_position


async def test_remembered_or_not_it_tells_who_may_read_it(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS)
    await happened(log, *SETTLED)
    for _ in range(2):
        record = await read(records)
        assert (record.branch_id, record.community_id) == (BRANCH, COMMUNITY)


async def test_no_more_is_remembered_than_there_is_room_for(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS, remembered=1)
    await happened(log, *SETTLED, WEDNESDAY)
    before, after = await read(records), await read(records)
    assert after == before
    assert after.content is not before.content


async def test_a_rebuild_in_between_changes_nothing(log: EventLog) -> None:
    records = Records(log.pool, CALENDARS)
    await happened(log, *SETTLED, WEDNESDAY)
    before = await read(records)
    await rebuild(log, [VIEW])
    assert await read(records) == before
