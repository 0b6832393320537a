"""督查: what the service does by itself about supervision, in one process at a time.

What there is to do stands on lists that views give; what is done is decided by the log, under an
idempotency key. A process may therefore be killed at any moment, and two may work at once for a
moment: each thing is done once all the same. The lock only keeps them from doing work for nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Literal

import asyncpg

from service.domain.event import SHANGHAI
from service.domain.working_time import Calendars
from service.eventstore import Clock, EventLog
from service.projections.view import View, position
from service.supervision import amendments, objection_escalation, opinion_reminders, reminders

_logger = logging.getLogger(__name__)

_LOCK = 7238950126491650051
"""Held by the one worker that works."""
_EVERY = 10.0
"""Seconds from one look to the next."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: what does it, and the views that its list comes from.

    Nothing can have come onto the list while these stand where they stood, and the day is the same.
    """

    do: Callable[[EventLog, datetime], Awaitable[int]]
    """Does what is on the list at this moment; returns how much it was."""
    views: tuple[View, ...]
    rest: float = 0.0
    """Seconds between two looks at the least, for lists that are long to make."""


def works(calendars: Calendars) -> tuple[Work, ...]:
    """All there is to do: reminders, objections that go up, and amendments of reports."""
    return (
        Work(reminders.remind, reminders.VIEWS),
        Work(opinion_reminders.remind_of_opinions, opinion_reminders.VIEWS),
        Work(objection_escalation.escalate, objection_escalation.VIEWS),
        # It begins by looking at every report, and remembers up to where.
        Work(
            partial(amendments.amend, calendars=calendars, looked={}), amendments.VIEWS, rest=60.0
        ),
    )


@dataclass(frozen=True, slots=True)
class WorkerState:
    """How the worker of this process is doing."""

    state: Literal["starting", "working", "standby", "waiting"] = "starting"
    """``standby``: another process works. ``waiting``: something failed and is tried again."""
    reason: str = ""


class Worker:
    """The worker of this process."""

    def __init__(
        self,
        log: EventLog,
        database_url: str,
        clock: Clock,
        works: Sequence[Work],
        every: float = _EVERY,
    ) -> None:
        self._log = log
        self._database_url = database_url
        self._clock = clock
        self._works = works
        self._every = every
        self.state = WorkerState()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Worker"]:
        """Works, or waits for its turn, until the block ends."""
        task = asyncio.create_task(self._run(), name="supervision")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._take_turn()
            except Exception as error:  # noqa: BLE001 - it goes on, whatever happens to it
                # Not its message: it may repeat what an event says.
                _logger.error("supervision is held up: %s", type(error).__name__)  # noqa: TRY400
                self.state = WorkerState("waiting", type(error).__name__)
            await asyncio.sleep(self._every)

    async def _take_turn(self) -> None:
        """Waits for the lock and works for as long as its connection lives."""
        connection = await asyncpg.connect(
            self._database_url,
            timeout=10,
            command_timeout=60,
            server_settings={"application_name": "eighthours-supervision"},
        )
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                self.state = WorkerState("standby")
                await asyncio.sleep(self._every)
            await self._work(connection)
        finally:
            connection.terminate()

    async def _work(self, holder: asyncpg.Connection) -> None:
        looked: dict[Work, tuple[tuple[date, list[int]], float]] = {}
        loop = asyncio.get_running_loop()
        while True:
            for work in self._works:
                now = self._clock()
                standing = (
                    now.astimezone(SHANGHAI).date(),
                    # Asked of the connection that holds the lock: whoever lost it stops here.
                    [await position(holder, view) for view in work.views],
                )
                before, again_at = looked.get(work, (None, 0.0))
                if standing != before and loop.time() >= again_at:
                    await work.do(self._log, now)
                    looked[work] = standing, loop.time() + work.rest
            self.state = WorkerState("working")
            await asyncio.sleep(self._every)
