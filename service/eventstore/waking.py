"""Whoever follows the log is woken when something was appended, by whatever process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import asyncpg

_PATIENCE = 5.0
"""Seconds after which a follower looks without having been woken."""


class Waker:
    """Clear it, read, and only then wait: NOTIFY wakes, positions decide what is read."""

    def __init__(self) -> None:
        self._appended = asyncio.Event()

    def wake(self) -> None:
        """Something was appended."""
        self._appended.set()

    def clear(self) -> None:
        """From now on what is appended wakes."""
        self._appended.clear()

    async def wait(self) -> None:
        """Until woken, or for a few seconds: a wake-up that was lost costs no more."""
        # Not asyncio.wait_for: Python 3.11's forgets a cancellation that comes with the result.
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._appended.wait()


class Listener:
    """Listens for what is appended, on a connection of its own, as soon as somebody waits."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._wakers: set[Waker] = set()
        self._listening: asyncio.Task[None] | None = None

    @contextmanager
    def waker(self) -> Iterator[Waker]:
        """Is woken whenever something was appended."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="log-listener")
        waker = Waker()
        self._wakers.add(waker)
        try:
            yield waker
        finally:
            self._wakers.discard(waker)

    async def close(self) -> None:
        """Stops listening."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(self._url, timeout=10)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(1)
                continue
            try:
                await self._pass_on(connection)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(0.2)
            finally:
                connection.terminate()

    async def _pass_on(self, connection: asyncpg.Connection) -> None:
        """Until the connection is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda *_: lost.set())
        await connection.add_listener("log_appended", self._wake)
        # Something may have been appended before anybody listened.
        self._wake()
        await lost.wait()

    def _wake(self, *_: Any) -> None:
        for waker in self._wakers:
            waker.wake()
