"""A tree that grows with the log: the hashes of the events, as tiles in the database."""

from dataclasses import dataclass

import asyncpg

from service.eventstore import EventLog
from service.trust.transparency.merkle import Digest
from service.trust.transparency.store import TreeStore
from service.trust.transparency.tiles import GrowingTiles

_BATCH = 2048
"""Events hashed at once; more would hold up the requests of the same process noticeably."""


class LogHasGap(RuntimeError):
    """日志缺少记录"""


@dataclass
class GrowingTree:
    """The tree over one digest, of a process that alone lets it grow."""

    store: TreeStore
    tiles: GrowingTiles

    @classmethod
    async def loaded(cls, log: EventLog, digest: Digest) -> "GrowingTree":
        """Goes on where the database says it ended. Raises MalformedTile."""
        store = TreeStore(log.pool, digest)
        return cls(store, GrowingTiles.load(await store.last_tiles(), digest))

    async def integrate(
        self, log: EventLog, connection: asyncpg.Connection, until: int | None = None
    ) -> None:
        """Takes in every event there is, or those up to a position. Raises LogHasGap."""
        more = True
        while more and (until is None or self.tiles.size < until):
            limit = _BATCH if until is None else min(_BATCH, until - self.tiles.size)
            events = await log.stored(after=self.tiles.size, limit=limit)
            for expected, (position, _) in enumerate(events, start=self.tiles.size + 1):
                if position != expected:
                    raise LogHasGap(f"{LogHasGap.__doc__}：第 {expected} 条")
            # All at once, and not leaf by leaf: appends wait while this process hashes.
            hash_ = self.tiles.digest.hash
            self.tiles.extend([hash_(b"\0" + data) for _, data in events])
            if events:
                await self.store.write(connection, self.tiles.take_changed())
            more = len(events) == _BATCH

    async def proof_from(self, old: int) -> list[bytes]:
        """The consistency proof from an older size; nothing where there is nothing to prove.

        Raises InvalidProof, MissingTiles.
        """
        size = self.tiles.size
        return await self.store.consistency(old, size) if 0 < old <= size else []
