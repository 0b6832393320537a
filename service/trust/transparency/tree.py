"""The tree of a whole log, computed in one pass over its events, or in parts side by side.

Of every 256 leaves one hash is kept, so that a hundred million events take a few megabytes; what
lies below is read again where it is needed.
"""

from collections.abc import Collection, Iterable, Sequence

from service.trust.transparency.merkle import Digest, Range
from service.trust.transparency.tiles import WIDTH


class TreeOfLog:
    """The tree as it was at each of some sizes, once all leaves have been given.

    Or a part of it, that begins with a whole block and is joined to what lies before it.
    """

    def __init__(self, sizes: Collection[int], digest: Digest, start: int = 0) -> None:
        self._sizes = sizes
        self._digest = digest
        self._most = max(sizes, default=0)
        self._first = start // WIDTH
        self.blocks: list[bytes] = []
        """A hash for every 256 leaves."""
        self._open: list[bytes] = []
        """The leaves after them."""
        self.edges: dict[int, bytes] = {}
        """By size, the hash over what lies after its last full block."""
        self.size = start

    def extend(self, entries: Sequence[bytes]) -> None:
        """These are the next leaves; those beyond the largest size are left out."""
        wanted = entries[: max(self._most - self.size, 0)]
        self.size += len(wanted)
        self._open += self._leaves(wanted)
        while len(self._open) >= WIDTH:
            self._close_block()

    def close(self) -> None:
        """There are no more leaves."""
        self._close_block()

    def join(self, next_: "TreeOfLog") -> None:
        """The part that begins where this one ends; both are closed."""
        self.blocks += next_.blocks
        self.edges |= next_.edges
        self.size = next_.size

    def root(self, size: int) -> bytes | None:
        """The root at one of the sizes; None where there were not as many leaves."""
        whole = Range(0, size)
        if not self.covers(whole):
            return None
        return self._merged(self._hashes(whole))

    def covers(self, leaves: Range) -> bool:
        """Whether there were that many leaves."""
        return leaves.end <= self.size

    def range_hash(self, leaves: Range) -> bytes | None:
        """The hash over a range of the tree at one of the sizes; None for less than a block."""
        if leaves.end - leaves.start < WIDTH:
            return None
        return self._merged(self._hashes(leaves))

    def hash_of(self, entries: Iterable[bytes]) -> bytes:
        """The hash over the entries of such a smaller range."""
        return self._merged(self._leaves(entries))

    def _hashes(self, leaves: Range) -> list[bytes]:
        hashes = self.blocks[leaves.start // WIDTH : leaves.end // WIDTH]
        return [*hashes, self.edges[leaves.end]] if leaves.end % WIDTH else hashes

    def _close_block(self) -> None:
        begin = (self._first + len(self.blocks)) * WIDTH
        block, self._open = self._open[:WIDTH], self._open[WIDTH:]
        for size in self._sizes:
            if begin < size < begin + WIDTH and size <= begin + len(block):
                self.edges[size] = self._merged(block[: size - begin])
        if len(block) == WIDTH:
            self.blocks.append(self._merged(block))

    def _leaves(self, entries: Iterable[bytes]) -> list[bytes]:
        hash_ = self._digest.hash
        return [hash_(b"\0" + entry) for entry in entries]

    def _merged(self, hashes: Sequence[bytes]) -> bytes:
        """The hash over neighbours that cover equally many leaves, the last perhaps fewer."""
        hash_, level = self._digest.hash, list(hashes)
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            merged = [hash_(b"\1" + left + right) for left, right in pairs]
            level = [*merged, level[-1]] if len(level) % 2 else merged
        return level[0]
