"""Keeps every view up with the log: one task a view, so that each stops or goes on by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from service.eventstore import EventLog, Waker
from service.projections import checkpoint
from service.projections.batch import Poisoned, Superseded, advance, is_transient
from service.projections.feed import BATCH, Feed
from service.projections.rebuild import Progress, build_next
from service.projections.view import View

_logger = logging.getLogger(__name__)

_SMALL, _TICK = 200, 0.02
"""After a batch of fewer events a view rests until the next tick, of so many seconds. A transaction
for each event of a steady stream costs far more than one for all of a moment; and views that go on
at the same moment read the same batch."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """How a view is doing in this process, for ``/readyz``."""

    view: str
    version: int
    state: Literal["starting", "rebuilding", "following", "waiting", "stopped"] = "starting"
    """``waiting``: the database did not answer and is tried again. ``stopped``: until the next
    start or rebuild."""
    position: int = 0
    """Where the build stands that this process last moved or looked at."""
    reason: str = ""
    """Why it waits or is stopped; never what an event says."""


class Runner:
    """Runs views in this process; any number of processes may do so on one database."""

    def __init__(self, log: EventLog, views: Sequence[View], *, retry_after: float = 1.0) -> None:
        self._log = log
        self._views = tuple(views)
        self._feed = Feed(log)
        self._retry_after = retry_after
        self._states = {view.name: ViewState(view.name, view.version) for view in views}
        self._moved = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def running(
        cls, log: EventLog, views: Sequence[View], *, retry_after: float = 1.0
    ) -> AsyncIterator["Runner"]:
        """A runner that follows the log until the block ends; every view can be read in it."""
        for view in views:
            await checkpoint.prepare(log.pool, view)
        runner = cls(log, views, retry_after=retry_after)
        tasks = [
            asyncio.create_task(runner._run(view), name=f"view:{view.name}")
            for view in runner._views
        ]
        try:
            yield runner
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def states(self) -> list[ViewState]:
        """How each view is doing."""
        return list(self._states.values())

    async def caught_up(self, position: int) -> bool:
        """Waits until every view follows from a position on; False if one of them has stopped."""

        def reached(state: ViewState) -> bool:
            return state.state == "following" and state.position >= position

        def settled() -> bool:
            return all(reached(each) or each.state == "stopped" for each in self.states())

        async with self._moved:
            await self._moved.wait_for(settled)
        return all(reached(each) for each in self.states())

    async def _run(self, view: View) -> None:
        while True:
            try:
                with self._log.waker() as waker:
                    await self._follow(view, waker)
            except (Poisoned, Superseded) as stop:
                _logger.error("view %s has stopped: %s", view.name, stop)  # noqa: TRY400 - the cause is logged where it is found
                await self._note(view, state="stopped", reason=str(stop))
                return
            except Exception as error:
                if not is_transient(error):
                    # Not an event's fault, e.g. a missing privilege. The other views go on.
                    _logger.exception("view %s has stopped", view.name)
                    await self._note(view, state="stopped", reason=type(error).__name__)
                    return
                await self._note(view, state="waiting", reason=type(error).__name__)
                # Where one connection was lost the others may be as well.
                await self._log.pool.expire_connections()
                await asyncio.sleep(self._retry_after)

    async def _follow(self, view: View, waker: Waker) -> None:
        pool = self._log.pool
        live = await checkpoint.read(pool, view, "live")
        if live is not None and live.version < view.version:
            await self._note(view, state="rebuilding", position=live.position)
            await build_next(self._log, self._feed, view, self._show, afresh=False)
        with self._feed.reader() as reader:
            while True:
                # Cleared before reading: what is appended during the read wakes the next wait.
                waker.clear()
                number = BATCH
                while number:
                    position, number = await advance(pool, reader, view, "live")
                    await self._note(view, state="following", position=position)
                    if 0 < number < _SMALL:
                        await asyncio.sleep(_TICK - asyncio.get_running_loop().time() % _TICK)
                await waker.wait()

    def _show(self, progress: Progress) -> None:
        state = self._states[progress.view]
        reason = f"{progress.position}/{progress.head}"
        self._states[progress.view] = replace(state, reason=reason)

    async def _note(self, view: View, *, reason: str = "", **changes: Any) -> None:
        self._states[view.name] = replace(self._states[view.name], reason=reason, **changes)
        async with self._moved:
            self._moved.notify_all()
