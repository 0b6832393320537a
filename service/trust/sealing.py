"""Readings of personal data become part of the log's evidence: each minute their hash is recorded.

Whoever may alter the database may alter `access.readings`. What has been sealed, and is below a
checkpoint that somebody else holds, cannot be altered without `first_unsound` telling where. What
was read since the last seal, a minute of it at most while the service runs, is not protected yet.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from service.domain.event import Actor, Rejection
from service.domain.reading_seal import ReadingsSealed, SealReadings
from service.eventstore import EventLog, decode
from service.eventstore.call import SHARD
from service.trust.keyring import Connections
from service.trust.readings import Reading, Readings

_logger = logging.getLogger(__name__)

_BY = Actor("eighthours", "reading-sealer", "system")
"""Who acts when the service seals by itself."""
_EVERY = 60.0
"""Seconds from one seal to the next."""
_AT_ONCE = 1000
"""Readings hashed before others get their turn."""


class Sealing:
    """One process's part in sealing readings; any number of processes may do it."""

    def __init__(self, log: EventLog, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._clock = clock
        self._readings = Readings(log.pool)

    @classmethod
    @asynccontextmanager
    async def running(
        cls, log: EventLog, clock: Callable[[], datetime]
    ) -> AsyncIterator["Sealing"]:
        """Seals each minute until the block ends."""
        sealing = cls(log, clock)
        task = asyncio.create_task(sealing._run(), name="sealing")
        try:
            yield sealing
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def seal(self) -> None:
        """Seals what was read since the last seal, if anything was."""
        seals = await _seals(self._log.pool, 1)
        first = seals[0].last + 1 if seals else 1
        last = await self._readings.last()
        if last < first:
            return
        command = SealReadings(
            by=_BY,
            at=self._clock(),
            first=first,
            last=last,
            readings_digest=await _digest(self._readings, first, last),
        )
        # Another process may have been quicker.
        with suppress(Rejection):
            await self._log.decide(command)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self.seal()
            except Exception as error:  # noqa: BLE001 - sealing goes on, whatever happens to it
                _logger.error("sealing is held up: %s", type(error).__name__)  # noqa: TRY400 - no trace


async def first_unsound(connections: Connections) -> ReadingsSealed | None:
    """The first seal that the readings in the database do not fit; None if they fit every one."""
    readings = Readings(connections)
    for seal in reversed(await _seals(connections)):
        if await _digest(readings, seal.first, seal.last) != seal.readings_digest:
            return seal
    return None


async def _seals(connections: Connections, at_most: int | None = None) -> list[ReadingsSealed]:
    """The seals, the newest first."""
    rows = await connections.fetch("SELECT place, data FROM log.seals($1, $2)", SHARD, at_most)
    events = [decode(position, data).event for position, data in rows]
    return [event for event in events if isinstance(event, ReadingsSealed)]


async def _digest(readings: Readings, first: int, last: int) -> str:
    """SHA-256 over a line of canonical JSON for each reading, in order of their numbers."""
    hashed = sha256()
    while first <= last:
        found = await readings.numbered(first, min(_AT_ONCE, last - first + 1))
        if not found:
            break
        for reading in found:
            hashed.update(_line(reading))
        first = found[-1].number + 1
    return hashed.hexdigest()


def _line(reading: Reading) -> bytes:
    stated = reading._asdict() | {"at": reading.at.astimezone(UTC)}
    return orjson.dumps(stated, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
