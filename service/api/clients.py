"""Clients of the API: which system may act for which organisation, with which scopes.

A secret is shown once, when the client is made; the database holds a keyed hash of it. Secrets are
256 random bits, so that a fast hash is enough, and the key keeps a copy of the database useless.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest, digest
from typing import Protocol

import asyncpg

from service.api.access import Caller
from service.api.scopes import Scope
from service.domain.organisation import OrganisationKind
from service.trust.keyring import MasterKey


class Connections(Protocol):
    """What is needed of asyncpg: a pool or a connection."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...
    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None: ...
    async def execute(self, query: str, *args: object) -> str: ...


class ScopeDoesNotFit(ValueError):
    """这一类组织不能取得该权限"""


@dataclass(frozen=True, slots=True)
class Client:
    """A client as it is listed; its secret is not known to anybody but its holder."""

    client_id: str
    name: str
    organisation_id: str
    kind: OrganisationKind
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


class Clients:
    """The clients in the database."""

    def __init__(self, connections: Connections, master: MasterKey) -> None:
        self._connections = connections
        self._key = master.derive("client-secrets")

    async def add(
        self,
        name: str,
        organisation_id: str,
        kind: OrganisationKind,
        scopes: Iterable[Scope] | None = None,
    ) -> tuple[str, str]:
        """Makes a client, by default with every scope its kind may hold; returns id and secret.

        Raises ScopeDoesNotFit.
        """
        wanted = list(Scope.of_kind(kind) if scopes is None else scopes)
        for scope in wanted:
            if kind not in scope.kinds:
                raise ScopeDoesNotFit(f"{ScopeDoesNotFit.__doc__}：{kind.word}，{scope.value}")
        client_id = f"{kind.value.replace('_', '-')}-{secrets.token_hex(6)}"
        secret = secrets.token_urlsafe(32)
        await self._connections.execute(
            "INSERT INTO access.clients"
            " (client_id, secret_hash, name, organisation_id, kind, scopes)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            client_id,
            self._hash(client_id, secret),
            name,
            organisation_id,
            kind.value,
            sorted(scope.value for scope in wanted),
        )
        return client_id, secret

    async def list(self) -> list[Client]:
        """Every client there is or was, the oldest first."""
        rows = await self._connections.fetch(
            "SELECT client_id, name, organisation_id, kind, scopes, created_at, revoked_at"
            " FROM access.clients ORDER BY created_at, client_id"
        )
        return [
            Client(
                client_id=row["client_id"],
                name=row["name"],
                organisation_id=row["organisation_id"],
                kind=OrganisationKind(row["kind"]),
                scopes=tuple(row["scopes"]),
                created_at=row["created_at"],
                revoked_at=row["revoked_at"],
            )
            for row in rows
        ]

    async def revoke(self, client_id: str) -> bool:
        """Ends a client: it gets no more tokens. False if there is none that is not revoked yet."""
        done = await self._connections.execute(
            "UPDATE access.clients SET revoked_at = now()"
            " WHERE client_id = $1 AND revoked_at IS NULL",
            client_id,
        )
        return done == "UPDATE 1"

    async def authenticate(self, client_id: str, secret: str) -> Caller | None:
        """What the client may do, if this is its secret and it is not revoked."""
        row = await self._connections.fetchrow(
            "SELECT secret_hash, organisation_id, kind, scopes FROM access.clients"
            " WHERE client_id = $1 AND revoked_at IS NULL",
            client_id,
        )
        given = self._hash(client_id, secret)
        # Compared also where there is no such client, so that both refusals take as long.
        if not compare_digest(given, bytes(row["secret_hash"]) if row else bytes(32)) or not row:
            return None
        return Caller(
            client_id=client_id,
            organisation_id=row["organisation_id"],
            kind=OrganisationKind(row["kind"]),
            scopes=frozenset(row["scopes"]),
        )

    def _hash(self, client_id: str, secret: str) -> bytes:
        return digest(self._key, f"{client_id}\x1f{secret}".encode(), "sha256")
