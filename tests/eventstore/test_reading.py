"""Readers that wait together share a statement; each gets what it would have got alone."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
from eventsourcing.dcb.api import DCBEvent, DCBQuery, DCBQueryItem

from service.eventstore import EventLog, UnstorableEvent
from service.eventstore.reading import Question
from service.together import AT_MOST
from tests.database import Database

TYPES = ("a", "b", "c")
TAGS = tuple(f"x:{number}" for number in range(6))


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url) as opened:
        yield opened


def query(*items: tuple[list[str], list[str]]) -> DCBQuery:
    return DCBQuery([DCBQueryItem(types, tags) for types, tags in items])


async def filled(log: EventLog, chance: random.Random, number: int) -> None:
    for _ in range(number):
        tags = chance.sample(TAGS, chance.randrange(4))
        await log.append([DCBEvent(chance.choice(TYPES), chance.randbytes(8), tags)])


async def test_many_at_once_get_what_each_gets_alone(log: EventLog) -> None:
    chance = random.Random(4)
    await filled(log, chance, 60)
    asked = [
        (
            query(
                *[
                    (
                        chance.sample(TYPES, chance.randint(1, 3)),
                        chance.sample(TAGS, chance.randint(1, 2)),
                    )
                    for _ in range(chance.randint(1, 4))
                ]
            ),
            chance.choice([None, 0, 10, 59, 60, 99]),
        )
        for _ in range(3 * AT_MOST)
    ]
    together = await asyncio.gather(*[log.read(each, after=after) for each, after in asked])
    found = 0
    for (each, after), response in zip(asked, together, strict=True):
        # With a limit a read is a statement of its own, and another one.
        alone = await log.read(each, after=after, limit=1000)
        assert response.events == alone.events
        assert response.head == 60
        found += len(response.events)
    assert found > len(asked)


async def test_items_about_the_same_tags_find_an_event_once_and_in_order(log: EventLog) -> None:
    await log.append([DCBEvent("b", b"1", ["x:1"]), DCBEvent("a", b"2", ["x:1", "y:1"])])
    same = query((["a"], ["x:1"]), (["a", "b"], ["x:1"]), (["a"], ["y:1"]), (["a"], ["x:1", "y:1"]))
    response = await log.read(same)
    assert [(each.position, each.event.data) for each in response] == [(1, b"1"), (2, b"2")]


async def test_nothing_found_still_tells_the_head(log: EventLog) -> None:
    nothing = query((["a"], ["x:1"]))
    assert (await log.read(nothing)).head is None
    await log.append([DCBEvent("b", b"", ["x:2"])])
    response = await log.read(nothing)
    assert (response.events, response.head) == ([], 1)


@pytest.mark.parametrize("bad", ["", "x:\x00", "x:\x1f1", "x:\x1e1", "x:\ud800"])
async def test_who_asks_what_no_event_can_have_fails_alone(log: EventLog, bad: str) -> None:
    await log.append([DCBEvent("a", b"", ["x:1"])])
    good, failed = query((["a"], ["x:1"])), query((["a"], [bad]))
    answers = await asyncio.gather(
        *[log.read(each) for each in (good, failed, good)], return_exceptions=True
    )
    assert isinstance(answers[1], UnstorableEvent)
    assert [len(each.events) for each in answers if not isinstance(each, BaseException)] == [1, 1]


async def test_tags_with_unusual_spaces_are_found(log: EventLog) -> None:
    await log.append([DCBEvent("a", b"", ["x:\u00a0\u2028"])])
    assert len(await log.read(query((["a"], ["x:\u00a0\u2028"])))) == 1


@pytest.mark.parametrize(
    "items", [[], [DCBQueryItem([], ["x:1"])], [DCBQueryItem(["a"], [])], [DCBQueryItem()]]
)
def test_what_names_no_tag_or_no_type_is_read_by_itself(items: list[DCBQueryItem]) -> None:
    assert Question.of([DCBQueryItem(["a"], ["x:1"]), *items] if items else [], 0) is None


async def test_a_lost_connection_fails_who_waits_and_nobody_after(
    log: EventLog, database: Database
) -> None:
    await log.append([DCBEvent("a", b"", ["x:1"])])
    asked = query((["a"], ["x:1"]))
    assert len(await log.read(asked)) == 1
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'eighthours'"
        )
    finally:
        await owner.close()
    await asyncio.sleep(0.1)
    assert len(await log.read(asked)) == 1
