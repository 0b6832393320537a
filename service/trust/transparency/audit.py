"""The audit: whether a log still is the one whose checkpoints others hold, and if not, where.

The tree is computed anew from the stored bytes of every event and compared with checkpoints from
outside. That a history was rewritten shows in the root; where, is found by going down from there
along hashes that are known to be true because they add up to the root: those of tiles from before
the change, whoever kept them.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import HASH_SIZE, SHA256, Digest, Range, fold, subtrees
from service.trust.transparency.scan import Scan, Sizes
from service.trust.transparency.tiles import Tile, hash_in, tile_of

Tiles = Callable[[Tile], Awaitable[bytes | None]]
"""Gives a tile's hashes from somewhere; None where it has none. They need not be true."""


_CANNOT_NARROW = "树根不符；另有当时的瓦片或较早的检查点时，范围可以缩小"


class Source(Protocol):
    """Where the events lie that are audited. It stands still meanwhile."""

    async def data(self, first: int, last: int) -> list[bytes]:
        """The bytes at these positions, both included."""
        ...


class Fault(Enum):
    """What can be wrong with a log."""

    REWRITTEN = "历史被改写"
    MISSING = "位置断缺或重复"
    """Positions are dense; here they are not."""
    TRUNCATED = "日志被截短"
    """There are fewer events than the checkpoint counts."""
    CONTRADICTION = "列与字节不符"
    """The columns that decisions find an event by do not say what its bytes say."""
    UNINDEXED = "索引行缺失"
    """Decisions do not find an event by one of its tags."""
    FORKED = "检查点互相矛盾"
    """Two checkpoints of one size have different roots: somebody was shown another history."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, and the positions it lies between; both the same where it is known exactly."""

    fault: Fault
    first: int
    last: int
    detail: str = field(default="", compare=False)
    """What else is known, in Chinese."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found."""

    size: int
    """Positions that the newest checkpoint covers."""
    head: int
    """The last position there is."""
    findings: tuple[Finding, ...]
    """By position; of each kind of fault the first one."""

    def with_findings(self, more: Iterable[Finding]) -> "Report":
        """What another check has found as well."""
        return replace(self, findings=_by_position([*self.findings, *more]))

    @property
    def uncovered(self) -> int:
        """Events after the newest checkpoint: nobody outside vouches for them yet."""
        return max(0, self.head - self.size)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one tree over the log, from outside."""

    checkpoints: Sequence[Checkpoint]
    """Known to be true: their signatures were checked. The older ones only serve to say more
    exactly where the log was changed."""
    tiles: Sequence[Tiles] = ()
    """Believed as far as they add up to a checkpoint's root."""
    digest: Digest = SHA256

    @property
    def roots(self) -> dict[int, bytes]:
        """The root at each size."""
        return {each.size: each.root for each in self.checkpoints if each.size}


def sizes(known: Iterable[Known]) -> Sizes:
    """What a scan has to compute. Raises ValueError without a checkpoint of one event at least."""
    wanted = {each.digest: tuple(each.roots) for each in known}
    if not wanted or not all(wanted.values()):
        raise ValueError("没有检查点，或检查点中没有事件")
    return wanted


async def audit(source: Source, scan: Scan, known: Iterable[Known]) -> Report:
    """Compares a log, scanned from its beginning to its end, with what is known of its trees."""
    trees = [_Tree(source, scan, each) for each in known]
    size = max(tree.size for tree in trees)
    findings = _at_first_sight(scan, size)
    for tree in trees:
        found = await tree.findings()
        # What one tree shows the others need not repeat.
        findings += [each for each in found if each not in findings]
    return Report(size, scan.head, _by_position(findings))


def _by_position(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda each: (each.first, each.last)))


def _at_first_sight(scan: Scan, size: int) -> list[Finding]:
    found = []
    if scan.gap is not None:
        expected, other = scan.gap
        words = f"此处应为第 {expected} 条，实为第 {other} 条"
        found.append(Finding(Fault.MISSING, expected, expected, words))
    if scan.contradiction is not None:
        position, words = scan.contradiction
        found.append(Finding(Fault.CONTRADICTION, position, position, words))
    if scan.head < size:
        words = f"检查点记有 {size} 条，日志止于第 {scan.head} 条"
        found.append(Finding(Fault.TRUNCATED, scan.head + 1, size, words))
    return found


class _Tree:
    """One tree of the log as it is now, beside what is known of it."""

    def __init__(self, source: Source, scan: Scan, known: Known) -> None:
        self._source = source
        self._scan = scan
        self._tree = scan.trees[known.digest]
        self._known = known
        self._roots = known.roots
        self.size = max(self._roots)

    async def findings(self) -> list[Finding]:
        """Where checkpoints differ from one another, and the first place where the log does."""
        name = "" if self._known.digest == SHA256 else f"{self._known.digest.name.upper()}："
        found = [
            Finding(Fault.FORKED, 1, each.size, f"{name}长度 {each.size} 的检查点有两个树根")
            for each in self._known.checkpoints
            if each.size and each.root != self._roots[each.size]
        ]
        wrong = sorted(n for n in self._roots if self._tree.root(n) != self._roots[n])
        if wrong:
            right = max((n for n in self._roots if n < wrong[0]), default=0)
            leaves = await self._narrowed(Range(0, wrong[0]), self._roots[wrong[0]], wrong[0])
            first = max(leaves.start, right) + 1
            if not (first == leaves.end and self._lacks(first)):
                words = "内容不是当时的内容" if first == leaves.end else _CANNOT_NARROW
                found.append(Finding(Fault.REWRITTEN, first, leaves.end, f"{name}{words}"))
        return found

    def _lacks(self, position: int) -> bool:
        """Whether this is where events begin to lack."""
        return position == (self._scan.gap[0] if self._scan.gap else self._scan.head + 1)

    async def _narrowed(self, leaves: Range, true: bytes, size: int) -> Range:
        """The smallest range of leaves that is known to differ; nothing before it does.

        Goes down from a root that is true and differs, always to the first child that differs.
        """
        while leaves.end - leaves.start > 1:
            middle = leaves.start + (1 << (leaves.end - leaves.start - 1).bit_length() - 1)
            left, right = Range(leaves.start, middle), Range(middle, leaves.end)
            for tiles in self._known.tiles:
                hashes = await self._hash(tiles, left, size), await self._hash(tiles, right, size)
                if (
                    hashes[0]
                    and hashes[1]
                    and self._known.digest.node(hashes[0], hashes[1]) == true
                ):
                    break
            else:
                break
            if await self._found(left) != hashes[0]:
                leaves, true = left, hashes[0]
            else:
                leaves, true = right, hashes[1]
        return leaves

    async def _hash(self, tiles: Tiles, leaves: Range, size: int) -> bytes | None:
        """What these tiles say the hash over a range is."""
        hashes = []
        for node in subtrees(leaves):
            tile = tile_of(node, size)
            found = await tiles(tile)
            if found is None or len(found) < tile.width * HASH_SIZE:
                return None
            hashes.append(hash_in(found, node, self._known.digest))
        return fold(hashes, self._known.digest)

    async def _found(self, leaves: Range) -> bytes | None:
        """The hash over a range as the log is now; None where it does not reach that far."""
        if not self._tree.covers(leaves):
            return None
        return self._tree.range_hash(leaves) or self._tree.hash_of(
            await self._source.data(leaves.start + 1, leaves.end)
        )
