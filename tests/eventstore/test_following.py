"""Followers see every event once and in order, whoever writes."""

import asyncio
from contextlib import AsyncExitStack

from eventsourcing.dcb.api import DCBEvent, DCBQuery, DCBQueryItem

from service.eventstore import EventLog
from tests.database import Database

WRITERS, EACH = 12, 40


async def test_none_skipped_none_twice_in_order_with_two_writing_processes(
    database: Database,
) -> None:
    """Two logs have two writers and connections of their own, as two processes have."""
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(EventLog.open(database.app_url)) for _ in range(2)]
        total = WRITERS * EACH

        async def write(writer: int) -> None:
            for number in range(EACH):
                await logs[writer % 2].append(
                    [DCBEvent("a", f"{writer}/{number}".encode(), [f"writer:{writer}"])]
                )

        async def follow(log: EventLog, after: int) -> list[tuple[int, bytes]]:
            seen = []
            async for each in log.follow(after=after):
                seen.append((each.position, each.event.data))
                if each.position == total:
                    break
            return seen

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            followers = [tasks.create_task(follow(logs[n % 2], after=0)) for n in range(3)]
            for writer in range(WRITERS):
                tasks.create_task(write(writer))
        late = await follow(logs[0], after=total - 7)
    for follower in followers:
        seen = follower.result()
        assert [position for position, _ in seen] == list(range(1, total + 1))
        for writer in range(WRITERS):
            mine = [data for _, data in seen if data.startswith(f"{writer}/".encode())]
            assert mine == [f"{writer}/{number}".encode() for number in range(EACH)]
    assert late == followers[0].result()[-7:]


async def test_follow_selects_and_waits(database: Database) -> None:
    async with EventLog.open(database.app_url) as log:
        wanted = DCBQuery([DCBQueryItem(types=["b"], tags=["x:1"])])
        await log.append([DCBEvent("a", b"", ["x:1"]), DCBEvent("b", b"", ["x:1"])])
        following = log.follow(wanted)
        assert (await anext(following)).position == 2
        waiting = asyncio.ensure_future(anext(following))
        await log.append([DCBEvent("b", b"", ["x:2"]), DCBEvent("b", b"", ["x:1"])])
        async with asyncio.timeout(5):
            assert (await waiting).position == 4
        await following.aclose()
