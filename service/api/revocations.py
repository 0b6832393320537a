"""What is not believed any more although its signature is right and its time has not come.

A token says what was so when it was issued. Whatever was taken back since, a signing key, a client
or an account, is looked up every few seconds and remembered for as long as a token could live.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg

_logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds after which at the latest each process knows."""
_REMEMBERED = timedelta(hours=1)
"""Longer than any access token lives."""
_CLOCKS_APART = timedelta(seconds=5)
"""How far the clocks of two machines may be apart: the same as a token's leeway."""
_FOR_EVER = float("inf")


class Connections(Protocol):
    """What is needed of asyncpg: a pool or a connection."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...
    async def execute(self, query: str, *args: object) -> str: ...


class Revoked:
    """What was taken back, as far as this process knows."""

    def __init__(self) -> None:
        self.generation = 0
        """The generation of the key that signs."""
        self.generations = frozenset({0})
        """Those whose tokens are believed."""
        self.since: dict[str, float] = {}
        """Until when issued tokens are refused, by client or account; of most there is none."""

    def includes(self, client_id: str, issued: float) -> bool:
        """Whether a token of this client or account that was issued at that moment is refused."""
        since = self.since.get(client_id)
        return since is not None and issued <= since


class Revocations:
    """Keeps what a process knows up to date, and takes back."""

    def __init__(self, connections: Connections, clock: Callable[[], datetime]) -> None:
        self._connections = connections
        self._clock = clock
        self._one_after_another = asyncio.Lock()
        self.known = Revoked()

    async def cut_off(self, account_id: str, now: datetime, *, for_good: bool = False) -> None:
        """Refuses every token that was issued to this account until now, or any at all."""
        await self._connections.execute(
            "INSERT INTO access.closed_accounts AS c (account_id, closed_at, for_good)"
            " VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE"
            " SET closed_at = excluded.closed_at, for_good = c.for_good OR excluded.for_good",
            account_id,
            now,
            for_good,
        )
        await self.refresh()

    async def refresh(self) -> None:
        """Looks it up now."""
        # What was looked up earlier must not take the place of what was looked up later.
        async with self._one_after_another:
            await self._look()

    async def _look(self) -> None:
        generations = await self._connections.fetch(
            # A new key signs when every process has heard of it; meanwhile the one before does.
            "SELECT generation, made_at < now() - make_interval(secs => $1) AS known_to_all"
            " FROM access.token_keys WHERE revoked_at IS NULL",
            2 * EVERY,
        )
        ended = await self._connections.fetch(
            # Some of these moments are the database's, others are those of whoever served.
            "SELECT client_id, NULL AS until FROM access.clients"
            " WHERE revoked_at > least($1, now() - $2::interval)"
            " UNION ALL SELECT 'account:' || account_id,"
            " CASE WHEN NOT for_good THEN closed_at END FROM access.closed_accounts"
            " WHERE closed_at > least($1, now() - $2::interval)",
            self._clock() - _REMEMBERED,
            _REMEMBERED,
        )
        believed = {row["generation"]: row["known_to_all"] for row in generations}
        self.known.generations = frozenset(believed)
        signing = [each for each, known_to_all in believed.items() if known_to_all]
        self.known.generation = max(signing or believed, default=-1)
        self.known.since = {row["client_id"]: _until(row["until"]) for row in ended}

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Looks it up again and again meanwhile."""
        await self.refresh()
        task = asyncio.create_task(self._again_and_again(), name="revocations")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _again_and_again(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.refresh()
            except Exception as failure:  # noqa: BLE001 - whatever it was, the next look counts
                # What is known stays known.
                _logger.warning("revocations were not looked up: %s", type(failure).__name__)


def _until(moment: datetime | None) -> float:
    return _FOR_EVER if moment is None else (moment + _CLOCKS_APART).timestamp()
