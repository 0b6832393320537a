"""Clients of the API: which system may act for which organisation, with which scopes.

A secret is shown once, when the client is made; the database holds a keyed hash of it. Secrets are
256 random bits, so that a fast hash is enough, and the key keeps a copy of the database useless.
"""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Protocol

import asyncpg
from joserfc.jwk import OKPKey

from service.api.access import ISSUER, Caller
from service.api.decoding import Key, TokenRefused, Trust, decoded
from service.api.scopes import Scope
from service.domain.organisation import OrganisationKind
from service.trust.master_key import MasterKey

_LONGEST_ASSERTION = timedelta(minutes=5)
_VISIBLE = re.compile("[!-~]{1,255}")
"""What may stand in the database without being one of our own ids."""


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
        self._keyed_hash = master.keyed_hash("client-secrets")

    async def add(
        self,
        name: str,
        organisation_id: str,
        kind: OrganisationKind,
        scopes: Iterable[Scope] | None = None,
        public_key: OKPKey | None = None,
    ) -> tuple[str, str]:
        """Makes a client, by default with every scope its kind may hold; returns id and secret.

        With a public key (Ed25519) it has no secret and proves itself by signing (RFC 7523).
        Raises ScopeDoesNotFit.
        """
        wanted = list(Scope.of_kind(kind) if scopes is None else scopes)
        for scope in wanted:
            if scope not in Scope.of_kind(kind):
                raise ScopeDoesNotFit(f"{ScopeDoesNotFit.__doc__}：{kind.word}，{scope.value}")
        client_id = f"{kind.value.replace('_', '-')}-{secrets.token_hex(6)}"
        secret = "" if public_key else secrets.token_urlsafe(32)
        await self._connections.execute(
            "INSERT INTO access.clients"
            " (client_id, secret_hash, public_key, name, organisation_id, kind, scopes)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            client_id,
            self._hash(client_id, secret) if secret else None,
            json.dumps(public_key.as_dict(private=False)) if public_key else None,
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
        row = await self._row(client_id)
        given = self._hash(client_id, secret)
        # Compared also where there is no such client, so that both refusals take as long.
        kept = bytes(row["secret_hash"] or bytes(32)) if row else bytes(32)
        if not compare_digest(given, kept) or not row:
            return None
        return _caller(client_id, row)

    async def authenticate_by_key(
        self, client_id: str, assertion: str, now: datetime
    ) -> Caller | None:
        """What the client may do, if it signed this assertion with its key, for us, just now, and
        did not show it before (RFC 7523)."""
        row = await self._row(client_id)
        if row is None or row["public_key"] is None:
            return None
        key = OKPKey.import_key(json.loads(row["public_key"]))
        trust = Trust(
            keys={key.thumbprint(): Key(key, "Ed25519")},
            issuer=client_id,
            audience=ISSUER,
            longest=_LONGEST_ASSERTION,
        )
        try:
            token = decoded(assertion, trust)
        except TokenRefused:
            return None
        jti = token.claims.get("jti")
        if (
            token.claims.get("sub") != client_id
            or not token.good_at(now, trust.leeway)
            or not isinstance(jti, str)
            or not _VISIBLE.fullmatch(jti)
            or not await self._used_first(client_id, jti, token.ends, now)
        ):
            return None
        return _caller(client_id, row)

    async def _row(self, client_id: str) -> asyncpg.Record | None:
        """What is known of a client that is not revoked."""
        if not _VISIBLE.fullmatch(client_id):
            return None
        return await self._connections.fetchrow(
            "SELECT secret_hash, public_key, organisation_id, kind, scopes FROM access.clients"
            " WHERE client_id = $1 AND revoked_at IS NULL",
            client_id,
        )

    async def _used_first(self, client_id: str, jti: str, ends: int, now: datetime) -> bool:
        """Whether the assertion was not shown before; from now on it was."""
        await self._connections.execute(
            "DELETE FROM access.used_tokens WHERE issuer = $1 AND ends_at < $2",
            client_id,
            now - _LONGEST_ASSERTION,
        )
        done = await self._connections.execute(
            "INSERT INTO access.used_tokens (issuer, jti, ends_at) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            client_id,
            jti,
            datetime.fromtimestamp(ends, UTC),
        )
        return done == "INSERT 0 1"

    def _hash(self, client_id: str, secret: str) -> bytes:
        return self._keyed_hash(f"{client_id}\x1f{secret}".encode())


def _caller(client_id: str, row: asyncpg.Record) -> Caller:
    return Caller(
        client_id=client_id,
        organisation_id=row["organisation_id"],
        kind=OrganisationKind(row["kind"]),
        scopes=frozenset(row["scopes"]),
    )
