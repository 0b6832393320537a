"""Databases for tests: one server and one template for the whole run, one copy for each test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import psutil

from service.embedded_database import EmbeddedDatabase
from service.eventstore.migrate import application_url, migrate
from service.trust.crypto.profile import GUOMI, INTERNATIONAL
from service.trust.master_key import MasterKey

MASTER_KEY = MasterKey(
    bytes(range(32)),
    GUOMI if os.environ.get("CRYPTO_PROFILE") == "guomi" else INTERNATIONAL,
)
"""Everything a test starts uses this one: the application role's password comes from it.

``CRYPTO_PROFILE=guomi`` runs the suite, and the services that it starts, with 国密."""


@dataclass(frozen=True)
class Database:
    """A migrated database: where its owner finds it, and the role the service connects with."""

    owner_url: str
    app_url: str

    @property
    def name(self) -> str:
        """The database's name on its server."""
        return urlsplit(self.owner_url).path.removeprefix("/")

    def named(self, name: str) -> "Database":
        """Another database of the same server, with the same roles."""
        return Database(renamed(self.owner_url, name), renamed(self.app_url, name))


def renamed(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    # urlunsplit() takes the "//" for needless when a socket's URL names no host.
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


@asynccontextmanager
async def copied(template: Database) -> AsyncIterator[Database]:
    """A copy of a database that nobody is connected to, dropped afterwards."""
    fresh = template.named(f"test_{uuid4().hex}")
    server = await asyncpg.connect(renamed(template.owner_url, "postgres"))
    try:
        await server.execute(f"CREATE DATABASE {fresh.name} TEMPLATE {template.name}")
        yield fresh
        await server.execute(f"DROP DATABASE {fresh.name} WITH (FORCE)")
    finally:
        await server.close()


def make_template(cleanup: ExitStack) -> Database:
    """Starts the embedded server, or takes the one named, and makes a migrated template there."""
    name = f"eighthours_template_{uuid4().hex[:12]}"
    if external := os.environ.get("EIGHTHOURS_TEST_DATABASE_URL"):
        cleanup.callback(lambda: asyncio.run(_drop_template(external, name)))
        return asyncio.run(_make_template(external, name))
    place = _in_memory()
    folder = cleanup.enter_context(tempfile.TemporaryDirectory("", "eighthours-tests-", place))
    server = cleanup.enter_context(EmbeddedDatabase(Path(folder) / "database"))
    return asyncio.run(_make_template(server.url, name))


def _in_memory() -> Path | None:
    """Where files are kept in memory, if there is room for a run; else None, any temporary folder.

    A thousand databases are made and dropped, each of 300 files. A disk takes longer for that than
    the tests do: ext4 looks at everything deleted within a minute before it makes a file.
    """
    place = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there
    if not place.is_dir():
        return None
    room = min(shutil.disk_usage(place).free, psutil.virtual_memory().available)
    return place if room > 4 * 2**30 else None


async def _make_template(server_url: str, name: str) -> Database:
    owner_url = renamed(server_url, name)
    server = await asyncpg.connect(server_url)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        await migrate(owner_url)
        app_url = await application_url(owner_url, MASTER_KEY)
        # Whoever is connected to a template is in the way of its copies.
        await server.execute(f"ALTER DATABASE {name} IS_TEMPLATE true ALLOW_CONNECTIONS false")
    finally:
        await server.close()
    return Database(owner_url, app_url)


async def _drop_template(server_url: str, name: str) -> None:
    server = await asyncpg.connect(server_url)
    try:
        if await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await server.execute(f"ALTER DATABASE {name} IS_TEMPLATE false")
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.execute(f"DROP ROLE IF EXISTS {name}_app")
    finally:
        await server.close()
