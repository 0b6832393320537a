"""A thousand times a superuser rewrites the log, and is found by a witness's checkpoint alone.

Triggers are off and the log's key is stolen; half of the time the tiles and the published
checkpoint are made to match. And a thousand times nobody does anything, and nothing is found.
"""

# ruff: noqa: S608 - the ways of changing a column are written below

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.auditing import Told, UntrustedCheckpoint, audit_index, audit_tables, trusted
from service.eventstore import DCBEvent
from service.trust.transparency.audit import Fault, Report
from service.trust.transparency.checkpoint import Checkpoint
from tests.database import Database
from tests.trust.transparency.witnessed_log import (
    LENGTH,
    ORIGIN,
    SIZES,
    WitnessedLog,
    root_of,
    witnessed_log,
)

REPEATED = 67
"""Times each way is tried, with different events: 15 ways make a thousand."""
CLEAN = 1000

Tampering = Callable[[asyncpg.Connection, random.Random, int], Awaitable[int]]
"""Changes something at or before a position; returns the first position that is not as it was."""


async def edit(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """Somebody else acted: valid bytes, other meaning."""
    at = chance.randint(1, size)
    await db.execute(
        "UPDATE log.events SET data = convert_to(replace(convert_from(data, 'UTF8'), $2, $3),"
        " 'UTF8') WHERE position = $1",
        at,
        '"organisation_id":"somebody"',
        f'"organisation_id":"somebody-{chance.randrange(100)}"',
    )
    return at


async def edit_one_bit(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = chance.randint(1, size)
    await db.execute(
        "UPDATE log.events SET data = set_bit(data, $2 % (8 * octet_length(data)), 1 -"
        " get_bit(data, $2 % (8 * octet_length(data)))) WHERE position = $1",
        at,
        chance.randrange(10_000),
    )
    return at


async def replace(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """Another event's bytes, type and tags: everything about the row fits together."""
    at, other = sorted(chance.sample(range(1, size + 1), 2)) if size > 1 else (1, LENGTH)
    await db.execute(
        "UPDATE log.events e SET type = o.type, tags = o.tags, data = o.data"
        " FROM log.events o WHERE e.position = $1 AND o.position = $2",
        at,
        other,
    )
    await reindex(db)
    return at


async def delete(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = chance.randint(1, size)
    await db.execute("DELETE FROM log.events WHERE position = $1", at)
    return at


async def delete_and_close_the_gap(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = await delete(db, chance, size)
    await shift(db, at, -1)
    return at


async def insert(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """An event that never happened, in the middle; the others move up."""
    at = chance.randint(1, size)
    await shift(db, at - 1, +1)
    await db.execute(
        "INSERT INTO log.events SELECT shard, $1, type, tags, convert_to(replace("
        "convert_from(data, 'UTF8'), 'officer', 'forger'), 'UTF8')"
        " FROM log.events WHERE position = $2",
        at,
        at + 1,
    )
    await reindex(db)
    return at


async def swap(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    first, second = chance.randint(1, size), LENGTH
    if size > 1:
        first, second = sorted(chance.sample(range(1, size + 1), 2))
    await move(db, {first: second, second: first})
    return first


async def resequence(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """A run of events in another order."""
    first = chance.randint(1, size)
    run = list(range(first, min(first + chance.randint(2, 20), LENGTH + 1)))
    await move(db, dict(zip(run, [*run[1:], run[0]], strict=True)))
    return first


async def truncate(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = chance.randint(1, size)
    await db.execute("DELETE FROM log.events WHERE position >= $1", at)
    await reindex(db)
    return at


async def leave_a_gap(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = chance.randint(1, size)
    await shift(db, at - 1, chance.randint(1, 1000))
    return at


async def edit_type(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """The bytes stay; decisions that look for the type do not find the event."""
    at = chance.randint(1, size)
    await db.execute("UPDATE log.events SET type = 'MemberDeregistered' WHERE position = $1", at)
    await reindex(db)
    return at


async def edit_tags(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """The bytes stay; decisions about one of its subjects do not find the event."""
    at = chance.randint(1, size)
    changed = chance.choice(
        ["tags[2:]", "tags || '{member:nobody}'", "'{}'", "array_append(tags, NULL)"]
    )
    await db.execute(f"UPDATE log.events SET tags = {changed} WHERE position = $1", at)
    await reindex(db)
    return at


async def delete_index_rows(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    at = chance.randint(1, size)
    every = (
        "true"
        if chance.random() < 0.5
        else "tag_hash = (SELECT max(tag_hash) FROM log.tags WHERE position = $1)"
    )
    await db.execute(f"DELETE FROM log.tags WHERE position = $1 AND {every}", at)
    return at


async def edit_index_rows(db: asyncpg.Connection, chance: random.Random, size: int) -> int:
    """As many rows as before; they only lead elsewhere."""
    at = chance.randint(1, size)
    changed = chance.choice(
        [
            "tag_hash = tag_hash + 1",
            "type_hash = type_hash + 1",
            "position = position + 1000",
            "shard = 2",
        ]
    )
    await db.execute(f"UPDATE log.tags SET {changed} WHERE position = $1", at)
    return at


async def delete_everything(db: asyncpg.Connection, _: random.Random, __: int) -> int:
    await db.execute("DELETE FROM log.events")
    await db.execute("DELETE FROM log.tags")
    return 1


async def move(db: asyncpg.Connection, places: dict[int, int]) -> None:
    """Gives these positions to those events, beyond what the primary key would see as taken."""
    await db.execute(
        "UPDATE log.events e SET position = m.target + 1000000"
        " FROM unnest($1::bigint[], $2::bigint[]) AS m(origin, target) WHERE e.position = m.origin",
        list(places),
        list(places.values()),
    )
    await db.execute("UPDATE log.events SET position = position - 1000000 WHERE position > 1000000")
    await reindex(db)


async def shift(db: asyncpg.Connection, after: int, by: int) -> None:
    rows = await db.fetch("SELECT position FROM log.events WHERE position > $1", after)
    await move(db, {row["position"]: row["position"] + by for row in rows})


async def reindex(db: asyncpg.Connection) -> None:
    """Somebody careful makes the index fit as well."""
    await db.execute("DELETE FROM log.tags")
    await db.execute(
        "INSERT INTO log.tags SELECT hashtextextended(tag, 0), position, hashtext(type), shard"
        " FROM log.events, unnest(tags) AS tag WHERE tag IS NOT NULL"
    )


WAYS: dict[Tampering, Fault | None] = {
    edit: None,
    edit_one_bit: None,
    replace: None,
    delete: Fault.MISSING,
    delete_and_close_the_gap: None,
    insert: None,
    swap: None,
    resequence: None,
    truncate: Fault.TRUNCATED,
    leave_a_gap: Fault.MISSING,
    delete_everything: Fault.TRUNCATED,
    edit_type: Fault.CONTRADICTION,
    edit_tags: Fault.CONTRADICTION,
    delete_index_rows: Fault.UNINDEXED,
    edit_index_rows: Fault.UNINDEXED,
}
"""The ways, and as what they are found; None: as a rewritten history."""


@pytest.fixture
async def witnessed(database: Database, tmp_path: Path) -> AsyncIterator[WitnessedLog]:
    async with witnessed_log(database, tmp_path) as made:
        yield made


async def audited(db: asyncpg.Connection, *checkpoints: Checkpoint) -> Report:
    report = await audit_tables(db, checkpoints)
    return report.with_findings(await audit_index(db))


def held(witnessed: WitnessedLog, *sizes: int) -> list[Checkpoint]:
    """The witness's checkpoints of these sizes, checked as the command checks them."""
    told = [Told(str(size), str(witnessed.checkpoints[size])) for size in sizes]
    return [trusted(each, witnessed.policy).checkpoint for each in told]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_tampering_is_found(way: Any, witnessed: WitnessedLog) -> None:
    before = await witnessed.entries()
    for seed in range(REPEATED):
        chance = random.Random(seed)
        size, rewrites_tiles = chance.choice(SIZES), chance.random() < 0.5
        # Older checkpoints, if somebody has them, say more exactly where it was.
        older = [each for each in SIZES if each < size and chance.random() < 0.3]
        checkpoints = held(witnessed, size, *older)
        async with witnessed.unguarded() as db:
            at = await way(db, chance, size)
            if await witnessed.entries() == before and WAYS[way] is None:
                at = 0  # such as a digit replaced by itself
            if rewrites_tiles:
                # With the stolen key: all that the service holds agrees with itself.
                forged = Told("forged", str(await witnessed.publish()))
                with pytest.raises(UntrustedCheckpoint):
                    trusted(forged, witnessed.policy)
            report = await audited(db, *checkpoints)
        about = (seed, at, size, older, rewrites_tiles, report)
        assert bool(report.findings) == bool(at), about
        expected = WAYS[way] or Fault.REWRITTEN
        if at and expected is not Fault.REWRITTEN:
            found = {each.fault: each for each in report.findings}[expected]
            assert found.first == at, about
        elif at and rewrites_tiles:
            found = {each.fault: each for each in report.findings}[expected]
            assert max((n for n in older if n < at), default=0) < found.first <= at <= found.last, (
                about
            )
        elif at:
            found = {each.fault: each for each in report.findings}[expected]
            assert (found.first, found.last) == (at, at), about


async def test_nothing_is_found_where_nothing_was_done(witnessed: WitnessedLog) -> None:
    rows = await witnessed.connection.fetch(
        "SELECT type, tags, data FROM log.events ORDER BY position"
    )
    events = [DCBEvent(type=each["type"], tags=each["tags"], data=each["data"]) for each in rows]
    for seed in range(CLEAN):
        chance = random.Random(seed)
        length = chance.randint(1, LENGTH)
        start = chance.randint(0, LENGTH - length)
        sizes = {chance.randint(1, length) for _ in range(chance.randint(1, 3))}
        async with witnessed.unguarded() as db:
            await db.execute("TRUNCATE log.events, log.tags")
            await witnessed.append(events[start : start + length])
            if chance.random() < 0.5:
                await witnessed.publish()
            entries = await witnessed.entries()
            told = [Checkpoint(ORIGIN, size, root_of(entries[:size])) for size in sizes]
            report = await audited(db, *told)
        assert report == Report(max(sizes), length, ()), (seed, report)
