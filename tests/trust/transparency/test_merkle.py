"""RFC 6962 trees: the public vectors, and every size up to 129 by the RFC's own definitions."""

import hashlib
import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service.trust.transparency.merkle import (
    SHA256,
    Digest,
    Frontier,
    InvalidProof,
    Node,
    Range,
    consistency_ranges,
    inclusion_ranges,
    range_hash,
    verify_consistency,
    verify_inclusion,
)

_VECTORS = Path(__file__).with_name("vectors")
LARGEST = 129


def vectors(name: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (_VECTORS / name).read_text().splitlines()]
    assert len(found) == 98
    return found


def hashes(encoded: list[str] | None) -> list[bytes]:
    return [b64decode(each) for each in encoded or []]


def holds(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except InvalidProof:
        return False
    return True


@pytest.mark.parametrize("case", vectors("rfc6962-inclusion.jsonl"), ids=lambda case: case["case"])
def test_public_inclusion_vectors(case: dict[str, Any]) -> None:
    valid = holds(
        verify_inclusion,
        b64decode(case["leafHash"]),
        case["leafIdx"],
        case["treeSize"],
        hashes(case["proof"]),
        b64decode(case["root"]),
    )
    assert valid is not case["wantErr"]


@pytest.mark.parametrize(
    "case", vectors("rfc6962-consistency.jsonl"), ids=lambda case: case["case"]
)
def test_public_consistency_vectors(case: dict[str, Any]) -> None:
    valid = holds(
        verify_consistency,
        case["size1"],
        case["size2"],
        hashes(case["proof"]),
        b64decode(case["root1"]),
        b64decode(case["root2"]),
    )
    assert valid is not case["wantErr"]


# The definitions of RFC 6962, section 2.1, word for word.


def data(index: int) -> bytes:
    return f"leaf {index}".encode()


@cache
def mth(start: int, end: int) -> bytes:
    if end - start == 0:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return hashlib.sha256(b"\0" + data(start)).digest()
    k = largest_power_below(end - start)
    return hashlib.sha256(b"\1" + mth(start, start + k) + mth(start + k, end)).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, start: int, end: int) -> list[bytes]:
    n = end - start
    if n == 1:
        return []
    k = largest_power_below(n)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    n = end - start
    if m == n:
        return [] if whole else [mth(start, end)]
    k = largest_power_below(n)
    if m <= k:
        return [*subproof(m, start, start + k, whole=whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, whole=False), mth(start, start + k)]


def perfect(node: Node) -> bytes:
    return mth(node.index << node.level, (node.index + 1) << node.level)


def made(ranges: list[Range]) -> list[bytes]:
    return [range_hash(leaves, perfect) for leaves in ranges]


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_of_every_small_tree(size: int) -> None:
    root = mth(0, size)
    assert range_hash(Range(0, size), perfect) == root
    for index in range(size):
        proof = made(inclusion_ranges(index, size))
        assert proof == path(index, 0, size)
        verify_inclusion(mth(index, index + 1), index, size, proof, root)
        wrong = SHA256.leaf(b"another")
        assert not holds(verify_inclusion, wrong, index, size, proof, root)
        assert not holds(verify_inclusion, mth(index, index + 1), index ^ 1, size, proof, root)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_growth_up_to_every_small_tree(size: int) -> None:
    root = mth(0, size)
    for old in range(1, size + 1):
        proof = made(consistency_ranges(old, size))
        assert proof == subproof(old, 0, size, whole=True)
        verify_consistency(old, size, proof, mth(0, old), root)
        assert not holds(verify_consistency, old, size, proof, mth(0, old - 1), root)
        if old < size:
            assert not holds(verify_consistency, old, size, proof, mth(0, old), mth(0, size + 1))


def test_the_frontier_has_the_root_of_every_size() -> None:
    frontier = Frontier()
    for size in range(1, LARGEST + 1):
        frontier.append(mth(size - 1, size))
        assert (frontier.size, frontier.root()) == (size, mth(0, size))
        # It is all that must be kept to go on.
        frontier = Frontier(SHA256, frontier.size, list(frontier.hashes))


def test_the_constants_of_the_rfc() -> None:
    assert Frontier().root().hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert SHA256.leaf(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_nothing_follows_from_an_empty_tree() -> None:
    for size in (0, 1):
        assert not holds(verify_consistency, 0, size, [], mth(0, 0), mth(0, size))


def test_a_hash_of_another_length_is_refused() -> None:
    proof = [mth(1, 2)[:-1]]
    root = SHA256.node(mth(0, 1), proof[0])
    assert not holds(verify_inclusion, mth(0, 1), 0, 2, proof, root)


def test_another_digest_gives_another_tree() -> None:
    other = Digest("sha3-256", lambda data: hashlib.sha3_256(data).digest())
    leaves = [other.leaf(data(index)) for index in range(3)]
    root = other.node(other.node(leaves[0], leaves[1]), leaves[2])
    frontier = Frontier(other)
    for leaf in leaves:
        frontier.append(leaf)
    assert frontier.root() == root
    proof = [leaves[0], leaves[2]]
    verify_inclusion(leaves[1], 1, 3, proof, root, other)
    assert not holds(verify_inclusion, leaves[1], 1, 3, proof, root, SHA256)
