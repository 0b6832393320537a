"""A log that is scanned in parts shows the same as one that is scanned at once."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.auditing import audit_index
from service.eventstore.rows import LogRows, Part
from service.scanning import ScanFailed, reading, scanned, scanned_part
from service.trust.transparency.audit import Fault, Finding, Known, Report, audit, sizes
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.scan import Scan
from service.trust.transparency.tiles import WIDTH
from tests.database import Database
from tests.trust.transparency.test_tampering import WAYS
from tests.trust.transparency.witnessed_log import (
    LENGTH,
    ORIGIN,
    SIZES,
    WitnessedLog,
    root_of,
    witnessed_log,
)


def unheard(_: int) -> None:
    """Nobody watches the progress."""


@pytest.fixture
async def witnessed(database: Database, tmp_path: Path) -> AsyncIterator[WitnessedLog]:
    async with witnessed_log(database, tmp_path) as made:
        yield made


async def known(witnessed: WitnessedLog, *lengths: int) -> list[Known]:
    entries = await witnessed.entries()
    return [Known([Checkpoint(ORIGIN, size, root_of(entries[:size])) for size in lengths])]


async def reports(db: asyncpg.Connection, trees: list[Known]) -> tuple[Report, Report]:
    """Of the whole log at once, and of its parts one after another."""
    rows, wanted = LogRows(db), sizes(trees)
    at_once = await scanned_part(db, Part(0, None), wanted, unheard)
    whole, *rest = [
        await scanned_part(db, part, wanted, unheard) for part in await rows.parts(WIDTH)
    ]
    for part in rest:
        whole.join(part)
    return await audit(rows, at_once, trees), await audit(rows, whole, trees)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_parts_show_every_tampering_alike(way: Any, witnessed: WitnessedLog) -> None:
    for seed in range(5):
        chance = random.Random(seed)
        trees = await known(witnessed, *chance.sample(SIZES, 2), LENGTH)
        async with witnessed.unguarded() as db:
            await way(db, chance, LENGTH)
            at_once, in_parts = await reports(db, trees)
        assert in_parts == at_once, seed


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log.events SET position = NULL WHERE position = 300",
        "UPDATE log.events SET position = -position WHERE position = 2",
        "UPDATE log.events SET position = 7 WHERE position = 280",
        "DELETE FROM log.events WHERE position BETWEEN 200 AND 256",
        "DELETE FROM log.events WHERE position BETWEEN 250 AND 260",
        "UPDATE log.events SET position = position + 2000000000000 WHERE position > 30",
        "UPDATE log.events SET position = position + 2000000000000 WHERE position > 256",
    ],
)
async def test_parts_leave_out_no_position(change: str, witnessed: WitnessedLog) -> None:
    trees = await known(witnessed, LENGTH)
    async with witnessed.unguarded() as db:
        await db.execute(
            "ALTER TABLE log.events DROP CONSTRAINT events_pkey CASCADE,"
            " DROP CONSTRAINT events_position_check, ALTER position DROP NOT NULL"
        )
        await db.execute(change)
        at_once, in_parts = await reports(db, trees)
    assert in_parts == at_once
    assert Fault.MISSING in {each.fault for each in at_once.findings}


async def test_processes_see_the_snapshot_together(
    database: Database, witnessed: WitnessedLog
) -> None:
    trees = await known(witnessed, 200, 300)
    told: list[int] = []
    async with reading(database.app_url) as db:
        await LogRows(db).head()
        async with witnessed.connection.transaction():
            await witnessed.connection.execute("SET LOCAL session_replication_role = replica")
            await witnessed.connection.execute("DELETE FROM log.events WHERE position = 9")
        scan = await scanned(db, database.app_url, sizes(trees), told.append, WIDTH)
        assert await audit(LogRows(db), scan, trees) == Report(300, LENGTH, ())
    assert sorted(told) == [LENGTH - WIDTH, WIDTH]
    async with reading(database.app_url) as db:
        scan = await scanned(db, database.app_url, sizes(trees), told.append, WIDTH)
        report = await audit(LogRows(db), scan, trees)
    assert Finding(Fault.MISSING, 9, 9) in report.findings


async def test_a_process_that_fails_is_no_sound_log(
    database: Database, witnessed: WitnessedLog, capfd: pytest.CaptureFixture[str]
) -> None:
    trees = await known(witnessed, 300)
    async with reading(database.app_url) as db:
        with pytest.raises(ScanFailed):
            await scanned(db, database.named("absent").app_url, sizes(trees), unheard, WIDTH)
    assert "absent" in capfd.readouterr().err


async def test_only_rows_that_lack_matter_in_the_index(witnessed: WitnessedLog) -> None:
    """One too many is harmless; one instead of another is not, however alike the two are."""
    async with witnessed.unguarded() as db:
        assert await audit_index(db) == []
        await db.execute("INSERT INTO log.tags SELECT * FROM log.tags WHERE position = 5 LIMIT 1")
        await db.execute("INSERT INTO log.tags SELECT tag_hash, 999, type_hash, 1 FROM log.tags")
        assert await audit_index(db) == []
    alike = (
        # hashint8extended makes the same number of them, unless it is given halves.
        "tag_hash = ((tag_hash >> 32 # 1) << 32) | ((tag_hash # 1) & 4294967295)",
        "position = (1::bigint << 32) | (position # 1)",
    )
    for change in alike:
        async with witnessed.unguarded() as db:
            await db.execute(f"UPDATE log.tags SET {change} WHERE position = 77")  # noqa: S608
            [found] = await audit_index(db)
        assert (found.fault, found.first, found.last) == (Fault.UNINDEXED, 77, 77)


async def test_an_empty_part_joins(witnessed: WitnessedLog) -> None:
    wanted = sizes(await known(witnessed, LENGTH))
    async with witnessed.unguarded() as db:
        whole = await scanned_part(db, Part(0, None), wanted, unheard)
    size, head = whole.size, whole.head
    whole.join(Scan.begun(wanted, 2 * WIDTH))
    assert (whole.size, whole.head, whole.gap) == (size, head, None)
