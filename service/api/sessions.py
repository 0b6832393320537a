"""Sessions of people who have signed in: a renewal token is good once, and a used one ends all.

The token is the session, its generation and a keyed hash over both, so that the database holds
nothing that could be shown as one.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Protocol
from uuid import UUID, uuid4

from service.trust.master_key import MasterKey

LASTS = timedelta(hours=10)
"""A working day; after that one signs in again."""


class SessionEnded(ValueError):
    """登录已结束，请重新登录"""


class Connections(Protocol):
    """What is needed of asyncpg: a pool or a connection."""

    async def fetchval(self, query: str, *args: object) -> object: ...
    async def execute(self, query: str, *args: object) -> str: ...


class Sessions:
    """The sessions in the database."""

    def __init__(self, connections: Connections, master: MasterKey) -> None:
        self._connections = connections
        self._keyed_hash = master.keyed_hash("sessions")

    async def begin(self, account_id: str, now: datetime) -> str:
        """A renewal token of a new session."""
        session_id = uuid4()
        await self._connections.execute(
            "DELETE FROM access.sessions WHERE account_id = $1 AND ends_at <= $2", account_id, now
        )
        await self._connections.execute(
            "INSERT INTO access.sessions (session_id, account_id, ends_at) VALUES ($1, $2, $3)",
            session_id,
            account_id,
            now + LASTS,
        )
        return self._token(session_id, 0)

    async def renew(self, token: str, now: datetime) -> tuple[str, str]:
        """The account and the next renewal token; SessionEnded."""
        session_id, generation = self._read(token)
        # One statement decides: of two who show the same token at once one is refused.
        account_id = await self._connections.fetchval(
            "UPDATE access.sessions SET generation = generation + 1"
            " WHERE session_id = $1 AND generation = $2 AND ended_at IS NULL AND ends_at > $3"
            " RETURNING account_id",
            session_id,
            generation,
            now,
        )
        if account_id is None:
            # A token of ours that is not the present one was copied: nobody goes on with it.
            await self._end(session_id, now)
            raise SessionEnded(SessionEnded.__doc__)
        return str(account_id), self._token(session_id, generation + 1)

    async def end(self, token: str, now: datetime) -> None:
        """Ends the session of this token; SessionEnded if there is none."""
        session_id, _ = self._read(token)
        await self._end(session_id, now)

    async def end_all(self, account_id: str, now: datetime) -> None:
        """Ends every session of an account."""
        await self._connections.execute(
            "UPDATE access.sessions SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL",
            account_id,
            now,
        )

    async def _end(self, session_id: UUID, now: datetime) -> None:
        await self._connections.execute(
            "UPDATE access.sessions SET ended_at = coalesce(ended_at, $2) WHERE session_id = $1",
            session_id,
            now,
        )

    def _token(self, session_id: UUID, generation: int) -> str:
        content = f"{session_id}.{generation}"
        proof = self._keyed_hash(content.encode())
        return f"{content}.{urlsafe_b64encode(proof).decode().rstrip('=')}"

    def _read(self, token: str) -> tuple[UUID, int]:
        parts = token.split(".")
        try:
            session_id, generation = UUID(parts[0]), int(parts[1])
        except (ValueError, IndexError):
            raise SessionEnded(SessionEnded.__doc__) from None
        if not compare_digest(token.encode(), self._token(session_id, generation).encode()):
            raise SessionEnded(SessionEnded.__doc__)
        return session_id, generation
