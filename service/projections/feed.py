"""Decoded events for all views: what several of them read is read and decoded once."""

import asyncio
from collections import OrderedDict

from service.eventstore import EventLog
from service.eventstore.mapping import Recorded, decode

BATCH = 2_000
"""Events in a batch at the most."""


_Batch = asyncio.Task[list[Recorded]]


class Undecodable(Exception):
    """An event of the log cannot be decoded by this version of the service."""

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.position = position


class Feed:
    """Batches of decoded events, shared by the views that stand at the same position.

    Batches end at multiples of their size, so that views that started apart meet at the next one.
    While views work on a full batch the next one is read. Only the last few are kept: memory is
    flat, and a view that falls further behind decodes for itself.
    """

    def __init__(self, log: EventLog, *, size: int = BATCH, kept: int = 6) -> None:
        self._log = log
        self._size = size
        self._kept = kept
        self._batches: OrderedDict[int, _Batch] = OrderedDict()

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
        response = await self._log.read(after=position, limit=limit)
        events: list[Recorded] = []
        for sequenced in response.events:
            try:
                events.append(decode(sequenced.position, sequenced.event.data))
            except Exception as error:
                # What can be decoded comes first; the next read stops here.
                if events:
                    break
                raise Undecodable(sequenced.position, error) from error
        return events


def _retrieved(batch: _Batch) -> None:
    """Nobody may have waited for a batch that was read ahead; whoever asks reads it anew."""
    if not batch.cancelled():
        batch.exception()
