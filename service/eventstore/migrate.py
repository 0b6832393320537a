"""Prepares a database: numbered, forward-only migrations, applied by its owner.

The service itself connects with a role of its own that may do very little. The role is named after
the database and remembered in `log.application`, because a database that was copied from a template
keeps the grants of the template's role.
"""

from importlib.resources import files
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

_LOCK = 7238950126491650048
"""Two processes that start at once migrate one after the other."""


class Secret(Protocol):
    """What the application role's password is derived from: the master key."""

    def derive(self, purpose: str, length: int = 32) -> bytes: ...


class UnknownMigration(RuntimeError):
    """数据库比程序新：其中有本程序不认识的迁移，请升级程序"""


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and SQL of every migration, ascending."""
    found = []
    for entry in files(f"{__package__}.migrations").iterdir():
        if entry.name.endswith(".sql"):
            number, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, entry.read_text(encoding="utf-8")))
    return sorted(found)


async def migrate(owner_url: str) -> list[str]:
    """Applies what is missing, each migration in a transaction of its own; returns their names.

    Raises UnknownMigration for a database that a newer program has prepared.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.migrations ("
            " number integer PRIMARY KEY, name text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await connection.fetch("SELECT number FROM public.migrations")
        applied = {row["number"] for row in rows}
        if unknown := applied - {number for number, _, _ in migrations()}:
            raise UnknownMigration(f"{UnknownMigration.__doc__}：{max(unknown):04d}")
        role = await _application_role(connection)
        done = []
        for number, name, sql in migrations():
            if number in applied:
                continue
            async with connection.transaction():
                await connection.execute(sql.replace("{app}", _identifier(role)))
                if number == 1:
                    await connection.execute("INSERT INTO log.application (role) VALUES ($1)", role)
                await connection.execute(
                    "INSERT INTO public.migrations (number, name) VALUES ($1, $2)", number, name
                )
            done.append(f"{number:04d}_{name}")
        return done
    finally:
        await connection.close()


async def application_url(owner_url: str, secret: Secret) -> str:
    """The URL with which the service connects: the restricted role, its password just set.

    The password is derived, so that several processes with one master key agree on it and nobody
    has to keep it.
    """
    password = secret.derive("application-role").hex()
    connection = await asyncpg.connect(owner_url)
    try:
        role = await connection.fetchval("SELECT role FROM log.application")
        # PASSWORD takes a literal only; it is hexadecimal.
        await connection.execute(f"ALTER ROLE {_identifier(role)} LOGIN PASSWORD '{password}'")
    finally:
        await connection.close()
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{password}@{place}"))


async def _application_role(connection: asyncpg.Connection) -> str:
    if await connection.fetchval("SELECT to_regclass('log.application') IS NOT NULL"):
        return str(await connection.fetchval("SELECT role FROM log.application"))
    role = f"{await connection.fetchval('SELECT current_database()')}_app"
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(
            f"CREATE ROLE {_identifier(role)} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        )
    return role


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
