"""The database goes away in the middle of something: nobody is told what is not certain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from eventsourcing.dcb.api import DCBEvent

from service.eventstore import EventLog, LogUnavailable, writer
from tests.database import Database
from tests.faults.proxy import Proxy

EVENT = DCBEvent("a", b"", ["x:1"])
LOCK = "SELECT pg_advisory_lock(lock_key) FROM log.shards"


@asynccontextmanager
async def owner_of(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


async def limit(owner: asyncpg.Connection, database: Database, connections: int) -> None:
    """How many connections the database takes; -1 for any number."""
    await owner.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT {connections}")


async def cut_writer(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'eighthours-writer'"
    )


async def test_a_call_that_arrives_after_its_sender_has_asked_again_is_refused(
    database: Database,
) -> None:
    """Its connection is reset while it is on its way; it is sent again, then the first arrives."""
    async with Proxy.before(database.app_url) as proxy, EventLog.open(proxy.url) as log:
        await log.append([EVENT])
        late = asyncio.create_task(proxy.suffer("late"))
        await asyncio.sleep(0)
        assert await log.append([EVENT]) == 2
        await late
        await asyncio.sleep(0.3)
        async with owner_of(database) as owner:
            await owner.execute(LOCK)  # whatever arrived has ended
        assert await log.append([EVENT]) == 3


async def test_an_outcome_of_nothing_is_final(database: Database) -> None:
    async with owner_of(database) as owner:
        call = (
            "SELECT log.append(1::smallint, $1, 1, true, '{0}', '1', e'\\x1ea', e'\\x1ex:1',"
            " '{\"\"}', '', '', '', '', '{}', '{}', '{}', '{}')"
        )
        outcome = "SELECT log.outcome(1::smallint, $1, 1)"
        one, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
        assert await owner.fetchval(outcome, one) is None
        with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError):
            await owner.fetchval(call, one)
        assert await owner.fetchval(call, other) == [1]
        assert await owner.fetchval(outcome, other) == [1]


async def test_a_database_without_a_free_connection_does_not_end_the_writer(
    database: Database,
) -> None:
    async with EventLog.open(database.app_url) as log, owner_of(database) as owner:
        await limit(owner, database, 0)
        await cut_writer(owner)
        waiting = asyncio.create_task(log.append([EVENT]))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await limit(owner, database, -1)
        async with asyncio.timeout(10):
            assert await waiting == 1


async def test_an_outcome_that_cannot_be_found_out_is_not_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RECONNECT_FOR", 0.5)
    async with EventLog.open(database.app_url) as log, owner_of(database) as owner:
        await owner.execute(LOCK)
        waiting = asyncio.create_task(log.append([EVENT]))
        await asyncio.sleep(0.2)
        await limit(owner, database, 0)
        await cut_writer(owner)
        await asyncio.sleep(0.8)  # longer than one wait, shorter than two
        await limit(owner, database, -1)
        await owner.execute("SELECT pg_advisory_unlock_all()")
        async with asyncio.timeout(10):
            with pytest.raises(LogUnavailable):
                await waiting
        assert await log.append([EVENT]) == 1


async def test_a_full_disk_is_nobodys_fault(database: Database) -> None:
    """Everybody is told to come again, and the next one is served when there is room."""
    async with EventLog.open(database.app_url) as log, owner_of(database) as owner:
        await owner.execute(
            "CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        await owner.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON log.events EXECUTE FUNCTION public.full()"
        )
        told = await asyncio.gather(
            *(log.append([EVENT]) for _ in range(5)), return_exceptions=True
        )
        assert [type(each) for each in told] == [LogUnavailable] * 5
        await owner.execute("DROP TRIGGER no_room ON log.events")
        assert await log.append([EVENT]) == 1
