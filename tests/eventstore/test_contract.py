"""The log keeps the contract of eventsourcing's DCBRecorder, case by case, next to the library's
own in-memory recorder: whatever is asked of both gets the same answer."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.persistence import ProgrammingError

from service.eventstore import LONGEST_EVENT, EventLog, IntegrityError, UnstorableEvent
from tests.database import Database


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url) as opened:
        yield opened


def event(type_: str, *tags: str, data: bytes = b"{}") -> DCBEvent:
    return DCBEvent(type_, data, list(tags))


def query(*items: tuple[list[str], list[str]]) -> DCBQuery:
    return DCBQuery([DCBQueryItem(types, tags) for types, tags in items])


async def test_an_empty_log_has_no_head(log: EventLog) -> None:
    response = await log.read()
    assert (list(response), response.head) == ([], None)
    assert await log.head() == 0


async def test_append_returns_the_position_of_the_last_event(log: EventLog) -> None:
    assert await log.append([event("a")]) == 1
    assert await log.append([event("a"), event("b", "x:1")]) == 3
    assert [each.position for each in await log.read()] == [1, 2, 3]


async def test_nothing_to_append_is_a_programming_error(log: EventLog) -> None:
    with pytest.raises(ProgrammingError):
        await log.append([])


async def test_data_are_opaque_bytes(log: EventLog) -> None:
    data = bytes(range(256))
    await log.append([event("a", data=data)])
    assert (await log.read()).events[0].event.data == data


async def test_what_cannot_be_stored_is_refused_and_leaves_no_gap(log: EventLog) -> None:
    for bad in (
        event("a", data=b"x" * (LONGEST_EVENT + 1)),
        event("a", "x:1\x1fy:1"),
        event("a", ""),
        event("a", "x:\x00"),
    ):
        with pytest.raises(UnstorableEvent):
            await log.append([event("good"), bad])
    assert await log.append([event("a", data=b"x" * LONGEST_EVENT)]) == 1


async def test_a_poisoned_event_fails_alone(log: EventLog) -> None:
    """A lone surrogate can neither be encoded nor be noticed before the database is called."""
    results = await gather(
        log.append([event("a", "x:1")]),
        log.append([event("a", "x:\ud800")]),
        log.append([event("a", "x:2")]),
    )
    assert [isinstance(each, Exception) for each in results] == [False, True, False]
    assert await log.head() == 2


async def test_condition_without_items_matches_every_event(log: EventLog) -> None:
    await log.append([event("a")], DCBAppendCondition())
    with pytest.raises(IntegrityError):
        await log.append([event("a")], DCBAppendCondition())
    await log.append([event("a")], DCBAppendCondition(after=1))


async def test_of_rivals_in_one_batch_the_first_wins(log: EventLog) -> None:
    condition = DCBAppendCondition(query(([], ["seat:1"])), after=0)
    results = await gather(*(log.append([event("taken", "seat:1")], condition) for _ in range(20)))
    assert results[0] == 1
    assert all(isinstance(each, IntegrityError) for each in results[1:])


async def test_reads_and_verdicts_equal_the_librarys_recorder(log: EventLog) -> None:
    """400 seeded random appends and reads, with every kind of query, asked of both."""
    chance, other = random.Random(20260116), InMemoryDCBRecorder()
    for _ in range(400):
        items = [
            (chance.sample("abc", chance.randint(0, 2)), some_tags(chance))
            for _ in range(chance.randint(0, 3))
        ]
        after = chance.choice([None, 0, len(other.events), chance.randint(0, len(other.events))])
        limit = chance.choice([None, 1, 3])
        ours = await log.read(query(*items), after=after, limit=limit)
        theirs = other.read(query(*items), after=after, limit=limit)
        assert (list(ours), ours.head) == (list(theirs), theirs.head)
        events = [
            event(chance.choice("abc"), *some_tags(chance)) for _ in range(chance.randint(1, 3))
        ]
        condition = DCBAppendCondition(query(*items), after) if chance.random() < 0.7 else None
        expected: int | str
        try:
            expected = other.append(events, condition)
        except IntegrityError:
            with pytest.raises(IntegrityError):
                await log.append(events, condition)
        else:
            assert await log.append(events, condition) == expected


def some_tags(chance: random.Random) -> list[str]:
    return chance.sample(["x:1", "x:2", "y:1", "z:1"], chance.randint(0, 3))


async def gather(*appends: Awaitable[int]) -> list[int | BaseException]:
    return await asyncio.gather(*appends, return_exceptions=True)
