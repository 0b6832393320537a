"""The audit itself, on copies in folders and rows by hand; the attacks are in test_tampering.py."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from service.contracts.samples import SampleKeys, invented, stored
from service.domain.event import EVENTS
from service.eventstore.rows import contradiction
from service.trust.transparency.audit import (
    Fault,
    Finding,
    Known,
    Report,
    Tiles,
    audit,
    sizes,
)
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import SHA256
from service.trust.transparency.scan import Scan
from service.trust.transparency.tile_folder import TileFolder
from service.trust.transparency.tiles import ENTRIES, WIDTH, GrowingTiles, Tile, entry_bundle
from tests.trust.transparency.witnessed_log import root_of

ORIGIN = "example.org/log"
LENGTH = 70_000
"""Three levels of tiles."""
LOG = [b"%d" % n for n in range(LENGTH)]


class Listed:
    """A log in memory."""

    def __init__(self, entries: list[bytes]) -> None:
        self._entries = entries

    async def entries(self) -> AsyncIterator[list[tuple[int, bytes, str | None]]]:
        rows = [(n, data, None) for n, data in enumerate(self._entries, start=1)]
        for at in range(0, len(rows), 1000):
            yield list(rows[at : at + 1000])

    async def data(self, first: int, last: int) -> list[bytes]:
        assert last - first < WIDTH, "only a block is read again"
        return self._entries[first - 1 : last]


def mirror(folder: Path, entries: list[bytes]) -> None:
    """What somebody has who fetched every tile and every bundle of a log of this length."""
    tiles = GrowingTiles()
    for entry in entries:
        tiles.append(SHA256.leaf(entry))
    bundles = [
        (Tile(ENTRIES, at // WIDTH, len(part)), entry_bundle(part))
        for at in range(0, len(entries), WIDTH)
        for part in [entries[at : at + WIDTH]]
    ]
    for tile, content in [*tiles.take_changed(), *bundles]:
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def checkpoint(size: int, entries: list[bytes] = LOG) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(entries[:size]))


NEWEST = checkpoint(LENGTH)


async def audited(
    log: Listed | TileFolder, checkpoints: list[Checkpoint], tiles: Sequence[Tiles] = ()
) -> Report:
    known = [Known(checkpoints, tiles)]
    scan = Scan.begun(sizes(known))
    async for entries in log.entries():
        scan.take(entries)
    scan.close()
    return await audit(log, scan, known)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> TileFolder:
    folder = tmp_path_factory.mktemp("tiles")
    mirror(folder, LOG)
    return TileFolder(folder)


def altered(*positions: int) -> Listed:
    entries = list(LOG)
    for position in positions:
        entries[position - 1] = b"another"
    return Listed(entries)


@pytest.mark.parametrize("position", [1, 2, 256, 257, 32768, 65536, 65537, 69888, 69889, LENGTH])
async def test_the_first_altered_position(position: int, mirrored: TileFolder) -> None:
    for log in (altered(position), altered(LENGTH, position)):
        report = await audited(log, [NEWEST], [mirrored.tile])
        assert report.findings == (Finding(Fault.REWRITTEN, position, position),)


async def test_without_tiles_it_lies_between_two_checkpoints() -> None:
    held = [NEWEST, checkpoint(300), checkpoint(65_536), checkpoint(65_600)]
    [found] = (await audited(altered(65_570, 66_000), held)).findings
    assert found == Finding(Fault.REWRITTEN, 65_537, 65_600)
    [found] = (await audited(altered(66_000), held)).findings
    assert found == Finding(Fault.REWRITTEN, 65_601, LENGTH)


async def test_tiles_are_believed_as_far_as_they_add_up(tmp_path: Path) -> None:
    """Of the tile that was rewritten nothing is; the ones above it still tell the block."""
    mirror(tmp_path, LOG)
    lying = GrowingTiles()
    for entry in [*LOG[: 40 * WIDTH], b"another", *LOG[40 * WIDTH + 1 : 41 * WIDTH]]:
        lying.append(SHA256.leaf(entry))
    [forged] = [hashes for tile, hashes in lying.take_changed() if tile == Tile(0, 40)]
    (tmp_path / Tile(0, 40).path).write_bytes(forged)
    report = await audited(altered(40 * WIDTH + 1), [NEWEST], [TileFolder(tmp_path).tile])
    [found] = report.findings
    assert found == Finding(Fault.REWRITTEN, 40 * WIDTH + 1, 41 * WIDTH)


async def test_a_second_copy_helps_where_the_first_lies(
    tmp_path: Path, mirrored: TileFolder
) -> None:
    mirror(tmp_path, [b"another", *LOG[1:]])
    for copies in ([TileFolder(tmp_path), mirrored], [mirrored, TileFolder(tmp_path)]):
        report = await audited(altered(1), [NEWEST], [each.tile for each in copies])
        assert report.findings == (Finding(Fault.REWRITTEN, 1, 1),)


async def test_two_histories_of_one_length() -> None:
    other = checkpoint(300, [b"another", *LOG[1:]])
    report = await audited(Listed(LOG), [checkpoint(300), other, NEWEST])
    assert Fault.FORKED in {each.fault for each in report.findings}


async def test_a_copy_as_bundles(tmp_path: Path, mirrored: TileFolder) -> None:
    assert await audited(mirrored, [NEWEST]) == Report(LENGTH, LENGTH, ())
    mirror(tmp_path, [*LOG[:300], b"another", *LOG[301:700]])
    copy = TileFolder(tmp_path)
    [found] = (await audited(copy, [checkpoint(600)], [copy.tile, mirrored.tile])).findings
    assert found == Finding(Fault.REWRITTEN, 301, 301)
    (tmp_path / Tile(ENTRIES, 1).path).unlink()
    found, *_ = (await audited(copy, [checkpoint(600)], [mirrored.tile])).findings
    assert (found.fault, found.first, found.last) == (Fault.TRUNCATED, 257, 600)


async def test_what_no_checkpoint_covers_is_counted() -> None:
    assert (await audited(Listed(LOG[:500]), [checkpoint(300)])).uncovered == 200


async def test_without_a_checkpoint_there_is_no_audit() -> None:
    for told in ([], [checkpoint(0)]):
        with pytest.raises(ValueError, match="没有检查点"):
            await audited(Listed(LOG[:3]), told)


@pytest.mark.parametrize("name", EVENTS)
def test_columns_and_bytes_of_every_event_agree(name: str) -> None:
    """No false alarm for any event there is; an alarm for each tag that is missing or too much."""
    event = invented(EVENTS[name])
    data, tags = stored(event, SampleKeys()), event.tags()
    assert contradiction(name, tags, data) is None
    assert contradiction(name, tags[::-1], data) is None
    assert contradiction("Another", tags, data)
    assert contradiction(name, [*tags, "member:nobody"], data)
    assert contradiction(name, [*tags, *tags[:1]], data)
    assert contradiction(name, tags[1:], data)
    assert contradiction(name, [], data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"type":"Unheard","data":{}}', b'{"type":[]}']
)
def test_bytes_that_are_no_event(data: bytes) -> None:
    assert contradiction("", [], data)
