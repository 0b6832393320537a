"""Readings that were sealed cannot be altered without its being seen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from service.auditing import show_readings
from service.domain.event import SHANGHAI
from service.domain.reading_seal import ReadingsSealed
from service.eventstore import EventLog, decode
from service.trust.readings import Reading, Readings
from service.trust.sealing import Sealing, first_unsound
from tests.database import MASTER_KEY, Database

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)


def reading(number: int, **changes: Any) -> Reading:
    made = Reading(
        f"member-{number % 7}", NOW, "branch", "client", "officer", "responsible", "vetting",
        ("content", "name"), "/api/v1/members/{member_id}", f"{number:032}", number,
    )  # fmt: skip
    return made._replace(**changes)


@dataclass
class Scene:
    log: EventLog
    readings: Readings
    sealing: Sealing
    owner: asyncpg.Connection

    async def seals(self) -> list[tuple[int, int]]:
        events = [decode(*each).event for each in await self.log.stored(after=0, limit=100)]
        return [(each.first, each.last) for each in events if isinstance(each, ReadingsSealed)]


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    owner = await asyncpg.connect(database.owner_url)
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        yield Scene(log, Readings(log.pool), Sealing(log, lambda: NOW), owner)
    await owner.close()


async def test_what_was_written_down_is_read_as_it_was(scene: Scene) -> None:
    plain = reading(1)
    by_system = reading(2, person=None, role=None, fields=(), member_id="member-1")
    await scene.readings.record([plain, by_system])
    assert await scene.readings.of_member("member-1", limit=5) == [
        by_system._replace(number=2),
        plain._replace(number=1),
    ]


async def test_seals_follow_one_another(scene: Scene) -> None:
    await scene.sealing.seal()
    assert await scene.seals() == []
    await scene.readings.record([reading(each) for each in range(2500)])
    await scene.sealing.seal()
    await scene.sealing.seal()
    await scene.readings.record([reading(1)])
    await Sealing(scene.log, lambda: NOW).seal()
    assert await scene.seals() == [(1, 2500), (2501, 2501)]
    assert await first_unsound(scene.log.pool) is None
    assert await show_readings(Console(file=StringIO()), scene.log.pool)


TAMPERING = [
    "DELETE FROM access.readings WHERE number = 3",
    "DELETE FROM access.readings WHERE number = 4",
    "UPDATE access.readings SET purpose = 'inspection' WHERE number = 3",
    "UPDATE access.readings SET at = at + interval '1 microsecond' WHERE number = 3",
    "UPDATE access.readings SET person = NULL WHERE number = 3",
    "UPDATE access.readings SET member_id = 'member-9' WHERE number = 3",
    "UPDATE access.readings SET fields = '{content}' WHERE number = 3",
    "UPDATE access.readings SET number = 6 WHERE number = 3",
]


@pytest.mark.parametrize("statement", TAMPERING)
async def test_whoever_alters_what_is_sealed_is_found_out(scene: Scene, statement: str) -> None:
    for each in range(2):
        await scene.readings.record([reading(each), reading(each + 2)])
        await scene.sealing.seal()
    assert await first_unsound(scene.log.pool) is None
    await scene.owner.execute("ALTER TABLE access.readings DISABLE TRIGGER ALL")
    await scene.owner.execute(statement)
    told = StringIO()
    assert not await show_readings(Console(file=told), scene.log.pool)
    assert "查阅记录被改动过" in told.getvalue()
    found = await first_unsound(scene.log.pool)
    assert found is not None
    assert (found.first, found.last) == (3, 4)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access.readings SET purpose = 'vetting'",
        "DELETE FROM access.readings",
        "TRUNCATE access.readings",
        "UPDATE log.lines SET above = 'branch'",
        "DELETE FROM log.lines",
    ],
)
async def test_even_the_owner_does_not_rewrite_by_mistake(scene: Scene, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="immutable"):
        await scene.owner.execute(statement)


async def test_many_processes_number_without_a_gap(scene: Scene, database: Database) -> None:
    async with EventLog.open(database.app_url, MASTER_KEY) as other:

        async def read(readings: Readings) -> None:
            for each in range(200):
                await readings.record([reading(each), reading(each)])

        await asyncio.gather(read(scene.readings), read(Readings(other.pool)))
    numbers = [each.number for each in await scene.readings.numbered(1, 1000)]
    assert numbers == list(range(1, 801))
