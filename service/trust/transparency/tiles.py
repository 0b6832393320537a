"""Tiles (c2sp.org/tlog-tiles): the tree in pieces of 256 hashes, and the entries beside it.

A hash of level L covers 256**L leaves; the levels of the tree between are computed from a tile. The
last tile of a level is partial until it is full: it only grows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from service.trust.transparency.merkle import HASH_SIZE, SHA256, Digest, Node, Range, fold, subtrees

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes of a full tile, entries of a full bundle."""

ENTRIES = -1
"""The level of entry bundles."""

_HIGHEST_LEVEL = 63
_PATH = re.compile(
    r"(?P<level>entries|[1-9]?[0-9])/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class MalformedTile(ValueError):
    """不是有效的瓦片"""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: of hashes, or of entries where the level is `ENTRIES`."""

    level: int
    index: int
    width: int = WIDTH

    @classmethod
    def parse(cls, path: str) -> Self:
        """From ``<L>/<N>[.p/<W>]``, as it follows ``tile/`` in an address. Raises MalformedTile."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise MalformedTile(MalformedTile.__doc__)
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        index = int(found["index"].replace("x", "").replace("/", ""))
        tile = cls(level, index, int(found["width"] or WIDTH))
        # One address for each tile: no needless zeroes, no full tile called partial.
        if level > _HIGHEST_LEVEL or tile.path != path:
            raise MalformedTile(MalformedTile.__doc__)
        return tile

    @property
    def path(self) -> str:
        """``<L>/<N>[.p/<W>]``, the number in groups of three digits."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"{level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def leaves(self) -> Range:
        """What it covers."""
        each = 1 << HEIGHT * max(self.level, 0)
        start = self.index * WIDTH * each
        return Range(start, start + self.width * each)


def tile_of(node: Node, size: int) -> Tile:
    """The tile that gives a perfect subtree's hash, as wide as it is in a tree of ``size``."""
    level, within = divmod(node.level, HEIGHT)
    index = (node.index << within) // WIDTH
    return Tile(level, index, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def hash_in(hashes: bytes | bytearray, node: Node, digest: Digest = SHA256) -> bytes:
    """The hash of a perfect subtree, from the hashes of its tile. Raises MalformedTile."""
    within = node.level % HEIGHT
    start = (node.index << within) % WIDTH * HASH_SIZE
    end = start + (HASH_SIZE << within)
    if len(hashes) < end:
        raise MalformedTile(f"{MalformedTile.__doc__}：宽度不足")
    return _perfect(hashes[start:end], digest)


def _perfect(hashes: bytes | bytearray, digest: Digest) -> bytes:
    level = [bytes(hashes[at : at + HASH_SIZE]) for at in range(0, len(hashes), HASH_SIZE)]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [digest.node(left, right) for left, right in pairs]
    return level[0]


class GrowingTiles:
    """The last tile of every level: what is needed to go on, whatever the size of the tree."""

    def __init__(self, digest: Digest = SHA256) -> None:
        self.digest = digest
        self.size = 0
        self._edge: list[bytearray] = []
        """The hashes of each level after its last full tile."""
        self._full: dict[Tile, bytes] = {}
        self._touched: set[int] = set()

    @classmethod
    def load(cls, last: Sequence[tuple[Tile, bytes]], digest: Digest = SHA256) -> Self:
        """Goes on from the last tile of each level, from level 0 up; of no tiles, from nothing.

        Raises MalformedTile where they do not belong together.
        """
        tiles = cls(digest)
        if last:
            tiles.size = last[0][0].leaves.end
        for level, (tile, hashes) in enumerate(last):
            count = tiles.size >> HEIGHT * level
            if tile != Tile(level, (count - 1) // WIDTH, (count - 1) % WIDTH + 1):
                raise MalformedTile(f"{MalformedTile.__doc__}：{tile.path} 与其他瓦片不符")
            tiles._edge.append(bytearray() if tile.width == WIDTH else bytearray(hashes))
        if tiles.size >> HEIGHT * len(last) if last else 0:
            raise MalformedTile(f"{MalformedTile.__doc__}：缺少第 {len(last)} 层")
        return tiles

    def append(self, leaf_hash: bytes) -> None:
        """One leaf more."""
        self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """More leaves."""
        at = 0
        while at < len(leaf_hashes):
            part = leaf_hashes[at : at + WIDTH - self.size % WIDTH]
            at += len(part)
            self.size += len(part)
            self._push(0, b"".join(part))

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        hashes = [
            hash_in(self._edge[node.level // HEIGHT], node, self.digest)
            for node in subtrees(Range(0, self.size))
        ]
        return fold(hashes, self.digest)

    def take_changed(self) -> list[tuple[Tile, bytes]]:
        """The tiles that changed since the last time, in their newest form."""
        changed = list(self._full.items())
        for level in sorted(self._touched):
            if edge := self._edge[level]:
                index = (self.size >> HEIGHT * level) // WIDTH
                changed.append((Tile(level, index, len(edge) // HASH_SIZE), bytes(edge)))
        self._full.clear()
        self._touched.clear()
        return changed

    def _push(self, level: int, hashes: bytes) -> None:
        """No more than fit into the last tile of a level."""
        if level == len(self._edge):
            self._edge.append(bytearray())
        edge = self._edge[level]
        edge += hashes
        self._touched.add(level)
        if len(edge) == WIDTH * HASH_SIZE:
            full = bytes(edge)
            edge.clear()
            index = (self.size >> HEIGHT * level) // WIDTH - 1
            self._full[Tile(level, index)] = full
            self._push(level + 1, _perfect(full, self.digest))


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle: each entry after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def bundled_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises MalformedTile where it ends in the middle of one."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        entries.append(bundle[start:at])
        if at > len(bundle) or start > len(bundle):
            raise MalformedTile(f"{MalformedTile.__doc__}：条目不完整")
    return entries
