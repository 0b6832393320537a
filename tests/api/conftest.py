"""A town whose organisations each have a client, and the application in front of it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.account import AccountDuty
from service.domain.appointment import AppointOfficer
from service.domain.event import Actor
from service.domain.officer import OfficerRole
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.trust.master_key import MasterKey
from tests.api.accounts import Doors, Person
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, OFFICER, ORGANISATIONS, Clients, Town
from tests.database import Database
from tests.domain.town import id_number


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
    await _appoint(serving, found)
    return found


async def _appoint(serving: Serving, clients: Clients) -> None:
    """Gives every organisation two responsible persons, as the one above it would."""
    appointments = []
    for place, (name, (_, parent, _)) in enumerate(ORGANISATIONS.items()):
        above = clients[parent or name].organisation_id
        for number, officer in enumerate((OFFICER, ENDORSER)):
            number_of = id_number(2 * place + number, born="19650101")
            appointment = AppointOfficer(
                by=Actor(above, "bootstrap"),
                at=serving.clock(),
                organisation_id=clients[name].organisation_id,
                officer_id=officer["person"],
                person=serving.log.keyring.person_hash(number_of),
                id_number=number_of,
                role=OfficerRole.RESPONSIBLE,
            )
            appointments.append(serving.log.decide(appointment))
    await asyncio.gather(*appointments)


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
