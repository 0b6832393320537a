"""Tiles: their addresses, their growth, and what can be computed from them."""

import pytest

from service.trust.transparency.merkle import (
    HASH_SIZE,
    SHA256,
    Frontier,
    Node,
    Range,
    consistency_ranges,
    inclusion_ranges,
    range_hash,
    subtrees,
    verify_consistency,
    verify_inclusion,
)
from service.trust.transparency.tiles import (
    ENTRIES,
    GrowingTiles,
    MalformedTile,
    Tile,
    bundled_entries,
    entry_bundle,
    hash_in,
    tile_of,
)


def leaf(index: int) -> bytes:
    return SHA256.leaf(str(index).encode())


def grown(size: int) -> GrowingTiles:
    tiles = GrowingTiles()
    for index in range(size):
        tiles.append(leaf(index))
    return tiles


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/x001/x234/067", Tile(0, 1234067)),
        ("0/000", Tile(0, 0)),
        ("63/999", Tile(63, 999)),
        ("1/x001/000.p/17", Tile(1, 1000, 17)),
        ("0/000.p/255", Tile(0, 0, 255)),
        ("entries/x273/112.p/112", Tile(ENTRIES, 273112, 112)),
    ],
)
def test_addresses(path: str, tile: Tile) -> None:
    assert Tile.parse(path) == tile
    assert tile.path == path


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "0/", "/000", "00/000", "64/000", "-1/000", "0/0", "0/0000", "0/x000/000",
        "0/001/000", "0/x001", "0/000.p/0", "0/000.p/01", "0/000.p/256", "0/000.p", "0/000/",
        "0/000.p/1/2", "entries/", "data/000", "0/０００", "0/x001/x000/x000/x000/x000/x000/000",
        "0/../000", "0/000\n",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(path: str) -> None:
    with pytest.raises(MalformedTile):
        Tile.parse(path)


def test_the_tree_of_70000_of_the_specification() -> None:
    changed = [tile for tile, _ in grown(70_000).take_changed()]
    assert [tile for tile in changed if tile.level == 0] == [
        *(Tile(0, index) for index in range(273)),
        Tile(0, 273, 112),
    ]
    assert [tile for tile in changed if tile.level > 0] == [
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1_above_it() -> None:
    changed = dict(grown(256).take_changed())
    assert list(changed) == [Tile(0, 0), Tile(1, 0, 1)]
    assert changed[Tile(1, 0, 1)] == grown(256).root()


def test_what_a_tile_covers() -> None:
    assert Tile(0, 2, 7).leaves == Range(512, 519)
    assert Tile(ENTRIES, 2, 7).leaves == Range(512, 519)
    assert Tile(1, 1).leaves == Range(65536, 131072)


def test_stopping_anywhere_and_going_on_from_the_last_tiles_gives_the_same() -> None:
    frontier = Frontier()
    kept: dict[tuple[int, int], tuple[Tile, bytes]] = {}
    for size in range(1, 1100):
        levels = sorted({level for level, _ in kept})
        last = [kept[max(each for each in kept if each[0] == level)] for level in levels]
        tiles = GrowingTiles.load(last)
        assert tiles.size == size - 1
        tiles.append(leaf(size - 1))
        frontier.append(leaf(size - 1))
        assert tiles.root() == frontier.root()
        for tile, hashes in tiles.take_changed():
            before = kept.get((tile.level, tile.index))
            assert before is None or hashes.startswith(before[1])  # a tile only grows
            kept[tile.level, tile.index] = tile, hashes


@pytest.mark.parametrize("at_once", [1, 7, 255, 256, 257, 1000])
def test_many_leaves_at_once(at_once: int) -> None:
    tiles, hashes = GrowingTiles(), [leaf(index) for index in range(1100)]
    for begin in range(0, len(hashes), at_once):
        tiles.extend(hashes[begin : begin + at_once])
    one_by_one = grown(len(hashes))
    assert tiles.root() == one_by_one.root()
    assert sorted(map(str, tiles.take_changed())) == sorted(map(str, one_by_one.take_changed()))


def test_what_did_not_change_is_not_given_again() -> None:
    tiles = grown(300)
    tiles.take_changed()
    assert tiles.take_changed() == []
    tiles.append(leaf(300))
    assert [tile for tile, _ in tiles.take_changed()] == [Tile(0, 1, 45)]


def test_tiles_that_do_not_belong_together_are_refused() -> None:
    good = [(Tile(0, 1, 44), b"\0" * 44 * HASH_SIZE), (Tile(1, 0, 1), b"\0" * HASH_SIZE)]
    GrowingTiles.load(good)
    for bad in (
        good[1:],
        good[:1],
        [good[0], (Tile(1, 0, 2), b"\0" * 2 * HASH_SIZE)],
        [(Tile(0, 0, 44), b"\0" * 44 * HASH_SIZE), good[1]],
    ):
        with pytest.raises(MalformedTile):
            GrowingTiles.load(bad)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 70_000])
def test_every_proof_comes_out_of_the_tiles(size: int) -> None:
    tiles = grown(size)
    kept = dict(tiles.take_changed())

    def lookup(node: Node) -> bytes:
        return hash_in(kept[tile_of(node, size)], node)

    root = tiles.root()
    assert range_hash(Range(0, size), lookup) == root
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        proof = [range_hash(leaves, lookup) for leaves in inclusion_ranges(index, size)]
        verify_inclusion(leaf(index), index, size, proof, root)
    for old in {1, size // 2, size - 1, size} & set(range(1, size + 1)):
        proof = [range_hash(leaves, lookup) for leaves in consistency_ranges(old, size)]
        verify_consistency(old, size, proof, grown(old).root(), root)


def test_a_tile_that_is_too_narrow_gives_no_hash() -> None:
    [node] = subtrees(Range(0, 4))
    with pytest.raises(MalformedTile):
        hash_in(b"\0" * 3 * HASH_SIZE, node)
    with pytest.raises(MalformedTile):
        hash_in(b"", Node(0, 0))


def test_bundles_hold_the_exact_bytes() -> None:
    entries = [b"", b"x", b"y" * 65_535]
    assert bundled_entries(entry_bundle(entries)) == entries
    assert entry_bundle([b"ab"]) == b"\0\2ab"
    for cut in (b"\0", b"\0\2a", entry_bundle(entries)[:-1]):
        with pytest.raises(MalformedTile):
            bundled_entries(cut)
    with pytest.raises(OverflowError):
        entry_bundle([b"z" * 65_536])
