"""The one writer of a process: gathers what waits, decides it, and appends it in one commit.

Group commit: while one batch is being made durable the next one gathers, so that one fsync serves
many. First come, first served; what does not fit the queue is refused at once, so that a slow
database shows as refusals and not as ever longer waiting.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import asyncpg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from eventsourcing.persistence import IntegrityError

from service.eventstore.call import SHARD, AppendCall
from service.eventstore.connection import BROKEN, lost_connection
from service.eventstore.decisions import Decision, DecisionBatch
from service.eventstore.guard import told
from service.eventstore.memory import Memory
from service.trust.keyring import KeyRing

LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
RECONNECT_FOR = 30.0
"""Seconds a batch waits for the database before its callers are told to come again."""


class Overloaded(RuntimeError):
    """系统繁忙，请稍后重试"""


class LogUnavailable(RuntimeError):
    """数据库暂时不可用，请以同一幂等键重试"""


@dataclass(slots=True, eq=False)
class Append:
    """Bytes that wait to be appended, under a condition of the caller's."""

    events: Sequence[DCBEvent]
    condition: DCBAppendCondition | None
    done: asyncio.Future[int]


Pending = Decision | Append


class Writer:
    """Decides and appends, one batch after another, on one connection of its own."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        keyring: KeyRing,
        clock: Callable[[], datetime],
    ) -> None:
        self._connect = connect
        self._keyring = keyring
        self._clock = clock
        self._memory = Memory()
        self._queue: deque[Pending] = deque()
        self._waiting = asyncio.Event()
        self._id = uuid4()
        self._batch = 0
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Connects and begins to work."""
        self._connection = await self._connect()
        self._task = asyncio.create_task(self._run(), name="log-writer")

    async def close(self) -> None:
        """Finishes what waits, then stops."""
        self._closing = True
        self._waiting.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            with suppress(*BROKEN):
                await self._connection.close(timeout=5)

    def submit(self, pending: Pending) -> None:
        """Puts it at the end of the queue; raises Overloaded when that is full."""
        if self._closing:
            raise LogUnavailable(LogUnavailable.__doc__)
        if len(self._queue) >= LONGEST_QUEUE:
            raise Overloaded(Overloaded.__doc__)
        self._queue.append(pending)
        self._waiting.set()

    async def _run(self) -> None:
        while True:
            batch = self._gather()
            if batch:
                await self._attempt(batch)
            elif self._closing:
                return
            else:
                self._waiting.clear()
                await self._waiting.wait()

    def _gather(self) -> list[Pending]:
        """The next batch: of one kind, in order of arrival, without those who have gone away."""
        batch: list[Pending] = []
        while self._queue and len(batch) < LARGEST_BATCH:
            if batch and type(self._queue[0]) is not type(batch[0]):
                break
            pending = self._queue.popleft()
            if not pending.done.done():
                batch.append(pending)
        return batch

    async def _attempt(self, batch: list[Pending]) -> None:
        """Processes a batch, whatever happens; everybody in it is told or waits again."""
        try:
            await self._process(batch)
        except LogUnavailable as error:
            _tell_all(batch, error)
        except Exception as error:  # noqa: BLE001 - a fault of one batch must not stop the writer
            if lost_connection(error):
                await self._reconnect(batch, error)
            elif isinstance(error, asyncpg.DiskFullError):
                # Nobody's fault, and it would be the same for each alone.
                _tell_all(batch, error)
            elif len(batch) == 1:
                _tell(batch[0], told(error))
            else:
                # One poisoned event must not fail its batch-mates: each gets a batch of its own.
                for pending in batch:
                    if not pending.done.done():
                        await self._attempt([pending])

    async def _process(self, batch: list[Pending]) -> None:
        if isinstance(batch[0], Append):
            await self._append([each for each in batch if isinstance(each, Append)])
            return
        self._memory.trim()
        decisions = DecisionBatch(self._live(), self._memory, self._keyring, self._clock)
        await decisions.decide([each for each in batch if isinstance(each, Decision)])
        verdicts = []
        if len(decisions.call):
            verdicts = await self._commit(decisions.call, independent=True)
        self._queue.extendleft(reversed(decisions.settle(verdicts)))

    async def _append(self, batch: list[Append]) -> None:
        call = AppendCall()
        for pending in batch:
            condition = pending.condition
            call.begin((condition.after or 0) if condition else 0)
            for event in pending.events:
                call.add_event(event)
            if condition:
                for item in condition.fail_if_events_match.items:
                    call.add_item(item.types, item.tags)
                if not condition.fail_if_events_match.items:
                    # The library's contract: a query without items matches every event.
                    call.add_item((), ())
        verdicts = await self._commit(call, independent=_independent(batch))
        for pending, verdict in zip(batch, verdicts, strict=True):
            if not verdict:
                _tell(pending, IntegrityError(pending.condition))
            elif not pending.done.done():
                pending.done.set_result(verdict)

    async def _commit(self, call: AppendCall, *, independent: bool) -> list[int]:
        """The verdicts on the call, one for each of its appends, once they are durable."""
        self._batch += 1
        try:
            verdicts: list[int] = await self._live().fetchval(
                "SELECT log.append($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                " $10, $11, $12, $13, $14, $15, $16, $17)",
                SHARD,
                self._id,
                self._batch,
                independent,
                *call.arguments(),
            )
        except BROKEN as error:
            if not lost_connection(error):
                raise
            # The commit may have happened before the connection broke: nobody may be told
            # anything, and nothing may be tried again, before that is known.
            verdicts = await self._outcome()
        return verdicts

    async def _outcome(self) -> list[int]:
        """What became of a commit whose answer was lost.

        Raises ConnectionResetError when it did not happen, and from then on cannot; LogUnavailable
        when that cannot be found out.
        """
        give_up = asyncio.get_running_loop().time() + RECONNECT_FOR
        while True:
            try:
                verdicts = await (await self._connect_again()).fetchval(
                    "SELECT log.outcome($1, $2, $3)", SHARD, self._id, self._batch
                )
            except (*BROKEN, asyncpg.PostgresError) as error:
                if asyncio.get_running_loop().time() > give_up:
                    # Not tried again: it may be there already.
                    raise LogUnavailable(LogUnavailable.__doc__) from error
                await asyncio.sleep(0.1)
            else:
                if verdicts is None:
                    raise ConnectionResetError("the batch was not committed")
                return list(verdicts)

    async def _reconnect(self, batch: list[Pending], lost: BaseException) -> None:
        """Connects again and puts the batch back; in vain: tells everybody to come again."""
        give_up = asyncio.get_running_loop().time() + RECONNECT_FOR
        while not self._closing and asyncio.get_running_loop().time() < give_up:
            try:
                await self._connect_again()
            except (*BROKEN, asyncpg.PostgresError):  # the latter: it has no connection left
                await asyncio.sleep(0.1)
            else:
                self._queue.extendleft(each for each in reversed(batch) if not each.done.done())
                return
        _tell_all(batch, lost)

    async def _connect_again(self) -> asyncpg.Connection:
        if self._connection is not None:
            self._connection.terminate()
        # The database that comes back may be one that was restored.
        self._memory = Memory()
        self._connection = await self._connect()
        return self._connection

    def _live(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            raise ConnectionResetError("the writer's connection is closed")
        return self._connection


def _independent(batch: Sequence[Append]) -> bool:
    """Whether no condition in the batch matches an event of an append before it.

    Then the database judges them all at once; else one by one, at half the speed.
    """
    appended: list[DCBEvent] = []
    by_tag: dict[str, list[DCBEvent]] = {}
    for pending in batch:
        items = pending.condition.fail_if_events_match.items if pending.condition else ()
        if pending.condition and appended and not items:
            return False
        for item in items:
            for event in by_tag.get(item.tags[0], ()) if item.tags else appended:
                if (not item.types or event.type in item.types) and set(item.tags) <= set(
                    event.tags
                ):
                    return False
        appended.extend(pending.events)
        for event in pending.events:
            for tag in event.tags:
                by_tag.setdefault(tag, []).append(event)
    return True


def _tell(pending: Pending, error: Exception) -> None:
    if not pending.done.done():
        pending.done.set_exception(error)


def _tell_all(batch: Sequence[Pending], cause: BaseException) -> None:
    """Tells everybody to come again."""
    for pending in batch:
        error = LogUnavailable(LogUnavailable.__doc__)
        error.__cause__ = cause
        _tell(pending, error)
