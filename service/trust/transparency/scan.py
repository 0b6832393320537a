"""One pass over the events of a log: the hashes of its trees, and what is wrong at first sight.

A long log is read in parts side by side; each begins with a whole block of 256 events.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from service.trust.transparency.merkle import Digest
from service.trust.transparency.tree import TreeOfLog

Entry = tuple[int, bytes, str | None]
"""A position, the bytes there, and in Chinese what contradicts them; None for a sound entry."""

Sizes = Mapping[Digest, Collection[int]]
"""The trees that are computed, and the sizes at which their roots are wanted."""


@dataclass
class Scan:
    """What has been seen of the events one after another."""

    start: int
    """Events before those that are scanned here."""
    trees: dict[Digest, TreeOfLog]
    size: int
    """Events up to the first gap, those before the start included."""
    first: int | None = None
    head: int = 0
    """The first and the last position seen."""
    gap: tuple[int, int] | None = None
    """The first position where another one was found, and that other."""
    contradiction: tuple[int, str] | None = None
    """The first position where columns contradict the bytes, and how."""

    @classmethod
    def begun(cls, sizes: Sizes, start: int = 0) -> "Scan":
        """Nothing seen yet of what follows this many events."""
        trees = {digest: TreeOfLog(sizes[digest], digest, start) for digest in sizes}
        return cls(start, trees, size=start)

    def take(self, entries: list[Entry]) -> None:
        """These come next; from a gap on nothing is hashed."""
        positions = [position for position, _, _ in entries]
        dense, begin = 0 if self.gap else len(entries), self.size + 1
        if dense and positions != list(range(begin, begin + dense)):
            dense = next(n for n, found in enumerate(positions) if found != begin + n)
            self.gap = begin + dense, positions[dense]
        if self.contradiction is None:
            bad = ((position, words) for position, _, words in entries if words is not None)
            self.contradiction = next(bad, None)
        leaves = [data for _, data, _ in entries[:dense]]
        for tree in self.trees.values():
            tree.extend(leaves)
        self.size += dense
        if self.first is None:
            self.first = positions[0]
        self.head = positions[-1]

    def close(self) -> None:
        """There is nothing more."""
        for tree in self.trees.values():
            tree.close()

    def join(self, later: "Scan") -> None:
        """The next part; both are closed."""
        if later.first is None:
            return
        if self.gap is None and self.size < later.start:
            self.gap = self.size + 1, later.first
        elif self.gap is None:
            for digest, tree in self.trees.items():
                tree.join(later.trees[digest])
            self.size, self.gap = later.size, later.gap
        self.contradiction = self.contradiction or later.contradiction
        self.head = later.head
