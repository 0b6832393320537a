"""The log as it lies in its tables, for whoever checks it and takes nothing for granted.

Decisions find events by the columns `type` and `tags` and by the rows of `log.tags`; what is proved
to others are the bytes in `data`. Somebody with every right can make the two disagree. The trigger
and the constraints count for nothing here: a superuser switches them off.
"""

import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import orjson

from service.domain.event import EVENTS
from service.eventstore.call import SHARD

_AT_ONCE = 4096
"""Rows that are fetched at once: a few megabytes."""

# Whoever writes NULL, the constraint gone, is to be found and not to stop the search.
_EVENTS = """
SELECT coalesce(position, 0), coalesce(type, ''), coalesce(tags, '{}'), coalesce(data, '')
FROM log.events WHERE shard = $1
"""
_COUNT = """
SELECT count(position) = count(*) AND min(position) >= 1, count(*)
FROM log.events WHERE shard = $1
"""
# Whether both sides have as many rows with the same sum of hashes, which begin with a number that
# nobody knew before. hashint8extended folds its number to 32 bits, so that a hash is given to it in
# halves and positions are only looked at as far as the log goes.
_SAME_INDEX = """
SELECT (
    SELECT row(count(*), sum(
        hashint8extended(tag_hash >> 32, hashint8extended(tag_hash & 4294967295,
            hashint8extended(position, hashint4extended(type_hash, $2))))))
    FROM log.tags WHERE shard = $1 AND position BETWEEN 1 AND log.head($1)
) = (
    SELECT row(count(*), sum(
        hashint8extended(tag_hash >> 32, hashint8extended(tag_hash & 4294967295, of_row))))
    FROM (
        SELECT of_row, hashtextextended(tag, 0) AS tag_hash
        FROM (
            SELECT hashint8extended(position, hashint4extended(hashtext(type), $2)) AS of_row,
                unnest(tags) AS tag
            FROM log.events WHERE shard = $1
        ) AS tags
        OFFSET 0
    ) AS rows
)
"""
# The join is one pass over both tables as long as its hash table stays in memory.
_JOIN_SETTINGS = "SET LOCAL work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0"
_UNINDEXED = """
SELECT min(e.position) FROM log.events e, unnest(e.tags) AS tag
WHERE e.shard = $1 AND NOT EXISTS (
    SELECT FROM log.tags t
    WHERE t.tag_hash = hashtextextended(tag, 0) AND t.type_hash = hashtext(e.type)
        AND t.position = e.position AND t.shard = e.shard)
"""


class Part(NamedTuple):
    """The events after the first ``start`` ones, up to ``end``."""

    start: int
    end: int | None
    """None: whatever follows. With a start of 0, the whole log, whatever its positions are."""


class LogRows:
    """The rows of the log; the connection is in a transaction, so that they stand still."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def parts(self, length: int) -> list[Part]:
        """The log in parts of this many events, the last one perhaps longer."""
        [(countable, count)] = await self._connection.fetch(_COUNT, SHARD)
        cuts = range(length, count, length) if countable else ()
        return [Part(*each) for each in zip((0, *cuts), (*cuts, None), strict=True)]

    async def entries(self, part: Part) -> AsyncIterator[list[tuple[int, bytes, str | None]]]:
        """Every row by position: its position, its bytes, and the `contradiction` between both."""
        after = f"AND position > {part.start}" if part.start else ""
        until = "" if part.end is None else f"AND position <= {part.end}"
        cursor = await self._connection.cursor(
            f"{_EVENTS} {after} {until} ORDER BY position", SHARD
        )
        while rows := await cursor.fetch(_AT_ONCE):
            yield [
                (position, data, contradiction(type_, tags, data))
                for position, type_, tags, data in rows
            ]

    async def data(self, first: int, last: int) -> list[bytes]:
        """The bytes at these positions, both included, by position."""
        rows = await self._connection.fetch(
            "SELECT coalesce(data, '') FROM log.events"
            " WHERE shard = $1 AND position BETWEEN $2 AND $3 ORDER BY position",
            SHARD,
            first,
            last,
        )
        return [data for (data,) in rows]

    async def head(self) -> int:
        """The last position; 0 for an empty log."""
        head = await self._connection.fetchval("SELECT log.head($1)", SHARD)
        return int(head)

    async def unindexed(self) -> int | None:
        """The first position that a tag of its row does not lead to; None when all are found.

        Rows of `log.tags` that lead nowhere are harmless: what is found is compared with the event.
        """
        # Comparing sums takes a quarter of the time that looking for each of the rows takes.
        if await self._connection.fetchval(_SAME_INDEX, SHARD, secrets.randbits(62)):
            return None
        async with self._connection.transaction():
            await self._connection.execute(_JOIN_SETTINGS)
            first: int | None = await self._connection.fetchval(_UNINDEXED, SHARD)
        return first


def contradiction(type_: str, tags: list[str], data: bytes) -> str | None:
    """In which column a row says something else than its bytes, in Chinese; None for a sound row.

    Tags are compared with those of the event's class as it is today.
    """
    try:
        envelope = orjson.loads(data)
        name = envelope["type"]
        true = EVENTS[name].tags_of(envelope["data"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "字节不是本程序认识的事件"
    if type_ != name:
        return f"type 列为 {type_}，字节中为 {name}"
    if tags != true and sorted(map(str, tags)) != sorted(true):
        return "tags 列与字节不符"
    return None
