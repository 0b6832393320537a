"""The history checker: after two processes decided at random, every accepted decision is compared
with what the log held before it. The control without the lock shows that it would notice."""

import asyncio
import random
from contextlib import AsyncExitStack

import asyncpg
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBSequencedEvent,
)

from service.eventstore import EventLog, IntegrityError
from tests.database import Database

TAGS = [f"thing:{number}" for number in range(6)]
TYPES = ["a", "b", "c"]

Accepted = tuple[int, int, DCBQuery, int]
"""First and last position, the condition's query and its ``after``."""


async def work(log: EventLog, chance: random.Random, times: int) -> list[Accepted]:
    """Reads a random boundary, then appends on the condition that nothing new lies in it."""
    accepted = []
    for _ in range(times):
        query = DCBQuery(
            [
                DCBQueryItem(
                    chance.sample(TYPES, chance.randint(0, 2)),
                    chance.sample(TAGS, chance.randint(1, 2)),
                )
                for _ in range(chance.randint(1, 3))
            ]
        )
        after = (await log.read(query)).head or 0
        await asyncio.sleep(chance.random() * 0.002)
        events = [
            DCBEvent(chance.choice(TYPES), b"", chance.sample(TAGS, chance.randint(1, 3)))
            for _ in range(chance.randint(1, 2))
        ]
        try:
            last = await log.append(events, DCBAppendCondition(query, after))
        except IntegrityError:
            continue
        accepted.append((last - len(events) + 1, last, query, after))
    return accepted


def wrong(history: list[DCBSequencedEvent], accepted: list[Accepted]) -> list[Accepted]:
    """The accepted decisions that the log contradicts: an event they forbade came before them."""
    return [
        decision
        for decision in accepted
        for each in history[decision[3] : decision[0] - 1]
        if any(
            (not item.types or each.event.type in item.types)
            and set(each.event.tags) >= set(item.tags)
            for item in decision[2].items
        )
    ]


async def run(
    database: Database, workers: int, times: int
) -> tuple[list[DCBSequencedEvent], list[Accepted]]:
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(EventLog.open(database.app_url)) for _ in range(2)]
        runs = await asyncio.gather(
            *(work(logs[n % 2], random.Random(n), times) for n in range(workers))
        )
        history = (await logs[0].read()).events
    return history, [decision for run in runs for decision in run]


async def test_no_accepted_decision_is_wrong(database: Database) -> None:
    history, accepted = await run(database, workers=24, times=40)
    assert len(accepted) > 100
    assert [each.position for each in history] == list(range(1, len(history) + 1))
    assert sum(last - first + 1 for first, last, _, _ in accepted) == len(history)
    assert wrong(history, accepted) == []


async def test_without_the_lock_the_checker_finds_wrong_decisions(database: Database) -> None:
    """The control: the same function, its lock taken out, its places from a sequence."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        source: str = await owner.fetchval("SELECT pg_get_functiondef('log.append'::regproc)")
        for sound, broken in (
            (
                "PERFORM pg_advisory_xact_lock(s.lock_key) FROM log.shards s",
                "PERFORM FROM log.shards s",
            ),
            ("head + row_number() OVER (ORDER BY e.ordinal)", "nextval('log.places')"),
        ):
            assert sound in source
            source = source.replace(sound, broken)
        await owner.execute("CREATE SEQUENCE log.places")
        await owner.execute(source)
    finally:
        await owner.close()
    found = []
    for _ in range(5):
        history, accepted = await run(database, workers=24, times=40)
        places = {each.position: each for each in history}
        # What nobody ever saw cannot be compared: a hole is filled with an event without tags.
        hole = DCBSequencedEvent(DCBEvent("hole", b""), 0)
        whole = [places.get(place, hole) for place in range(1, max(places) + 1)]
        found = wrong(whole, accepted)
        if found:
            break
    assert found
