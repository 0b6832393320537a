"""Decoded events for all views: what several of them read is read and decoded once."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from service.eventstore import EventLog
from service.eventstore.mapping import Recorded, decode

BATCH = 2_000
"""Events in a batch at the most."""

_PATIENCE = 1.0
"""Seconds a view waits for those behind it before it goes on."""


_Batch = asyncio.Task[list[Recorded]]


class Undecodable(Exception):
    """An event of the log cannot be decoded by this version of the service."""

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.position = position


class Feed:
    """Batches of decoded events, shared by the views that read near the same position.

    Batches end at multiples of their size, so that views that started apart meet at the next one.
    While views work on a full batch the next one is read. Only the last few are kept: memory is
    flat. The quick ones wait a moment for those a few batches behind, so that what was decoded
    serves all of them; a view that is further behind decodes for itself and holds nobody up.
    """

    def __init__(self, log: EventLog, *, size: int = BATCH, kept: int = 6) -> None:
        self._log = log
        self._size = size
        self._kept = kept
        self._batches: OrderedDict[int, _Batch] = OrderedDict()
        self._readers: set[Reader] = set()
        self._moved = asyncio.Condition()

    @contextmanager
    def reader(self) -> Iterator["Reader"]:
        """Somebody who reads along until the block ends, in step with the others."""
        reader = Reader(self)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def after(self, position: int) -> list[Recorded]:
        """The next events after a position; none at the head.

        Raises Undecodable when the very next event cannot be decoded.
        """
        under_way = self._batches.get(position)
        events = await self._result(position, under_way) if under_way else []
        if not events:
            # A read that was under way may have begun before the caller was woken.
            events = await self._result(position, self._begin(position))
        if events and (last := events[-1].position) % self._size == 0 and last not in self._batches:
            self._begin(last)
        return events

    async def in_step(self, reader: "Reader", position: int) -> None:
        """Waits while others still need batches that the next ones would push out."""
        # The batch a reader gets and the one read ahead of it are kept as well.
        nearest, farthest = (self._kept - 2) * self._size, 4 * self._kept * self._size

        def too_far_ahead() -> bool:
            return any(
                nearest < position - other.last < farthest
                for other in self._readers - {reader}
                if other.last is not None
            )

        async with self._moved:
            self._moved.notify_all()
            if too_far_ahead():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE):
                        await self._moved.wait_for(lambda: not too_far_ahead())

    def _begin(self, position: int) -> _Batch:
        batch = asyncio.create_task(self._read(position))
        batch.add_done_callback(_retrieved)
        self._batches[position] = batch
        while len(self._batches) > self._kept:
            self._batches.popitem(last=False)
        return batch

    async def _result(self, position: int, batch: _Batch) -> list[Recorded]:
        events: list[Recorded] = []
        try:
            # Shielded: a view that is cancelled must not take the others' events with it.
            events = await asyncio.shield(batch)
        finally:
            if not events and self._batches.get(position) is batch:
                del self._batches[position]
        return events

    async def _read(self, position: int) -> list[Recorded]:
        limit = self._size - position % self._size
        events: list[Recorded] = []
        for at, data in await self._log.stored(after=position, limit=limit):
            try:
                events.append(decode(at, data))
            except Exception as error:
                # What can be decoded comes first; the next read stops here.
                if events:
                    break
                raise Undecodable(at, error) from error
        return events


class Reader:
    """One view's place in the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.position: int | None = None
        """Where the view's build stands as far as is known; None when that has to be looked up."""
        self.last: int | None = None
        """After which position it last read, also while it works on what it read."""

    async def after(self, position: int) -> list[Recorded]:
        """As the feed's, in step with the other readers."""
        self.position = self.last = position
        await self._feed.in_step(self, position)
        return await self._feed.after(position)


def _retrieved(batch: _Batch) -> None:
    """Nobody may have waited for a batch that was read ahead; whoever asks reads it anew."""
    if not batch.cancelled():
        batch.exception()
