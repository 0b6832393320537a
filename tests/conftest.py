"""The ``database`` of a test: a fresh copy of a migrated template on a real PostgreSQL 18.

The server is the embedded one with its settings of production, or the one that
``EIGHTHOURS_TEST_DATABASE_URL`` names (an owner who may create databases and roles). The process
that collects the tests starts and stops it; with xdist that is the controller, which tells the
workers where it is. Without xdist it starts when the first test asks for it.
"""

import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest

from service.trust.master_key import MasterKey
from tests.database import MASTER_KEY, Database, copied, make_template

TEMPLATE = pytest.StashKey[Database]()

LONGEST = (
    "tests/api/test_fuzzing.py",
    "tests/faults/test_faults.py",
    "tests/journeys/",
    "tests/trust/transparency/test_tampering.py",
    "tests/stateful/",
)
"""Begun first: a worker that begins one of these last keeps the others waiting."""


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests also wait, for disks and for clocks."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others in the order of their names."""

    def place(item: pytest.Item) -> int:
        begins = [n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)]
        return begins[0] if begins else len(LONGEST)

    items.sort(key=place)


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
    async with copied(template) as fresh:
        yield fresh
