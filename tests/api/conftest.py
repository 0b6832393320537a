"""A town whose organisations each have a client, and the application in front of it.

The town is founded once for each process that runs tests; every test has a copy of its database.
"""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from service.api import credentials
from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.account import AccountDuty
from service.trust.master_key import MasterKey
from tests.api.accounts import Doors, Person
from tests.api.clock import SettableClock
from tests.api.founding import Founded, founding
from tests.api.town import OFFICER, Clients, Town
from tests.database import Database, copied


@pytest.fixture(scope="session")
def founded(template: Database, master_key: MasterKey) -> Iterator[Founded]:
    """The town that tests get copies of."""
    with founding(template, master_key) as town:
        yield town


@pytest.fixture
async def database(founded: Founded) -> AsyncIterator[Database]:
    """A copy of the town's database, dropped after the test."""
    async with copied(founded.database) as fresh:
        yield fresh


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing costs nothing here; `test_sign_in.py` says what it costs in production."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(credentials, "PASSWORDS", cheap)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def serving(
    database: Database, master_key: MasterKey, clock: SettableClock
) -> AsyncIterator[Serving]:
    """Everything the application works with."""
    calendars = published_calendars()
    async with Serving.on(database.app_url, master_key, calendars, clock) as serving:
        yield serving


@pytest.fixture
async def app(serving: Serving) -> FastAPI:
    app = create_app()
    app.state.serving = serving
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the application without a wire."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
        yield http


@pytest.fixture
def clients(founded: Founded) -> Clients:
    """The organisations' clients, by name."""
    return founded.clients


@pytest.fixture
async def town(http: httpx.AsyncClient, serving: Serving, clients: Clients) -> Town:
    return Town(http, serving, clients)


@pytest.fixture
def doors(town: Town, clock: SettableClock, database: Database) -> Doors:
    return Doors(town, clock, database)


@pytest.fixture
async def system(doors: Doors) -> Person:
    """The authority's system administrator; may open accounts."""
    return await doors.first(AccountDuty.SYSTEM)


@pytest.fixture
async def security(doors: Doors) -> Person:
    """The authority's security administrator; puts accounts into force."""
    return await doors.first(AccountDuty.SECURITY)


@pytest.fixture
async def officer(doors: Doors, system: Person, security: Person) -> Person:
    """The authority's first officer, who can sign in."""
    person = await doors.officer(system, security, OFFICER["person"], "zhang.san")
    await doors.settled(person)
    return person
