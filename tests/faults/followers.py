"""Followers that come and go while eight writers append: none skipped, none twice, in order.

``python -m tests.faults.followers write|follow JSON``: writers and followers are processes.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from time import perf_counter
from typing import Any

from eventsourcing.dcb.api import DCBEvent

from service.eventstore import EventLog
from tests.faults.outcome import Outcome

WRITERS, PROCESSES, FOLLOWERS = 8, 2, 3


async def follow_them(url: str, total: int, seed: int) -> Outcome:
    """``total`` events by eight writers in two processes; three followers, each in its own."""
    outcome = Outcome("followers that come and go")
    begun = perf_counter()
    each = total // WRITERS
    total = each * WRITERS
    writing = [
        {"url": url, "writers": list(range(n, WRITERS, PROCESSES)), "each": each, "seed": seed + n}
        for n in range(PROCESSES)
    ]
    following = [{"url": url, "total": total, "seed": seed + 100 + n} for n in range(FOLLOWERS)]
    found = await asyncio.gather(
        *(_process("write", each) for each in writing),
        *(_process("follow", each) for each in following),
    )
    digest, written = sha256(), dict.fromkeys(range(WRITERS), 0)
    async with EventLog.open(url) as log:
        position = 0
        while events := (await log.read(after=position, limit=5000)).events:
            for event in events:
                position += 1
                digest.update(b"%d %s\n" % (event.position, event.event.data))
                writer, _, number = event.event.data.partition(b"/")
                if event.position != position:
                    outcome.wrong.append(f"the log has {event.position} after {position - 1}")
                if int(number) != written[int(writer)]:
                    outcome.wrong.append(f"writer {int(writer)}: {int(number)} is out of order")
                written[int(writer)] += 1
    if set(written.values()) != {each}:
        outcome.wrong.append(f"written were {written}, not {each} each")
    for seen in found[PROCESSES:]:
        outcome.times += int(seen["left"])
        outcome.wrong += seen["wrong"]
        if seen["digest"] != digest.hexdigest():
            outcome.wrong.append("a follower saw something else than the log holds")
    outcome.acknowledged = total
    outcome.seconds = perf_counter() - begun
    outcome.notes.append(
        f"{total:,} events, {WRITERS} writers in {PROCESSES} processes, {FOLLOWERS} followers,"
        f" {total / outcome.seconds:,.0f} events a second with everything"
    )
    outcome.wrong = outcome.wrong[:10]
    return outcome


@asynccontextmanager
async def _ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _process(role: str, arguments: dict[str, Any]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.followers",
        role,
        json.dumps(arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    async with _ended(process):
        said, _ = await process.communicate()
    if process.returncode:
        return {"wrong": [f"{role} ended with {process.returncode}"], "left": 0, "digest": ""}
    found: dict[str, Any] = json.loads(said)
    return found


async def write(url: str, writers: list[int], each: int, seed: int) -> dict[str, Any]:
    """Each writer appends its numbers in order, a few at a time."""

    async def run(log: EventLog, writer: int) -> None:
        chance, number = random.Random(seed * 100 + writer), 0
        while number < each:
            some = range(number, min(each, number + chance.randint(1, 9)))
            tag = [f"writer:{writer}"]
            await log.append([DCBEvent("a", f"{writer}/{n}".encode(), tag) for n in some])
            number = some.stop

    async with EventLog.open(url) as log:
        await asyncio.gather(*(run(log, writer) for writer in writers))
    return {}


async def follow(url: str, total: int, seed: int) -> dict[str, Any]:
    """Follows until the end; leaves every now and then and comes back where it was."""
    chance, position, left = random.Random(seed), 0, 0
    digest = sha256()
    wrong: list[str] = []
    while position < total and not wrong:
        async with EventLog.open(url, connections=1) as log:
            for _ in range(chance.randint(1, 4)):
                batch = chance.choice((1, 10, 1000, 1000))
                stay = chance.randint(1, max(2, min(total // 25, 500 * batch)))
                following = log.follow(after=position, batch=batch)
                async for event in following:
                    if event.position != position + 1:
                        wrong.append(f"{event.position} came after {position}")
                    position = event.position
                    digest.update(b"%d %s\n" % (position, event.event.data))
                    stay -= 1
                    if position >= total or wrong or not stay:
                        break
                await following.aclose()
                left += 1
                if position >= total or wrong:
                    break
        await asyncio.sleep(chance.random() * 0.05)
    return {"left": left, "wrong": wrong, "digest": digest.hexdigest()}


if __name__ == "__main__":
    role = write if sys.argv[1] == "write" else follow
    sys.stdout.write(json.dumps(asyncio.run(role(**json.loads(sys.argv[2])))))
