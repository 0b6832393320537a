"""A long log is read and hashed in several processes, each with parts of it, on one snapshot.

`python -m service.scanning` is such a process: through a pipe it is told what to do, and tells what
it has seen of each part. A `multiprocessing.Process` would import the whole program first.
"""

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NamedTuple

import asyncpg
import uvloop

from service.eventstore.rows import LogRows, Part
from service.trust.transparency.scan import Scan, Sizes
from service.trust.transparency.tiles import WIDTH

PART = 256 * WIDTH
"""Events that are worth a process of its own: a third of a second."""

Seen = Callable[[int], None]
"""Is told how many more events have been seen."""


class ScanFailed(OSError):
    """核对进程意外终止"""


class _Task(NamedTuple):
    url: str
    snapshot: str
    parts: list[Part]
    sizes: Sizes


async def scanned(
    connection: asyncpg.Connection, url: str | None, sizes: Sizes, seen: Seen, length: int = PART
) -> Scan:
    """The scan of the log that a transaction sees; a long one, where the address is given, in parts
    of ``length`` events by as many processes as there are processors.

    Raises asyncpg's errors, ScanFailed.
    """
    parts = await LogRows(connection).parts(length)
    if url is None or len(parts) == 1:
        return await scanned_part(connection, Part(0, None), sizes, seen)
    snapshot = await exported_snapshot(connection)
    number = min(os.cpu_count() or 1, len(parts))
    scans: list[Scan] = []

    async def collect(task: _Task) -> None:
        async for scan in _done_elsewhere(task):
            scans.append(scan)
            seen(scan.size - scan.start)

    tasks = [
        asyncio.create_task(collect(_Task(url, snapshot, parts[n::number], sizes)))
        for n in range(number)
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    whole, *rest = sorted(scans, key=lambda scan: scan.start)
    for part in rest:
        whole.join(part)
    return whole


async def exported_snapshot(connection: asyncpg.Connection) -> str:
    """What a transaction sees, for others to see the same as long as it is open."""
    return str(await connection.fetchval("SELECT pg_export_snapshot()"))


@asynccontextmanager
async def reading(url: str, snapshot: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction that only reads: what is there now, or in a snapshot."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if snapshot is not None:
                await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            yield connection
    finally:
        await connection.close()


async def scanned_part(
    connection: asyncpg.Connection, part: Part, sizes: Sizes, seen: Seen
) -> Scan:
    """The scan of one part, here and now."""
    scan = Scan.begun(sizes, part.start)
    async for entries in LogRows(connection).entries(part):
        scan.take(entries)
        seen(len(entries))
    scan.close()
    return scan


async def _done_elsewhere(task: _Task) -> AsyncIterator[Scan]:
    with _process() as pipe:
        try:
            pipe.send(task)
            for _ in task.parts:
                yield await asyncio.to_thread(pipe.recv)
        except (EOFError, ConnectionError):
            raise ScanFailed(ScanFailed.__doc__) from None


@contextmanager
def _process() -> Iterator[Connection]:
    """A pipe to another process, which ends with the block."""
    ours, theirs = Pipe()
    with theirs:
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603 - ourselves
    try:
        yield ours
    finally:
        process.kill()
        process.wait()
        ours.close()


async def _do(pipe: Connection) -> None:
    task = pipe.recv()
    async with reading(task.url, task.snapshot) as connection:
        for part in task.parts:
            pipe.send(await scanned_part(connection, part, task.sizes, lambda _: None))


def _main() -> None:
    # Whoever started this process ends it; and without them nobody listens any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Nothing that is made here refers to itself, and looking for that would cost time.
    gc.disable()
    uvloop.run(_do(Connection(int(sys.argv[1]))))


if __name__ == "__main__":
    _main()
