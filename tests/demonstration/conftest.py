"""A database with a small demonstration in it, loaded once for all tests that only read."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from uuid import uuid4

import asyncpg
import pytest
from rich.console import Console

from service.demonstration import load
from service.domain.event import SHANGHAI
from tests.database import MASTER_KEY, Database, renamed

MEMBERS = 60
"""How many the district has in these tests."""


def now() -> datetime:
    """The day on which the demonstration is loaded."""
    return datetime(2026, 11, 24, 16, 0, 30, tzinfo=SHANGHAI)


def silent() -> Console:
    """A console that nobody sees."""
    return Console(file=StringIO(), width=160)


@pytest.fixture(scope="module")
def loaded(template: Database) -> Iterator[Database]:
    """The demonstration, loaded without interruption; do not write to it."""
    fresh = template.named(f"demo_{uuid4().hex}")
    server_url = renamed(template.owner_url, "postgres")
    asyncio.run(_execute(server_url, f"CREATE DATABASE {fresh.name} TEMPLATE {template.name}"))
    try:
        asyncio.run(load(fresh.app_url, MASTER_KEY, now, silent(), MEMBERS))
        yield fresh
    finally:
        asyncio.run(_execute(server_url, f"DROP DATABASE {fresh.name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
