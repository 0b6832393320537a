"""The tree as the database keeps it: its tiles, and the checkpoint that is published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import asyncpg

from service.eventstore.call import SHARD
from service.trust.transparency.merkle import (
    HASH_SIZE,
    SHA256,
    Digest,
    Range,
    consistency_ranges,
    inclusion_ranges,
    range_hash,
    subtrees,
)
from service.trust.transparency.tiles import WIDTH, Tile, hash_in, tile_of

_LAST = """
SELECT tile.level, tile.index, tile.hashes
FROM generate_series(0, 7) AS each(level)
CROSS JOIN LATERAL (
    SELECT t.level, t.index, t.hashes FROM transparency.tiles t
    WHERE t.digest = $1 AND t.level = each.level::smallint
    ORDER BY t.index DESC LIMIT 1) AS tile
ORDER BY tile.level
"""
_READ = """
SELECT substr(t.hashes, 1, asked.bytes)
FROM unnest($2::smallint[], $3::bigint[], $4::integer[])
    WITH ORDINALITY AS asked(level, index, bytes, number)
JOIN transparency.tiles t
    ON t.digest = $1 AND t.level = asked.level AND t.index = asked.index
ORDER BY asked.number
"""
_WRITE = """
INSERT INTO transparency.tiles (digest, level, index, hashes)
SELECT $1, t.* FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS t
ON CONFLICT (digest, level, index) DO UPDATE SET hashes = excluded.hashes
"""
_INTEGRATED = """
SELECT t.index * 256 + octet_length(t.hashes) / 32 FROM transparency.tiles t
WHERE t.digest = $1 AND t.level = 0 ORDER BY t.index DESC LIMIT 1
"""
# A publisher that was held up never puts an older checkpoint in the place of a newer one.
_PUBLISH = """
INSERT INTO transparency.published AS p (size, note, witnessed, cosignatures)
VALUES ($1, $2, $3, $4)
ON CONFLICT (is_the_only_row) DO UPDATE
SET size = excluded.size, note = excluded.note, witnessed = excluded.witnessed,
    cosignatures = excluded.cosignatures, at = excluded.at
WHERE p.size <= excluded.size
"""


class MissingTiles(LookupError):
    """缺少瓦片"""


@dataclass(frozen=True, slots=True)
class Published:
    """The checkpoint that is served."""

    size: int
    note: str
    witnessed: bool
    """Whether as many witnesses as the policy asks for have cosigned it, and anybody at all."""
    cosignatures: int


class TreeStore:
    """Reads with the pool; what is written goes through the connection of the publisher."""

    def __init__(self, pool: asyncpg.Pool | asyncpg.Connection, digest: Digest = SHA256) -> None:
        self._pool = pool
        self.digest = digest

    async def integrated(self) -> int:
        """How many leaves the tiles hold."""
        found: int | None = await self._pool.fetchval(_INTEGRATED, self.digest.name)
        return found or 0

    async def published(self) -> Published | None:
        """The checkpoint that is served; None before the first one."""
        row = await self._pool.fetchrow(
            "SELECT size, note, witnessed, cosignatures FROM transparency.published"
        )
        return None if row is None else Published(*row)

    async def last_tiles(self) -> list[tuple[Tile, bytes]]:
        """The last tile of each level, from level 0 up."""
        rows = await self._pool.fetch(_LAST, self.digest.name)
        return [
            (Tile(level, index, len(hashes) // HASH_SIZE), hashes) for level, index, hashes in rows
        ]

    async def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        """The hashes of these tiles, each as wide as it is asked for. Raises MissingTiles."""
        rows = await self._pool.fetch(
            _READ,
            self.digest.name,
            [tile.level for tile in tiles],
            [tile.index for tile in tiles],
            [tile.width * HASH_SIZE for tile in tiles],
        )
        found = [bytes(hashes) for (hashes,) in rows]
        if [len(hashes) for hashes in found] != [tile.width * HASH_SIZE for tile in tiles]:
            raise MissingTiles(MissingTiles.__doc__)
        return found

    async def entries(self, tile: Tile) -> list[bytes]:
        """The stored bytes of the events below a tile of level 0. Raises MissingTiles."""
        start = tile.index * WIDTH
        rows = await self._pool.fetch(
            "SELECT data FROM log.events WHERE shard = $1 AND position > $2 AND position <= $3"
            " ORDER BY position",
            SHARD,
            start,
            start + tile.width,
        )
        if len(rows) != tile.width:
            raise MissingTiles(MissingTiles.__doc__)
        return [bytes(data) for (data,) in rows]

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """The path of a leaf in the tree of ``size``. Raises InvalidProof, MissingTiles."""
        return (await self.inclusions([index], size))[0]

    async def inclusions(self, indices: Sequence[int], size: int) -> list[list[bytes]]:
        """The same for several leaves, with one question. Raises InvalidProof, MissingTiles."""
        paths = [inclusion_ranges(index, size) for index in indices]
        hashes = iter(await self._hashes(chain.from_iterable(paths), size))
        return [list(islice(hashes, len(path))) for path in paths]

    async def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the tree of ``size`` begins with that of ``old``; old is 1 or more.

        Raises InvalidProof, MissingTiles.
        """
        return await self._hashes(consistency_ranges(old, size), size)

    async def _hashes(self, ranges: Iterable[Range], size: int) -> list[bytes]:
        ranges = list(ranges)
        needed = {tile_of(node, size) for leaves in ranges for node in subtrees(leaves)}
        tiles = sorted(needed, key=lambda tile: (tile.level, tile.index))
        hashes = dict(zip(tiles, await self.read(tiles), strict=True)) if tiles else {}
        found = {
            leaves: range_hash(
                leaves,
                lambda node: hash_in(hashes[tile_of(node, size)], node, self.digest),
                self.digest,
            )
            # Paths of neighbouring leaves are mostly the same.
            for leaves in set(ranges)
        }
        return [found[leaves] for leaves in ranges]

    async def write(
        self, connection: asyncpg.Connection, changed: Sequence[tuple[Tile, bytes]]
    ) -> None:
        """Keeps tiles in their newest form; those that are there may only grow."""
        async with connection.transaction():
            # Computed again if they are lost, so no commit of an event waits for them.
            await connection.execute("SET LOCAL synchronous_commit = off")
            await connection.execute(
                _WRITE,
                self.digest.name,
                [tile.level for tile, _ in changed],
                [tile.index for tile, _ in changed],
                [hashes for _, hashes in changed],
            )

    async def publish(self, connection: asyncpg.Connection, published: Published) -> None:
        """From now on this checkpoint is served, unless there is a later one."""
        await connection.execute(
            _PUBLISH,
            published.size,
            published.note,
            published.witnessed,
            published.cosignatures,
        )
