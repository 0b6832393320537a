"""One conditional append per commit: a 300-byte event, 4 tags, a condition of two items.

Every event is about subjects of its own, so nobody is in anybody's way; the condition looks at all
that came after the writer's last append, as a decision's would.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import umadb
import uvloop
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem

from service.eventstore import EventLog
from tests.benchmarks.library import recorder
from tests.benchmarks.measuring import Figures, Window, drive, drive_threads

TYPES = ("RegistrationAccepted", "MemberDeregistered")
DATA = b'{"text":"' + b"x" * 289 + b'"}'

PLAIN_TABLE = """
CREATE TABLE IF NOT EXISTS plain_events (
    position bigserial PRIMARY KEY, type text NOT NULL, tags text[] NOT NULL, data bytea NOT NULL)
"""


class _Writers:
    """What each writer appends next, and after which position it has to look."""

    def __init__(self, run: str, writers: int) -> None:
        self._run = run
        self._done = [0] * writers
        self.after: list[int | None] = [None] * writers

    def next(self, writer: int) -> tuple[list[str], str, str]:
        """All tags, and the two that the condition is about."""
        number = self._done[writer]
        self._done[writer] += 1
        member = f"member:{self._run}-{writer}-{number}"
        registration = f"registration:{self._run}-{writer}-{number}"
        tags = [member, f"branch:{writer % 50}", f"community:{number % 50}", registration]
        return tags, member, registration


def ours(url: str, run: str, writers: int, window: dict[str, float]) -> Figures:
    """`EventLog.append`, one log in one process."""

    async def measure() -> Figures:
        async with EventLog.open(url) as log:
            return await appended(log, run, writers, window)

    return uvloop.run(measure())


async def appended(log: EventLog, run: str, writers: int, window: dict[str, float]) -> Figures:
    """This many writers append to the log as fast as they can."""
    state = _Writers(run, writers)

    async def append(writer: int) -> None:
        tags, member, registration = state.next(writer)
        items = [DCBQueryItem([TYPES[0]], [member]), DCBQueryItem([TYPES[1]], [registration])]
        state.after[writer] = await log.append(
            [DCBEvent(TYPES[0], DATA, tags)],
            DCBAppendCondition(DCBQuery(items), state.after[writer]),
        )

    return (await drive(writers, Window(**window), append)).figures()


def library(url: str, run: str, writers: int, window: dict[str, float]) -> Figures:
    """`PostgresDCBRecorderTT.append`, a thread and a connection for each writer."""
    state = _Writers(run, writers)
    store = recorder(url, writers)

    def append(writer: int) -> None:
        tags, member, registration = state.next(writer)
        items = [DCBQueryItem([TYPES[0]], [member]), DCBQueryItem([TYPES[1]], [registration])]
        state.after[writer] = store.append(
            [DCBEvent(TYPES[0], DATA, tags)],
            DCBAppendCondition(DCBQuery(items), state.after[writer]),
        )

    try:
        return drive_threads(writers, Window(**window), append).figures()
    finally:
        store.datastore.close()


def uma(url: str, run: str, writers: int, window: dict[str, float]) -> Figures:
    """UmaDB's client, a thread for each writer on one channel (several were slower)."""
    state = _Writers(run, writers)
    client = umadb.Client(url)

    def append(writer: int) -> None:
        tags, member, registration = state.next(writer)
        query = umadb.Query(
            [umadb.QueryItem([TYPES[0]], [member]), umadb.QueryItem([TYPES[1]], [registration])]
        )
        state.after[writer] = client.append(
            [umadb.Event(TYPES[0], DATA, tags)],
            umadb.AppendCondition(query, state.after[writer]),
        )

    return drive_threads(writers, Window(**window), append).figures()


def plain(url: str, run: str, writers: int, window: dict[str, float]) -> Figures:
    """One plain INSERT of the same row per commit, a connection for each writer: no condition."""

    async def measure() -> Figures:
        state = _Writers(run, writers)
        async with AsyncExitStack() as stack:
            inserts: list[Any] = []
            for _ in range(writers):
                connection = await asyncpg.connect(url)
                stack.push_async_callback(connection.close)
                inserts.append(
                    await connection.prepare(
                        "INSERT INTO plain_events (type, tags, data) VALUES ($1, $2, $3)"
                        " RETURNING position"
                    )
                )

            async def append(writer: int) -> None:
                tags, _, _ = state.next(writer)
                await inserts[writer].fetchval(TYPES[0], tags, DATA)

            return (await drive(writers, Window(**window), append)).figures()

    return uvloop.run(measure())


def prepare_plain(url: str) -> None:
    """Makes the table of `plain`."""

    async def make() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(PLAIN_TABLE)
        finally:
            await connection.close()

    asyncio.run(make())
