"""The checks after a fault would notice: each is shown what it looks for."""

import asyncpg
from eventsourcing.dcb.api import DCBEvent

from service.eventstore import EventLog
from service.projections import audit_trail, checkpoint
from service.projections.catalogue import VIEWS
from service.projections.runner import Runner
from tests.database import MASTER_KEY, Database
from tests.faults.checking import log_is_wrong, views_are_wrong
from tests.faults.clients import found


def enrolled(member: str) -> DCBEvent:
    return DCBEvent("MemberEnrolled", b'{"data":{"member_id":"%s"}}' % member.encode(), ["x:1"])


async def owner_does(database: Database, *statements: str) -> None:
    owner = await asyncpg.connect(database.owner_url)
    try:
        for statement in statements:
            await owner.execute(statement)
    finally:
        await owner.close()


async def test_what_was_lost_doubled_or_never_acknowledged(database: Database) -> None:
    async with EventLog.open(database.app_url) as log:
        for member in ("a", "b", "b", "c"):
            await log.append([enrolled(member)])
    answered = {"1": ("a", 1), "2": ("b", 3), "3": ("lost", 9)}
    assert await log_is_wrong(database.owner_url, answered) == [
        "acknowledged but lost: 1 of 3",
        "there more than once: 1",
        "there but never acknowledged: 1",
    ]


async def test_an_answer_given_twice_differently(database: Database) -> None:
    async with EventLog.open(database.app_url) as log:
        for member in ("a", "b"):
            await log.append([enrolled(member)])
    answered = {"1": ("a", 2), "2": ("b", 2), "3": ("a", 2)}
    assert await log_is_wrong(database.owner_url, answered) == [
        "two keys were answered with the same member",
        "at another position than answered: 1",
        "kept answers differ from those that were given",
    ]


async def test_a_hole_and_a_tag_that_is_missing(database: Database) -> None:
    async with EventLog.open(database.app_url) as log:
        for _ in range(3):
            await log.append([DCBEvent("a", b"", ["x:1"])])
    await owner_does(
        database,
        "ALTER TABLE log.events DISABLE TRIGGER ALL",
        "ALTER TABLE log.tags DISABLE TRIGGER ALL",
        "DELETE FROM log.events WHERE position = 2",
        "DELETE FROM log.tags WHERE position = 2",
        "DELETE FROM log.tags WHERE position = 3",
    )
    assert await log_is_wrong(database.owner_url, {}) == [
        "positions are not dense",
        "1 events cannot be found by each of their tags",
    ]


async def test_a_view_that_differs_from_its_rebuild(database: Database) -> None:
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        await found(log)
        async with Runner.running(log, VIEWS) as runner:
            await runner.caught_up(3)
        assert await views_are_wrong(database.owner_url) == []
        stands = await checkpoint.read(log.pool, audit_trail.VIEW, "live")
        assert stands is not None
        assert stands.position == 3
    await owner_does(database, f"TRUNCATE views.{audit_trail.VIEW.tables[0].name}")
    assert await views_are_wrong(database.owner_url) == [
        "view audit_trail differs from its rebuild"
    ]
