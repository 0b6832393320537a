"""The transparency log: how soon an event is in a signed checkpoint, what proofs cost, and what
publishing costs the writer. Nobody cosigns here: a witness adds its own time to answer.
"""

import asyncio
import random
import tempfile
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

import uvloop
from eventsourcing.dcb.api import DCBEvent

from service.eventstore import EventLog
from service.trust.transparency.proof import Proof
from service.trust.transparency.publisher import Publisher, Publishing
from service.trust.transparency.signed_note import Ed25519Verifier, Note
from service.trust.transparency.signer import SignerPlace, public_key
from service.trust.transparency.store import TreeStore
from tests.benchmarks.appending import DATA, appended
from tests.benchmarks.child import memory_megabytes
from tests.benchmarks.measuring import Figures, percentile

_ORIGIN = "example.com/log"


def publishing(folder: Path) -> Publishing:
    """As the service publishes, with a key of its own."""
    return Publishing(SignerPlace(folder, _ORIGIN))


async def _published(log: EventLog) -> int:
    found = await TreeStore(log.pool).published()
    return found.size if found else 0


def caught_up(url: str, folder: str) -> Figures:
    """A first start on a log that is there: every leaf hashed, every tile kept, one signature."""

    async def measure() -> Figures:
        async with EventLog.open(url) as log:
            head, before = await log.head(), memory_megabytes()
            begun = perf_counter()
            async with Publisher.running(log, url, publishing(Path(folder))):
                while await _published(log) < head:
                    await asyncio.sleep(0.05)
            took = perf_counter() - begun
            return {
                "rate": head / took,
                "seconds": took,
                "memory_more_mb": memory_megabytes("VmHWM") - before,
            }

    return uvloop.run(measure())


def proved(url: str, folder: str, proofs: int) -> Figures:
    """Proofs of events anywhere in the log, one after another, as the API makes them."""

    async def measure() -> Figures:
        times, lengths, path_lengths = [], [], []
        chance = random.Random(1)
        verifier = Ed25519Verifier(public_key(Path(folder)))
        async with EventLog.open(url) as log:
            store = TreeStore(log.pool)
            size, checkpoint = await _published(log), ""
            for number in range(proofs):
                position = chance.randint(1, size)
                begun = perf_counter()
                found = await store.published()
                if found is None:
                    raise AssertionError("nothing is published")
                checkpoint = found.note
                path = await store.inclusion(position - 1, found.size)
                text = str(Proof(position - 1, tuple(path), Note.parse(checkpoint)))
                times.append(perf_counter() - begun)
                lengths.append(len(text.encode()))
                path_lengths.append(32 * len(path))
                if number % 100 == 0:
                    [(_, data)] = await log.stored(after=position - 1, limit=1)
                    Proof.parse(text).verify(data, verifier)
            return {
                "rate": proofs / sum(times),
                "p50": percentile(sorted(times), 50),
                "p99": percentile(sorted(times), 99),
                "text_bytes": max(lengths),
                "checkpoint_bytes": len(checkpoint.encode()),
                "path_bytes": max(path_lengths),
            }

    return uvloop.run(measure())


def included(url: str, rate: int, seconds: int) -> Figures:
    """From an append's answer to a published checkpoint that covers it, at a steady rate."""

    async def measure() -> Figures:
        waiting: deque[tuple[int, float]] = deque()
        times: list[float] = []

        async def watch(log: EventLog) -> None:
            while True:
                size, now = await _published(log), perf_counter()
                while waiting and waiting[0][0] <= size:
                    times.append(now - waiting.popleft()[1])
                await asyncio.sleep(0.005)

        async def append(log: EventLog) -> None:
            position = await log.append([DCBEvent("RegistrationAccepted", DATA, [])])
            waiting.append((position, perf_counter()))

        with tempfile.TemporaryDirectory() as folder:
            async with (
                EventLog.open(url) as log,
                Publisher.running(log, url, publishing(Path(folder))),
                asyncio.TaskGroup() as group,
            ):
                watching = asyncio.create_task(watch(log))
                begun = perf_counter()
                for number in range(rate * seconds):
                    await asyncio.sleep(begun + number / rate - perf_counter())
                    group.create_task(append(log))
                while len(times) < rate * seconds:
                    await asyncio.sleep(0.05)
                watching.cancel()
        times.sort()
        return {
            "rate": len(times) / seconds,
            "p50": percentile(times, 50),
            "p99": percentile(times, 99),
            "slowest": percentile(times, 100),
        }

    return uvloop.run(measure())


def appended_beside(
    url: str, run: str, writers: int, window: dict[str, float], *, published: bool
) -> Figures:
    """`EventLog.append` as fast as it goes, with and without a publisher in the same process."""

    async def measure() -> Figures:
        async with AsyncExitStack() as stack:
            log = await stack.enter_async_context(EventLog.open(url))
            # With or without: whoever keeps views is told of every commit.
            stack.enter_context(log.waker())
            if published:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                running = Publisher.running(log, url, publishing(Path(folder)))
                await stack.enter_async_context(running)
            return await appended(log, run, writers, window)

    return uvloop.run(measure())
