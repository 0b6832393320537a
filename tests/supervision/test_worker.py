"""Reminders are made by themselves, each one once: also when the worker is killed (R24)."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import asyncpg
import pytest

from service.data.calendars import published_calendars
from service.domain.event import Event
from service.domain.organisation import OrganisationKind
from service.domain.period import Task
from service.domain.reminder import SupervisionReminded
from service.eventstore import EventLog, decode
from service.projections.runner import Runner
from service.projections.supervision_board_owed import to_be_reminded
from service.supervision.amendments import amend
from service.supervision.objection_escalation import escalate
from service.supervision.opinion_reminders import remind_of_opinions
from service.supervision.reminders import VIEWS, remind
from service.supervision.worker import Work, Worker, works
from tests.api.clock import SettableClock
from tests.database import Database
from tests.domain.duties import inspected
from tests.domain.town import BRANCH, COMMITTEE, OTHER_BRANCH, TOWN, organisation
from tests.eventstore.history import given
from tests.projections.service_year import at, kept_up

NEW_YEAR = at("2026-01-01T08:00")


async def made(log: EventLog) -> list[SupervisionReminded]:
    """Every reminder in the log, in order."""
    stored = await log.stored(after=0, limit=10_000)
    events = [decode(position, data).event for position, data in stored]
    return [event for event in events if isinstance(event, SupervisionReminded)]


async def until(log: EventLog, number: int) -> None:
    """Waits for so many reminders."""
    async with asyncio.timeout(30):
        while len(await made(log)) < number:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def working(
    log: EventLog,
    database: Database,
    clock: SettableClock,
    works: Sequence[Work] = (Work(remind, VIEWS),),
) -> AsyncIterator[Worker]:
    """A worker that does not rest long, and the view it works from."""
    worker = Worker(log, database.app_url, clock, works, every=0.02)
    async with Runner.running(log, VIEWS), worker.running():
        yield worker


async def state(worker: Worker, wanted: str) -> None:
    async with asyncio.timeout(20):
        while worker.state.state != wanted:
            await asyncio.sleep(0.01)


def clock_at(moment: str) -> SettableClock:
    clock = SettableClock()
    clock.now = at(moment)
    return clock


async def listed(log: EventLog, now: datetime) -> int:
    await kept_up(log, VIEWS)
    return await remind(log, now)


async def test_r24_first_the_day_after_then_after_seven_days_then_no_more(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    assert await listed(log, at("2026-02-10T23:59")) == 0
    # Both branches of the town, and the one of another district.
    assert await listed(log, at("2026-02-11T00:00")) == 3
    assert await listed(log, at("2026-02-17T08:00")) == 0
    await given(log, inspected("2026-01", OTHER_BRANCH))
    assert await listed(log, at("2026-02-18T08:00")) == 2
    assert await listed(log, at("2026-03-10T08:00")) == 0
    of_branch = [each for each in await made(log) if each.organisation_id == BRANCH]
    assert [(each.number, str(each.reminded_on)) for each in of_branch] == [
        (1, "2026-02-11"),
        (2, "2026-02-18"),
    ]
    assert {each.above_id for each in of_branch} == {COMMITTEE}


async def test_what_was_due_long_ago_is_not_reminded_of(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    await listed(log, at("2026-11-24T08:00"))
    assert min(each.due_on for each in await made(log)) == datetime(2026, 9, 10).date()  # noqa: DTZ001 - a day


async def test_the_log_has_the_last_word_where_the_list_is_behind(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    now = at("2026-02-11T08:00")
    await kept_up(log, VIEWS)
    # The view does not follow: it does not know of these.
    await given(log, inspected("2026-01"))
    assert await remind(log, now) == 2
    assert await remind(log, now) == 0
    assert Counter(each.organisation_id for each in await made(log))[BRANCH] == 0


async def test_the_same_reminder_from_two_lists_at_once_is_made_once(
    log: EventLog, other_log: EventLog
) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    await kept_up(log, VIEWS)
    now = at("2026-05-11T08:00")
    both = await asyncio.gather(remind(log, now), remind(other_log, now))
    events = await made(log)
    assert sum(both) == len(events) == len({each.reminder_id for each in events}) > 10


async def test_the_worker_follows_the_calendar(log: EventLog, database: Database) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    clock = clock_at("2026-02-10T23:59")
    async with working(log, database, clock) as worker:
        await state(worker, "working")
        await asyncio.sleep(0.2)
        assert await made(log) == []
        clock.now = at("2026-02-11T00:00")
        await until(log, 3)
        clock.now = at("2026-02-18T00:00")
        await until(log, 6)


async def test_one_of_two_works_and_the_other_takes_over(
    log: EventLog, other_log: EventLog, database: Database
) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    clock = clock_at("2026-02-11T08:00")
    async with working(other_log, database, clock) as second:
        await state(second, "working")
        async with working(log, database, clock) as first:
            await state(first, "standby")
            await until(log, 3)
            assert (first.state.state, second.state.state) == ("standby", "working")
            server = await asyncpg.connect(database.owner_url)
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
                " AND pid IN (SELECT pid FROM pg_stat_activity"
                " WHERE application_name = 'eighthours-supervision'"
                " AND datname = current_database())"
            )
            await server.close()
            # Whoever lost the lock stops; one of the two has it again.
            await asyncio.sleep(0.3)
            async with asyncio.timeout(20):
                while {first.state.state, second.state.state} != {"standby", "working"}:
                    await asyncio.sleep(0.01)
            clock.now = at("2026-02-18T08:00")
            await until(log, 6)
        await state(second, "working")
    ids = [each.reminder_id for each in await made(log)]
    assert len(ids) == len(set(ids)) == 6


async def test_nothing_is_looked_up_while_nothing_can_have_become_due(
    log: EventLog, database: Database
) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    looked: list[datetime] = []

    async def look(_log: EventLog, now: datetime) -> int:
        looked.append(now)
        return 0

    clock = clock_at("2026-02-01T08:00")
    await kept_up(log, VIEWS)
    async with working(log, database, clock, (Work(look, VIEWS),)) as worker:
        await state(worker, "working")
        await asyncio.sleep(0.3)
        assert len(looked) == 1
        clock.now = at("2026-02-02T08:00")
        await asyncio.sleep(0.3)
        assert len(looked) == 2
        await given(log, inspected("2026-01"))
        await asyncio.sleep(0.6)
        assert len(looked) == 3


async def test_what_fails_is_tried_again_and_said(
    log: EventLog, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[datetime] = []

    async def fail(_log: EventLog, now: datetime) -> int:
        tries.append(now)
        if len(tries) == 1:
            raise ZeroDivisionError("469030199001010018")
        return 0

    clock = clock_at("2026-02-01T08:00")
    async with working(log, database, clock, (Work(fail, VIEWS),)) as worker:
        await state(worker, "waiting")
        assert worker.state.reason == "ZeroDivisionError"
        await state(worker, "working")
    assert len(tries) == 2
    assert "supervision is held up: ZeroDivisionError" in caplog.text
    assert "469030199001010018" not in caplog.text


def a_city() -> list[Event]:
    """So many who owe so much that nobody reminds them of it within a moment."""
    kind = OrganisationKind.BRANCH
    return [
        organisation("city", OrganisationKind.PERSONNEL_AUTHORITY),
        organisation("agency", OrganisationKind.AGENCY_COMMITTEE, "city"),
        *(organisation(f"branch-{n}", kind, "agency", "city") for n in range(100)),
    ]


async def _started(database: Database) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.supervision.reminding", database.app_url,
        "2026-05-11T08:00:00+08:00",
    )  # fmt: skip


async def test_r24_a_worker_killed_in_the_middle_leaves_each_reminder_made_once(
    log: EventLog, database: Database
) -> None:
    await given(log, *a_city(), at=NEW_YEAR)
    await kept_up(log, VIEWS)
    # Four inspections and a report of each branch; consolidation and symposium.
    expected = 100 * 5 + 2
    for enough in (30, 200):
        process = await _started(database)
        await until(log, enough)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert enough <= len(await made(log)) < expected, "it was to be killed in the middle"
    first, second = await _started(database), await _started(database)
    await until(log, expected)
    await asyncio.sleep(0.5)
    for process in (first, second):
        process.kill()
        await process.wait()
    events = await made(log)
    keys = Counter((each.organisation_id, each.task, each.period) for each in events)
    assert len(keys) == len(events) == expected
    assert Counter(each.task for each in events) == {
        Task.INSPECTION: 400, Task.REPORT: 100, Task.CONSOLIDATION: 1, Task.SYMPOSIUM: 1,
    }  # fmt: skip


async def test_r24_between_the_record_and_the_view_nothing_is_reminded_of_twice(
    log: EventLog,
) -> None:
    """Killed right after a reminder was recorded, before any view knew of it."""
    await given(log, *TOWN, at=NEW_YEAR)
    await kept_up(log, VIEWS)
    now = at("2026-02-11T08:00")
    assert await remind(log, now) == 3
    stale = await to_be_reminded(log.pool, now.date().replace(month=1), now.date())
    assert len(stale) == 3, "the view is to be behind here"
    assert await remind(log, now) == 0
    assert len(await made(log)) == 3


def test_what_there_is_to_do() -> None:
    calendars = published_calendars()
    *listed, amending = works(calendars)
    assert [each.do for each in listed] == [remind, remind_of_opinions, escalate]
    assert isinstance(amending.do, partial)
    keywords = {"calendars": calendars, "looked": {}}
    assert (amending.do.func, amending.do.keywords) == (amend, keywords)
