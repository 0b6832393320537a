"""R27: what an opinion says the record holds is what the record shows, as of any position."""

from datetime import date

from service.data.calendars import published_calendars
from service.domain.opinion import OpinionFigures
from service.domain.registration import (
    DeregistrationReason,
    MemberDeregistered,
    RegistrationAccepted,
)
from service.domain.working_time import Calendars
from service.eventstore import EventLog, decode
from service.projections import off_duty_record
from service.projections.opinion_figures import VIEW, opinion_figures
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    accepted,
)
from tests.eventstore.history import given
from tests.projections.service_year import (
    a_year,
    corrected,
    endorsed,
    kept_up,
    recorded,
    voided,
)

NOBODY = OpinionFigures(
    registered_since=None,
    grade_a=0,
    grade_b=0,
    grade_c=0,
    grade_d=0,
    voluntary_minutes=0,
    duty_minutes=0,
    as_of_position=0,
)


async def figures(
    log: EventLog,
    position: int | None = None,
    member_id: str = LI,
    community_id: str = COMMUNITY,
    calendars: Calendars | None = None,
) -> OpinionFigures:
    """As of a position, the head if none is named."""
    await kept_up(log, (VIEW, off_duty_record.VIEW))
    head = await log.head()
    stored = [decode(at, data) for at, data in await log.stored(after=0, limit=10_000)]
    registrations = [
        each
        for each in stored
        if isinstance(each.event, RegistrationAccepted) and each.event.member_id == member_id
    ]
    return await opinion_figures(
        log.pool,
        member_id,
        community_id,
        head if position is None else position,
        registrations,
        calendars or published_calendars(),
    )


async def test_they_are_those_of_the_record_over_all_years(log: EventLog) -> None:
    await given(log, *SETTLED)
    one = recorded("one", "2025-06-07T09:00", "2025-06-07T11:00", ledger="duty")
    over = recorded("over", "2025-12-31T23:00", "2026-01-01T01:00")
    at_work = recorded("at-work", "2026-03-04T16:00", "2026-03-04T18:30")
    await given(log, *[each for event in (one, over, at_work) for each in (event, endorsed(event))])
    await given(log, *a_year([LI, WANG], 20))
    found = await figures(log)
    grades, ledgers = dict.fromkeys("ABCD", 0), {"voluntary": 0, "duty": 0}
    counted = set()
    for year in (2025, 2026):
        record = await off_duty_record.fetch(log.pool, LI, year, published_calendars())
        assert record is not None
        for ledger, minutes in record.totals.by_ledger.items():
            ledgers[ledger] += minutes.outside_minutes
        for entry in record.entries:
            if entry.grade is not None and entry.participation_id not in counted:
                counted.add(entry.participation_id)
                grades[entry.grade] += 1
    assert len(counted) > 10
    assert (found.voluntary_minutes, found.duty_minutes) == (ledgers["voluntary"], ledgers["duty"])
    assert {
        "A": found.grade_a, "B": found.grade_b, "C": found.grade_c, "D": found.grade_d,
    } == grades  # fmt: skip
    assert found.registered_since == AT.date().isoformat()


async def test_what_is_recorded_later_changes_nothing_of_what_was_said(log: EventLog) -> None:
    await given(log, *SETTLED)
    one = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")
    before = await given(log, one, endorsed(one))
    said = await figures(log, before)
    assert (said.voluntary_minutes, said.as_of_position) == (120, before)
    two = recorded("two", "2026-03-08T09:00", "2026-03-08T11:00")
    longer = corrected(one, ends_at=recorded("x", "2026-03-07T09:00", "2026-03-07T12:00").ends_at)
    await given(log, longer, endorsed(longer), two, endorsed(two))
    assert (await figures(log)).voluntary_minutes == 300
    assert await figures(log, before) == said
    await given(log, voided(longer))
    assert (await figures(log)).voluntary_minutes == 120
    assert await figures(log, before) == said


async def test_what_cannot_be_judged_yet_is_not_counted_as_minutes(log: EventLog) -> None:
    await given(log, *SETTLED)
    one = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")
    await given(log, one, endorsed(one))
    found = await figures(log, calendars=Calendars())
    assert found == replaced(await figures(log), voluntary_minutes=0)


async def test_since_when_the_community_has_them(log: EventLog) -> None:
    await given(log, *SETTLED)
    left = MemberDeregistered(
        registration_id="registration-1",
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        reason_code=DeregistrationReason.LEFT,
    )
    await given(log, left)
    again = await given(log, accepted(registration_id="again"), at=AT.replace(month=5))
    elsewhere = accepted(community_id=OTHER_COMMUNITY, registration_id="third")
    await given(log, elsewhere, at=AT.replace(month=6))
    assert (await figures(log)).registered_since == "2026-05-04"
    assert (await figures(log, again - 1)).registered_since == "2026-03-04"
    other = await figures(log, community_id=OTHER_COMMUNITY)
    assert other.registered_since == date(2026, 6, 4).isoformat()


async def test_of_whom_there_is_nothing(log: EventLog) -> None:
    position = await given(log, *SETTLED)
    assert await figures(log, member_id=WANG) == replaced(NOBODY, as_of_position=position)


def replaced(found: OpinionFigures, **differently: int) -> OpinionFigures:
    return found.model_copy(update=differently)
