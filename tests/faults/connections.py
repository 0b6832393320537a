"""Connections between the service and PostgreSQL that break in every way, under load."""

import asyncio
import random
from pathlib import Path
from time import perf_counter

from service.eventstore.migrate import application_url
from tests.database import MASTER_KEY
from tests.faults.kills import readable, scene
from tests.faults.outcome import Outcome, Report, unreported
from tests.faults.proxy import FAULTS, Fault, Proxy


async def break_connections(
    owner_url: str,
    data: Path,
    port: int,
    times: int,
    seed: int,
    report: Report = unreported,
    faults: tuple[Fault, ...] = FAULTS,
) -> Outcome:
    """Each fault in turn befalls every connection of the service, ``times`` in all."""
    chance = random.Random(seed)
    through = await application_url(owner_url, MASTER_KEY)
    async with Proxy.before(through) as proxy:
        environment = {"DATABASE_URL": owner_url, "APP_DATABASE_URL": proxy.url}
        async with scene("connections broken", data, port, **environment) as here:
            suffered = 0
            for number in range(times):
                await asyncio.sleep(chance.uniform(0.1, 0.3))
                suffered += await proxy.suffer(faults[number % len(faults)])
                over = perf_counter()
                await here.clients.one_acknowledged()
                await readable(here.service)
                here.outcome.recoveries.append(perf_counter() - over)
                here.outcome.times += 1
                await here.settle()
                report()
            here.outcome.notes.append(f"{suffered} connections: {', '.join(faults)}")
    return here.outcome
