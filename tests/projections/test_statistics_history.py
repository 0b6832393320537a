"""The statistics as of any position, and what changes them in arrears (R15, R20, R23, R32, R40)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random

import pytest

from service.data.calendars import published_calendars
from service.domain.event import Event
from service.domain.membership import SubjectErased
from service.domain.period import Quarter
from service.domain.rule_pack_adoption import RulePackAdopted, RulePackRepealed
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
from service.eventstore.mapping import encode, personal_keys
from service.projections import (
    off_duty_record,
    organisation_statistics,
    rule_packs,
    statistics_years,
)
from service.projections.off_duty_record import OffDutyRecord, Records
from service.projections.organisation_statistics import CRITERION, Statistics
from service.projections.rebuild import rebuild
from service.projections.view import checksum
from tests.domain.rule_packs import HOURS
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    SUBDISTRICT,
    appointed,
    enrolled,
    person,
)
from tests.eventstore.history import SOMEBODY
from tests.projections.service_year import at, endorsed, kept_up, recorded, voided
from tests.projections.statistics_oracle import Oracle, minutes, sorts
from tests.projections.statistics_stories import Happened, Story

CALENDARS = published_calendars()
EVERYWHERE = (BRANCH, OTHER_BRANCH, COMMITTEE, AUTHORITY, COMMUNITY, OTHER_COMMUNITY, SUBDISTRICT)
VIEWS = (organisation_statistics.VIEW, rule_packs.VIEW)
"""The completion rate goes by the packs in force."""


async def happened(log: EventLog, told: Iterable[tuple[Event, datetime]]) -> None:
    """Stores these events as having been recorded when they happened."""
    told = list(told)
    await log.keyring.ensure(personal_keys([event for event, _ in told]))
    await log.append([encode(event, SOMEBODY, at, at, log.keyring) for event, at in told])


async def agree(
    log: EventLog,
    told: Happened,
    organisation_id: str,
    year: int,
    position: int,
    calendars: Calendars = CALENDARS,
) -> None:
    """The statistics as of the position are what the oracle finds."""
    oracle = Oracle(told[:position], calendars)
    on = told[position - 1][1].date()
    asked = f"{organisation_id} in {year} as of {position}"
    found = await Statistics(calendars).read(log.pool, organisation_id, on, year, position)
    assert found is not None
    members = oracle.members_of(organisation_id, on)
    served = oracle.service_of(organisation_id, year)
    counted = [each for each in served if each["counts"]]
    by_member = {
        each["member_id"] for each in oracle.service(year) if each["counts"] and each["times"]
    }
    expected = {key: each for key, each in members.items() if not each["exempt"]}
    registered = sum(each["registered"] for each in expected.values())
    assert found.members == len(members), asked
    for rate, numerator in (
        (found.registration, registered),
        (found.completion, len(by_member & expected.keys())),
    ):
        assert (rate.numerator, rate.denominator) == (numerator, len(expected)), asked
        assert rate.exempt == len(members) - len(expected)
    assert {
        (each.ledger, each.grade, each.category): (
            each.times,
            each.members,
            each.outside_minutes,
            each.inside_minutes,
            each.pending_minutes,
        )
        for each in found.participations.by_sort
    } == sorts(counted, "ledger", "grade", "category", year=year), asked
    for shown, names in (
        ({(key,): each for key, each in found.participations.by_ledger.items()}, "ledger"),
        ({(each.category,): each for each in found.participations.by_category}, "category"),
    ):
        times = {key: (each.times, each.members) for key, each in shown.items() if each.times}
        every = sorts(counted, names, year=year)
        assert times == {key: each[:2] for key, each in every.items() if each[0]}, asked


async def figures_agree(
    log: EventLog, told: Happened, organisation_id: str, quarter: Quarter, position: int
) -> None:
    """The figures of a report are those of the oracle."""
    oracle = Oracle(told[:position], CALENDARS)
    on = quarter.last_day
    standing, service, as_of = await statistics_years.period_figures(
        log.pool, organisation_id, quarter.months, on, position
    )
    assert as_of == position
    members = oracle.members_of(organisation_id, on).values()
    assert (standing.members, standing.exempt, standing.registered) == (
        len(members),
        sum(each["exempt"] for each in members),
        sum(each["registered"] for each in members if not each["exempt"]),
    )
    months = [month.number for month in quarter.months]
    served = oracle.service_of(organisation_id, quarter.year)
    within = [
        each
        for each in served
        if each["began"].year == quarter.year and each["began"].month in months
    ]
    counted = [each for each in served if each["counts"]]
    begun = [each for each in within if each["counts"]]
    every = sorts(counted, "ledger", "grade", "category", year=quarter.year, months=months)
    assert {
        (each.ledger, each.grade, each.category): (each.times, each.outside_minutes)
        for each in service.served
    } == {key: (each[0], each[2]) for key, each in every.items()}
    assert [(each.ledger, each.grade, each.category) for each in service.served] == sorted(every)
    total = minutes(counted, months)
    assert (service.inside_minutes, service.pending_minutes) == (
        total.inside_minutes,
        total.pending_minutes,
    )
    assert service.members == len({each["member_id"] for each in begun})
    for ledger, found in (
        ("duty", service.members_duty),
        ("voluntary", service.members_voluntary),
    ):
        assert found == len({each["member_id"] for each in begun if each["ledger"] == ledger})
    assert service.unendorsed == sum(not each["counts"] and not each["declined"] for each in within)


@pytest.mark.parametrize("seed", range(4))
async def test_any_past_position_is_what_the_events_until_then_come_to(
    log: EventLog, seed: int
) -> None:
    luck, told, kept = Random(seed), Story(seed, 260).told, 0
    while kept < len(told):
        # Cut anyhow: the same rows must come of it.
        upto = min(len(told), kept + luck.choice((1, 2, 9, 40)))
        await happened(log, told[kept:upto])
        await kept_up(log, VIEWS)
        kept = upto
    before = await checksum(log.pool, VIEWS[0])
    for position in [*luck.sample(range(8, len(told)), 12), len(told)]:
        organisation_id = luck.choice(EVERYWHERE)
        await agree(log, told, organisation_id, luck.choice((2025, 2026, 2027)), position)
        quarter = luck.choice((Quarter(2025, 4), Quarter(2026, 1), Quarter(2027, 1)))
        await figures_agree(log, told, organisation_id, quarter, position)
    await rebuild(log, VIEWS)
    assert await checksum(log.pool, VIEWS[0]) == before


async def test_the_statistics_and_every_members_own_record_agree_to_the_minute(
    log: EventLog,
) -> None:
    told = Story(11, 400).told
    await happened(log, told)
    await kept_up(log, (*VIEWS, off_duty_record.VIEW))
    records = Records(log.pool, CALENDARS)
    compared = 0
    for year in (2025, 2026, 2027):
        years, _ = await statistics_years.member_years(
            log.pool, AUTHORITY, year, date(year, 12, 31)
        )
        for each in years:
            record = await records.read(each.member_id, year)
            assert record is not None
            shown = OffDutyRecord.model_validate_json(record.content.left_sealed(as_of_position=1))
            assert each.minutes() == shown.totals.outside_minutes
            for grade, found in shown.totals.by_grade.items():
                served = [part for part in each.served if part.grade == grade]
                assert each.minutes(served) == found.outside_minutes
                compared += found.outside_minutes > 0
            endorsed = [
                entry.endorsement.event_id
                for entry in shown.entries
                if entry.endorsement is not None
                and (entry.credited_minutes or entry.starts_at.year == year)
            ]
            assert (
                await statistics_years.counting_events(log.pool, each.member_id, year) == endorsed
            )
    assert compared > 5


async def test_another_calendar_than_the_rows_were_added_up_by_is_asked_of_the_entries(
    log: EventLog,
) -> None:
    """An operator's amending notice, or a year that is published later (R21)."""
    told = Story(12, 200).told
    await happened(log, told)
    await kept_up(log, VIEWS)
    nothing_off = Calendar(2026, "国办发明电〔2026〕1号", "amended", frozenset(), frozenset())
    every_day_off = Calendar(2027, "国办发明电〔2026〕9号", "new", _days(2027), frozenset())
    amended = Calendars([nothing_off, every_day_off])
    for year in (2026, 2027):
        for organisation_id in (COMMITTEE, SUBDISTRICT):
            await agree(log, told, organisation_id, year, len(told), amended)


def _days(year: int) -> frozenset[date]:
    return frozenset(date(year, 1, 1) + timedelta(days=number) for number in range(365))


@pytest.fixture
async def settled(log: EventLog) -> Happened:
    """Somebody who was registered on a Monday and served on the Tuesday from 09:00 to 11:00."""
    told: Happened = [(each, at("2026-03-02T08:00")) for each in SETTLED]
    told += [
        (SERVED, at("2026-03-03T12:00")),
        (endorsed(SERVED), at("2026-03-04T12:00")),
    ]
    await happened(log, told)
    return told


SERVED = recorded("one", "2026-03-03T09:00", "2026-03-03T11:00")


async def outside(log: EventLog, on: date, position: int | None = None) -> int:
    await kept_up(log, VIEWS)
    found = await Statistics(CALENDARS).read(log.pool, BRANCH, on, position=position)
    assert found is not None
    return sum(each.outside_minutes for each in found.participations.by_sort)


async def test_a_past_day_is_what_the_record_said_at_its_end(
    log: EventLog, settled: Happened
) -> None:
    await kept_up(log, VIEWS)
    for on, members, times, position in (
        (date(2026, 3, 1), 0, 0, 0),
        (date(2026, 3, 2), 1, 0, len(SETTLED)),
        (date(2026, 3, 3), 1, 0, len(SETTLED) + 1),
        (date(2026, 3, 4), 1, 1, len(SETTLED) + 2),
        (date(2026, 3, 9), 1, 1, len(SETTLED) + 2),
    ):
        found = await organisation_statistics.fetch(log.pool, BRANCH, on)
        assert found is not None
        assert found.members == members
        assert found.participations.by_ledger["voluntary"].times == times
        # The town's officers are nobody the statistics look at, so a day may end earlier.
        assert found.as_of_position <= position
    assert len(settled) == len(SETTLED) + 2


async def test_r20_what_is_known_about_working_time_later_counts_from_then_on(
    log: EventLog, settled: Happened
) -> None:
    """Leave, shifts and hours in arrears: today's figure changes, the past one does not."""
    before = len(settled)
    today = date(2026, 3, 10)
    # A Tuesday within the hours that are assumed.
    assert await outside(log, today) == 0
    late = TimetableAdopted(
        branch_id=BRANCH,
        valid_from=date(2026, 3, 1),
        hours=(WorkingHours(starts_at="10:00", ends_at="18:00"),),
    )
    await happened(log, [(late, at("2026-03-05T08:00"))])
    assert await outside(log, today) == 60
    leave = LeaveApproved(
        leave_id="leave",
        member_id=LI,
        branch_id=BRANCH,
        starts_at=at("2026-03-03T10:30"),
        ends_at=at("2026-03-03T12:00"),
        reason_code=LeaveReason.PERSONAL,
    )
    await happened(log, [(leave, at("2026-03-06T08:00"))])
    assert await outside(log, today) == 90
    shift = DutyShift(starts_at=at("2026-03-03T09:00"), ends_at=at("2026-03-03T09:20"))
    shifts = ShiftsAssigned(member_id=LI, branch_id=BRANCH, shifts=(shift,))
    await happened(log, [(shifts, at("2026-03-07T08:00"))])
    assert await outside(log, today) == 100
    assert [await outside(log, today, before + each) for each in range(4)] == [0, 60, 90, 100]


async def test_r40_of_an_erased_member_only_numbers_stay(log: EventLog, settled: Happened) -> None:
    erased = SubjectErased(
        erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
    )
    waiting = recorded("two", "2026-03-07T09:00", "2026-03-07T11:00")
    await happened(log, [(waiting, at("2026-03-08T08:00")), (erased, at("2026-03-09T08:00"))])
    await kept_up(log, VIEWS)
    now, before = date(2026, 3, 31), len(settled)
    for position, members, times, unendorsed in (
        (before, 1, 1, 0),
        (before + 1, 1, 1, 1),
        (before + 2, 0, 1, 0),
    ):
        standing, service, _ = await statistics_years.period_figures(
            log.pool, BRANCH, Quarter(2026, 1).months, now, position
        )
        assert standing.members == members
        assert sum(each.times for each in service.served) == times
        assert service.unendorsed == unendorsed
        years, _ = await statistics_years.member_years(log.pool, BRANCH, 2026, now, position)
        assert years == []
    # What is still said about them changes nothing, and brings nothing back.
    await happened(log, [(voided(SERVED), at("2026-03-10T08:00"))])
    await kept_up(log, VIEWS)
    _, service, _ = await statistics_years.period_figures(
        log.pool, BRANCH, Quarter(2026, 1).months, now
    )
    assert sum(each.times for each in service.served) == 1
    for table in VIEWS[0].tables:
        rows = await log.pool.fetchval(
            f"SELECT count(*) FROM views.{table.name} t WHERE t::text LIKE '%' || $1 || '%'",  # noqa: S608 - our own tables
            LI,
        )
        assert rows == 0, table.name


async def test_it_is_said_which_position_the_answer_is_as_of(
    log: EventLog, settled: Happened
) -> None:
    await kept_up(log, VIEWS)
    for position, found in ((3, 3), (len(settled), len(settled)), (10**6, len(settled))):
        answer = await Statistics(CALENDARS).read(
            log.pool, BRANCH, date(2026, 3, 5), position=position
        )
        assert answer is not None
        assert answer.as_of_position == found


ADOPTED = RulePackAdopted(
    pack_id="pack",
    organisation_id=COMMITTEE,
    pack=HOURS,
    adopted_by="secretary",
    adopted_by_person=person("secretary"),
)


async def test_r34_completion_goes_by_the_pack_that_was_adopted_by_then(
    log: EventLog, settled: Happened
) -> None:
    await happened(log, [(ADOPTED, at("2026-03-08T08:00"))])
    await kept_up(log, VIEWS)
    statistics = Statistics(CALENDARS)
    for position, completed, criterion in (
        (len(settled), 1, CRITERION),
        (len(settled) + 1, 0, f"达到{ADOPTED.titled}"),
    ):
        for organisation_id in (BRANCH, COMMITTEE, COMMUNITY):
            found = await statistics.read(
                log.pool, organisation_id, date(2026, 3, 9), position=position
            )
            assert found is not None
            assert (found.completion.numerator, found.criterion) == (completed, criterion)
        # Of another year it says nothing.
        before = await statistics.read(log.pool, BRANCH, date(2026, 3, 9), 2025, position)
        assert before is not None
        assert before.criterion == CRITERION


@pytest.mark.usefixtures("settled")
async def test_an_answer_is_remembered_until_something_changes(log: EventLog) -> None:
    statistics, on = Statistics(CALENDARS), date(2026, 3, 31)

    async def asked() -> tuple[int, str, int]:
        await kept_up(log, VIEWS)
        found = await statistics.read(log.pool, COMMITTEE, on)
        assert found is not None
        assert found.as_of_position == await log.head()
        return found.members, found.criterion, len(statistics._known)

    assert await asked() == (2, CRITERION, 1)
    # An officer is nobody the statistics look at.
    await happened(log, [(appointed("new-officer"), at("2026-03-09T08:00"))])
    assert await asked() == (2, CRITERION, 1)
    await happened(log, [(enrolled("new-member"), at("2026-03-09T09:00"))])
    assert await asked() == (3, CRITERION, 2)
    await happened(log, [(ADOPTED, at("2026-03-09T10:00"))])
    assert await asked() == (3, f"达到{ADOPTED.titled}", 3)
    repealed = RulePackRepealed(
        pack_id=ADOPTED.pack_id,
        organisation_id=COMMITTEE,
        document_no=HOURS.document_no,
        valid_to=HOURS.valid_from,
        reason="另行规定",
        repealed_by="secretary",
        repealed_by_person=person("secretary"),
    )
    await happened(log, [(repealed, at("2026-03-09T11:00"))])
    assert await asked() == (3, CRITERION, 4)
