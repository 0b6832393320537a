"""A database with the town in it: founded once, then copied for each test."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.appointment import AppointOfficer
from service.domain.event import Actor
from service.domain.officer import OfficerRole
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.trust.master_key import MasterKey
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, OFFICER, ORGANISATIONS, Clients, Town
from tests.database import Database, copied
from tests.domain.town import id_number


@dataclass(frozen=True)
class Founded:
    """The database, which nobody is connected to, and the organisations' clients."""

    database: Database
    clients: Clients


@contextmanager
def founding(
    template: Database, master_key: MasterKey, at: datetime | None = None
) -> Iterator[Founded]:
    """Registers the organisations in a copy of the template, with clients and officers.

    Every view has caught up with them. ``at`` is when: what they owe begins there.
    """
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        database = runner.run(stack.enter_async_context(copied(template)))
        try:
            yield Founded(database, runner.run(_found(database, master_key, at)))
        finally:
            runner.run(stack.aclose())


async def _found(database: Database, master_key: MasterKey, at: datetime | None) -> Clients:
    clock = SettableClock()
    clock.now = at or clock.now
    async with Serving.on(database.app_url, master_key, published_calendars(), clock) as serving:
        clients = await _register(serving)
        await _appoint(serving, clients)
        assert await serving.runner.caught_up(await serving.log.head())
    return clients


async def _register(serving: Serving) -> Clients:
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
