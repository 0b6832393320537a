"""The log: append, read, follow and decide, with the contract of `eventsourcing.dcb.api`, async.

One table of events with dense positions in commit order (migrations/0001_log.sql). Because position
*n+1* is never visible before position *n*, a reader needs to remember one number and nothing else,
and the head is always safe as ``after``.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime

import asyncpg
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBSequencedEvent,
)
from eventsourcing.persistence import ProgrammingError

from service.domain.event import SHANGHAI, Command
from service.eventstore.call import SHARD, joined
from service.eventstore.connection import READER
from service.eventstore.decisions import Decided, Decision, Idempotency
from service.eventstore.mapping import LONGEST_EVENT, UnstorableEvent
from service.eventstore.reading import AT_ONCE, Question, ReadResponse, Reads
from service.eventstore.waking import Listener, Waker
from service.eventstore.writer import Append, Writer
from service.trust.keyring import KeyRing
from service.trust.master_key import MasterKey

_GENERIC_PLANS = {"plan_cache_mode": "force_generic_plan"}
"""For connections that run the few statements whose generic plan is the right one: planning anew
for each call costs more than three times what running it does."""

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in Asia/Shanghai."""
    return datetime.now(SHANGHAI)


class UnsafeDatabase(RuntimeError):
    """数据库设置不安全：断电可能丢失已确认的记录"""


class EventLog:
    """One process's access to the log. Use ``async with EventLog.open(url) as log``."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        fenced: asyncpg.Pool,
        keyring: KeyRing,
        writer: Writer,
        reads: Reads,
        listener: Listener,
    ) -> None:
        self.pool = pool
        """Connections of the application role, for views."""
        self.fenced = fenced
        """Connections for questions about members: they see what the fence of the views lets
        through (`service/projections/fence.py`)."""
        self.keyring = keyring
        self._writer = writer
        self._reads = reads
        self._listener = listener

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        database_url: str,
        master_key: MasterKey | None = None,
        clock: Clock = system_clock,
        connections: int = 8,
    ) -> AsyncIterator["EventLog"]:
        """Connects, refuses unsafe settings, and starts the writer.

        Without a master key a passing one is made, good for bytes and for events without personal
        fields to be read again. Raises UnsafeDatabase, UnusableMasterKey.
        """

        async def connect() -> asyncpg.Connection:
            return await asyncpg.connect(
                database_url,
                timeout=10,
                command_timeout=60,
                server_settings={
                    **_GENERIC_PLANS,
                    "statement_timeout": "30s",
                    "application_name": "eighthours-writer",
                },
            )

        def pool_of(at_most: int, settings: Mapping[str, str]) -> asyncpg.Pool:
            return asyncpg.create_pool(
                database_url,
                min_size=1,
                max_size=at_most,
                command_timeout=60,
                server_settings={"application_name": "eighthours", **settings},
                reset=_leave_as_it_is,
            )

        async with (
            pool_of(connections, {}) as pool,
            pool_of(connections, {"role": READER}) as fenced,
            pool_of(AT_ONCE, _GENERIC_PLANS) as readers,
        ):
            rows = await pool.fetch("SELECT name, setting FROM pg_settings")
            require_safe({row["name"]: row["setting"] for row in rows})
            keyring = KeyRing(pool, master_key or MasterKey.passing())
            if master_key is not None:
                await keyring.check()
            writer = Writer(connect, keyring, clock)
            await writer.start()
            listener = Listener(database_url)
            try:
                yield cls(pool, fenced, keyring, writer, Reads(readers), listener)
            finally:
                await writer.close()
                await listener.close()

    async def append(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None
    ) -> int:
        """Appends all events or none, unless an event matches the condition; returns the position
        of the last one.

        Raises IntegrityError on a conflict, UnstorableEvent for what cannot be stored, Overloaded,
        LogUnavailable.
        """
        if not events:
            raise ProgrammingError("at least one event is appended")
        for event in events:
            if len(event.data) > LONGEST_EVENT:
                raise UnstorableEvent(f"{len(event.data)} bytes, more than {LONGEST_EVENT}")
            joined(event.tags)
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._writer.submit(Append(events, condition, done))
        return await done

    async def decide(
        self,
        command: Command,
        idempotency: Idempotency | None = None,
        caused_by: str | None = None,
    ) -> Decided:
        """Decides the command on what the log holds and appends what happened, as one step.

        Raises the command's Rejection, IdempotencyKeyReused, Overloaded, LogUnavailable.
        """
        done: asyncio.Future[Decided] = asyncio.get_running_loop().create_future()
        self._writer.submit(Decision(command, idempotency, caused_by, done))
        return await done

    async def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> ReadResponse:
        """The events that match any item of the query, after a position, at most ``limit``.

        An event matches an item if it has any of its types (or there are none) and all its tags.
        """
        items = query.items if query else []
        if limit is None and (question := Question.of(items, after or 0)) is not None:
            return await self._reads.find(question)
        rows = await self.pool.fetch(
            "SELECT * FROM log.read($1, $2, $3, $4, $5)",
            SHARD,
            after or 0,
            limit,
            [joined(item.types) for item in items],
            [joined(item.tags) for item in items],
        )
        events = [
            DCBSequencedEvent(DCBEvent(type_, data, tags), position)
            for position, type_, tags, data in rows[1:]
        ]
        if limit is None:
            return ReadResponse(events, rows[0][0] or None)
        return ReadResponse(events, events[-1].position if events else None)

    async def stored(self, *, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Positions and stored bytes after a position, for whoever needs nothing else of events."""
        rows = await self.pool.fetch(
            "SELECT position, data FROM log.events WHERE shard = $1 AND position > $2"
            " ORDER BY position LIMIT $3",
            SHARD,
            after,
            limit,
        )
        return [(position, data) for position, data in rows]

    async def head(self) -> int:
        """The last position; 0 for an empty log."""
        head: int = await self.pool.fetchval("SELECT log.head($1)", SHARD)
        return head

    async def follow(
        self, query: DCBQuery | None = None, *, after: int | None = None, batch: int = 1000
    ) -> AsyncGenerator[DCBSequencedEvent, None]:
        """All matching events after a position, in order, for ever: none skipped, none twice."""
        async for events in self.follow_batches(query, after=after, batch=batch):
            for event in events:
                yield event

    async def follow_batches(
        self, query: DCBQuery | None = None, *, after: int | None = None, batch: int = 1000
    ) -> AsyncGenerator[list[DCBSequencedEvent], None]:
        """Like `follow`, as many at once as there are, at most ``batch``."""
        position = after or 0
        with self.waker() as waker:
            while True:
                # Cleared before reading: what is appended during the read wakes the next wait.
                waker.clear()
                response = await self.read(query, after=position, limit=batch)
                if response.events:
                    position = response.events[-1].position
                    yield response.events
                else:
                    await waker.wait()

    def waker(self) -> AbstractContextManager[Waker]:
        """Wakes whoever waits whenever something was appended, by whatever process."""
        return self._listener.waker()


async def _leave_as_it_is(_: object) -> None:
    """Instead of asyncpg's RESET ALL and its round trip after each use.

    Nothing here leaves a trace in a session; an open transaction is rolled back all the same.
    """


def require_safe(settings: Mapping[str, str]) -> None:
    """Raises UnsafeDatabase unless what is acknowledged also survives a power cut."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if settings[name] == "off":
            raise UnsafeDatabase(f"{UnsafeDatabase.__doc__}（{name} = off）")
