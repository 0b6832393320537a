"""A copy of a log's tiles in a folder, as whoever mirrors ``/api/v1/log/tiles/`` has them."""

from collections.abc import AsyncIterator
from pathlib import Path

from service.trust.transparency.merkle import HASH_SIZE
from service.trust.transparency.tiles import ENTRIES, WIDTH, Tile, bundled_entries


class TileFolder:
    """Reads tiles and entry bundles, the widest there are; nothing in them is known to be true."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def tile(self, tile: Tile) -> bytes | None:
        """A tile's hashes, perhaps more than asked for; None where there are not as many."""
        path = self._widest(tile.level, tile.index)
        found = path.read_bytes() if path else b""
        return found if len(found) >= tile.width * HASH_SIZE else None

    async def entries(self) -> AsyncIterator[list[tuple[int, bytes, str | None]]]:
        """Every event there is, by position, up to the first bundle that is not there.

        Raises MalformedTile.
        """
        index = 0
        while entries := self._bundle(index):
            first = index * WIDTH + 1
            yield [(first + n, data, None) for n, data in enumerate(entries)]
            index += 1

    async def data(self, first: int, last: int) -> list[bytes]:
        """The bytes at these positions, which lie in one bundle; both included."""
        begin = (first - 1) // WIDTH * WIDTH
        return self._bundle(begin // WIDTH)[first - 1 - begin : last - begin]

    def _bundle(self, index: int) -> list[bytes]:
        path = self._widest(ENTRIES, index)
        return bundled_entries(path.read_bytes()) if path else []

    def _widest(self, level: int, index: int) -> Path | None:
        full = self._folder / Tile(level, index).path
        if full.is_file():
            return full
        partial = full.with_name(f"{full.name}.p")
        widths = [int(each.name) for each in partial.glob("*") if each.name.isdecimal()]
        return partial / str(max(widths)) if widths else None
