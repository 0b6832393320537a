"""The ``database`` of a test: a fresh copy of a migrated template on a real PostgreSQL 18.

The server is the embedded one with its settings of production, or the one that
``EIGHTHOURS_TEST_DATABASE_URL`` names (an owner who may create databases and roles). The process
that collects the tests starts and stops it; with xdist that is the controller, which tells the
workers where it is. Without xdist it starts when the first test asks for it.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.trust.master_key import MasterKey
from tests.database import MASTER_KEY, Database, make_template, renamed

TEMPLATE = pytest.StashKey[Database]()


def _template(config: pytest.Config) -> Database:
    if TEMPLATE not in config.stash:
        if told := getattr(config, "workerinput", None):
            config.stash[TEMPLATE] = Database(*told["template"])
        else:
            cleanup = ExitStack()
            config.add_cleanup(cleanup.close)
            config.stash[TEMPLATE] = make_template(cleanup)
    return config.stash[TEMPLATE]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells an xdist worker that is about to start where the template is."""
    template = _template(node.config)
    node.workerinput["template"] = (template.owner_url, template.app_url)


@pytest.fixture(scope="session")
def master_key() -> MasterKey:
    """The master key of every test database."""
    return MASTER_KEY


@pytest.fixture(scope="session")
def template(pytestconfig: pytest.Config) -> Database:
    """The migrated template; it takes no connections."""
    return _template(pytestconfig)


@pytest.fixture
async def database(template: Database) -> AsyncIterator[Database]:
    """A migrated database of this test's own, dropped after it."""
    fresh = template.named(f"test_{uuid4().hex}")
    server = await asyncpg.connect(renamed(template.owner_url, "postgres"))
    try:
        await server.execute(f"CREATE DATABASE {fresh.name} TEMPLATE {template.name}")
        yield fresh
        await server.execute(f"DROP DATABASE {fresh.name} WITH (FORCE)")
    finally:
        await server.close()
