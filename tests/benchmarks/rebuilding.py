"""All views built from the log: live by following it, then anew beside the live ones."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import asyncpg
import uvloop

from service.data.calendars import published_calendars
from service.eventstore import EventLog
from service.projections import off_duty_record
from service.projections.catalogue import VIEWS, view_named
from service.projections.rebuild import Progress, rebuild
from service.projections.runner import Runner
from service.projections.view import checksum
from tests.benchmarks.child import memory_megabytes
from tests.benchmarks.measuring import Figures, percentile
from tests.benchmarks.world import YEAR, member
from tests.database import MASTER_KEY

ALL = [view.name for view in VIEWS]


def scan(owner_url: str) -> Figures:
    """The whole log as COPY gives it, thrown away as it comes: nothing decoded, nothing kept."""

    async def measure() -> Figures:
        connection = await asyncpg.connect(owner_url, command_timeout=None)
        try:
            begun = perf_counter()
            copied = await connection.copy_from_query(
                "SELECT position, type, tags, data FROM log.events ORDER BY shard, position",
                output=Path(os.devnull),
                format="binary",
            )
            took = perf_counter() - begun
        finally:
            await connection.close()
        return {"rate": int(copied.split()[1]) / took}

    return uvloop.run(measure())


def follow(url: str) -> Figures:
    """The live views, brought to the head by following the log; their checksums."""

    async def measure() -> Figures:
        async with EventLog.open(url, MASTER_KEY) as log:
            begun, head = perf_counter(), await log.head()
            async with Runner.running(log, VIEWS) as runner:
                if not await runner.caught_up(head):
                    raise AssertionError(runner.states())
            rate = head * len(VIEWS) / (perf_counter() - begun)
            return {"rate": rate, "checksums": await _checksums(log)}

    return uvloop.run(measure())


def rebuilt(url: str, names: list[str], members: int, *, checked: bool = False) -> Figures:
    """These views built anew, together; records are read all the while."""

    async def measure() -> Figures:
        samples: list[tuple[float, float]] = []
        async with EventLog.open(url, MASTER_KEY) as log:
            head = await log.head()

            def note(progress: Progress) -> None:
                if progress.view == names[0]:
                    samples.append((progress.position / head, memory_megabytes()))

            reader = asyncio.create_task(_read_all_the_while(log, members))
            begun = perf_counter()
            await rebuild(log, [view_named(name) for name in names], note)
            took = perf_counter() - begun
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
            waits = sorted(_WAITS)
            return {
                "rate": head * len(names) / took,
                "seconds": took,
                "memory_after_a_quarter_mb": next((mb for at, mb in samples if at >= 0.25), 0.0),
                "memory_at_the_end_mb": samples[-1][1] if samples else 0.0,
                "reads": len(waits),
                "slowest_read": percentile(waits, 100),
                "checksums": await _checksums(log) if checked else {},
            }

    return uvloop.run(measure())


_WAITS: list[float] = []


async def _read_all_the_while(log: EventLog, members: int) -> None:
    calendars = published_calendars()
    while True:
        begun = perf_counter()
        found = await off_duty_record.fetch(
            log.pool, member(len(_WAITS) % members), YEAR, calendars
        )
        if found is None:
            raise AssertionError("a record was not there")
        _WAITS.append(perf_counter() - begun)
        await asyncio.sleep(0.02)


async def _checksums(log: EventLog) -> dict[str, str]:
    return {view.name: await checksum(log.pool, view) for view in VIEWS}
