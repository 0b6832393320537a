"""Builds views anew beside the live ones and swaps them in; reads go on meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from service.eventstore import EventLog
from service.projections import checkpoint
from service.projections.batch import Poisoned, advance, apply, is_transient, next_batch
from service.projections.feed import Feed, Reader
from service.projections.view import View
from service.projections.view import position as position_of


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild has come."""

    view: str
    position: int
    head: int
    rate: int
    """Events a second since the rebuild began."""
    swapped: bool = False


Report = Callable[[Progress], None]


def unreported(progress: Progress) -> None:
    """Tells nobody."""


async def rebuild(log: EventLog, views: Sequence[View], report: Report = unreported) -> None:
    """Builds these views anew from the first event, all at once, and swaps each when it is ready.

    Raises Poisoned; the live build of that view is then left as it is.
    """
    feed = Feed(log)
    async with asyncio.TaskGroup() as group:
        for view in views:
            await checkpoint.prepare(log.pool, view)
            group.create_task(build_next(log, feed, view, report, afresh=True))


async def build_next(
    log: EventLog, feed: Feed, view: View, report: Report = unreported, *, afresh: bool
) -> None:
    """Builds one view and swaps it in; goes on with an unfinished build unless ``afresh``."""
    await checkpoint.begin_next(log.pool, view, afresh=afresh)
    at = await checkpoint.read(log.pool, view, "next")
    first, begun, head = at.position if at else 0, perf_counter(), await log.head()

    def tell(position: int, *, swapped: bool = False) -> None:
        rate = int((position - first) / max(perf_counter() - begun, 0.001))
        report(Progress(view.name, position, max(head, position), rate, swapped))

    indexed = False
    with feed.reader() as reader:
        while True:
            position, number = await advance(log.pool, reader, view, "next")
            tell(position)
            if number:
                continue
            if not indexed:
                # Takes a while on a large view; what is recorded meanwhile comes next.
                await checkpoint.index_next(log.pool, view)
                indexed = True
            elif await _caught_up(log, reader, view):
                # Statements prepared for the old tables may not fit a new version's.
                await log.pool.expire_connections()
                tell(await position_of(log.pool, view), swapped=True)
                return


async def _caught_up(log: EventLog, reader: Reader, view: View) -> bool:
    """Takes the last events and swaps, if the new build is then as far as the live one."""
    before = await checkpoint.read(log.pool, view, "next")
    if before is None:
        return True  # another process has swapped it in
    batch = await next_batch(reader, before.position)
    async with log.pool.acquire() as connection, connection.transaction():
        live = await checkpoint.locked(connection, view, "live")
        at = await checkpoint.locked(connection, view, "next")
        if at is None or live is None:
            return True
        if at != before:
            return False
        position = at.position
        if batch:
            try:
                await apply(connection, view, "next", batch)
            except Exception as error:
                if is_transient(error):
                    raise
                raise Poisoned(batch[0].position, error) from error
            position = batch[-1].position
        if position < live.position:
            return False
        await checkpoint.swap(connection, view)
    return True
