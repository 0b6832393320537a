"""A town whose organisations each have a client, and the application in front of it."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.event import SHANGHAI, Actor
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.trust.keyring import MasterKey
from tests.api.town import ORGANISATIONS, Clients, Town
from tests.database import Database


class SettableClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def serving(
    database: Database, master_key: MasterKey, clock: SettableClock
) -> AsyncIterator[Serving]:
    """Everything the application works with, on a fresh database."""
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
async def clients(serving: Serving) -> Clients:
    """Registers the organisations and gives each a client with every scope of its kind."""
    found: Clients = {}
    for name, (kind, parent, area_code) in ORGANISATIONS.items():
        organisation_id = str(uuid4())
        await serving.log.decide(
            RegisterOrganisation(
                by=Actor("bootstrap", "bootstrap"),
                at=serving.clock(),
                organisation_id=organisation_id,
                name=name,
                kind=OrganisationKind(kind),
                parent_id=found[parent].organisation_id if parent else None,
                district="琼中黎族苗族自治县",
                area_code=area_code,
            )
        )
        client_id, secret = await serving.clients.add(name, organisation_id, OrganisationKind(kind))
        caller = await serving.clients.authenticate(client_id, secret)
        assert caller is not None
        found[name] = Town.client(organisation_id, client_id, secret, caller)
    return found


@pytest.fixture
async def town(http: httpx.AsyncClient, serving: Serving, clients: Clients) -> Town:
    return Town(http, serving, clients)
