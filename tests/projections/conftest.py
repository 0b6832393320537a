"""What every test of a view needs: a log on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from service.eventstore import EventLog
from tests.database import MASTER_KEY, Database


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    """The log of this test."""
    async with EventLog.open(database.app_url, MASTER_KEY) as opened:
        yield opened


@pytest.fixture
async def other_log(database: Database) -> AsyncIterator[EventLog]:
    """The same log as another process has it."""
    async with EventLog.open(database.app_url, MASTER_KEY) as opened:
        yield opened
