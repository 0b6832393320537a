"""Merkle trees as in RFC 6962: roots, inclusion and consistency proofs, over any 32-byte digest.

A tree of n leaves is cut at the largest power of two below n. Every hash a proof needs therefore
covers a range of leaves, and every such range consists of perfect subtrees that never change again.
Proofs are made from a lookup of those.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HASH_SIZE = 32
"""Bytes of every hash here, of SHA-256 and of SM3 alike."""


class InvalidProof(ValueError):
    """证明不成立"""


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash function and its name; leaves and nodes are told apart by a first byte."""

    name: str
    hash: Callable[[bytes], bytes]

    @property
    def empty(self) -> bytes:
        """The root of a tree without leaves."""
        return self.hash(b"")

    def leaf(self, data: bytes) -> bytes:
        """The hash of a leaf."""
        return self.hash(b"\0" + data)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash of a node over its two children."""
        return self.hash(b"\1" + left + right)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


SHA256 = Digest("sha256", _sha256)


@dataclass(frozen=True, slots=True)
class Node:
    """A perfect subtree: the leaves from ``index << level`` on, ``1 << level`` of them."""

    level: int
    index: int


class Range(NamedTuple):
    """The leaves from ``start`` on, up to ``end`` and without it."""

    start: int
    end: int


Lookup = Callable[[Node], bytes]


def subtrees(leaves: Range) -> Iterator[Node]:
    """The fewest perfect subtrees that make up a range, from left to right."""
    start, end = leaves
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield Node(level, start >> level)
        start += 1 << level


def range_hash(leaves: Range, lookup: Lookup, digest: Digest = SHA256) -> bytes:
    """The hash over a range that a tree has: the whole tree, or one that a proof names."""
    hashes = [lookup(node) for node in subtrees(leaves)]
    return fold(hashes, digest)


def fold(hashes: Sequence[bytes], digest: Digest = SHA256) -> bytes:
    """The hash over neighbouring perfect subtrees, larger ones first; of none, the empty root."""
    if not hashes:
        return digest.empty
    whole = hashes[-1]
    for left in reversed(hashes[:-1]):
        whole = digest.node(left, whole)
    return whole


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What the inclusion proof of a leaf in a tree of ``size`` consists of, from the leaf up."""
    if not 0 <= index < size:
        raise InvalidProof(f"leaf {index} is not in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(start, middle))
            start = middle
    return path[::-1]


def consistency_ranges(old: int, size: int) -> list[Range]:
    """What the proof consists of that a tree of ``size`` begins with the one of ``old`` leaves.

    Nothing where both are the same. An empty tree is the beginning of every tree and proves
    nothing: InvalidProof.
    """
    if not 0 < old <= size:
        raise InvalidProof(f"a tree of {size} does not grow from one of {old}")
    path = []
    start, end = 0, size
    while old < end:
        middle = _middle(start, end)
        if old <= middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(start, middle))
            start = middle
    if start:
        path.append(Range(start, end))
    return path[::-1]


def verify_inclusion(
    leaf_hash: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    root: bytes,
    digest: Digest = SHA256,
) -> None:
    """Raises InvalidProof unless the leaf is in the tree of this size and root, at this index."""
    ranges = inclusion_ranges(index, size)
    _check_lengths([leaf_hash, *proof], 1 + len(ranges))
    computed = leaf_hash
    for sibling, leaves in zip(proof, ranges, strict=True):
        if leaves.start > index:
            computed = digest.node(computed, sibling)
        else:
            computed = digest.node(sibling, computed)
    if computed != root:
        raise InvalidProof("the leaf and its path do not give the root")


def verify_consistency(
    old: int,
    size: int,
    proof: Sequence[bytes],
    old_root: bytes,
    root: bytes,
    digest: Digest = SHA256,
) -> None:
    """Raises InvalidProof unless the tree begins with exactly the leaves of the old one.

    Also for an old tree without leaves, from which nothing can be proved.
    """
    ranges = consistency_ranges(old, size)
    _check_lengths(proof, len(ranges))
    steps = list(zip(proof, ranges, strict=True))
    before = after = old_root
    if steps and steps[0][1].end == old:
        # The old tree is no subtree of the new one: they meet at its rightmost part.
        before = after = steps.pop(0)[0]
    for sibling, leaves in steps:
        if leaves.start >= old:
            after = digest.node(after, sibling)
        else:
            before, after = digest.node(sibling, before), digest.node(sibling, after)
    if (before, after) != (old_root, root):
        raise InvalidProof("the proof does not give both roots")


@dataclass(slots=True)
class Frontier:
    """The hashes of a tree that its growth needs: one for every 1 bit of its size."""

    digest: Digest = SHA256
    size: int = 0
    hashes: list[bytes] = field(default_factory=list)
    """Of perfect subtrees, the largest (leftmost) first."""

    def append(self, leaf_hash: bytes) -> None:
        """One leaf more."""
        merged, bits = leaf_hash, self.size
        while bits & 1:
            merged = self.digest.node(self.hashes.pop(), merged)
            bits >>= 1
        self.hashes.append(merged)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return fold(self.hashes, self.digest)


def _middle(start: int, end: int) -> int:
    return start + (1 << (end - start - 1).bit_length() - 1)


def _check_lengths(hashes: Sequence[bytes], needed: int) -> None:
    if len(hashes) != needed:
        raise InvalidProof(f"{len(hashes)} hashes where {needed} are needed")
    if any(len(each) != HASH_SIZE for each in hashes):
        raise InvalidProof(f"a hash has {HASH_SIZE} bytes")
