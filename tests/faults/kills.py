"""kill -9 of the server process and of PostgreSQL, below a running service, under load."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import asyncpg
import httpx
import psutil

from service.embedded_database import EmbeddedDatabase
from service.eventstore import EventLog
from tests.database import MASTER_KEY
from tests.faults.checking import log_is_wrong, views_are_wrong
from tests.faults.clients import Clients, found
from tests.faults.outcome import Outcome, Report, unreported
from tests.journeys.service import Service, ready, start

COMPARE_VIEWS_EVERY = 10
"""Faults between two rebuilds of all views; the log is checked after each."""
MASTER_KEY_TEXT = bytes(range(32)).hex()


@dataclass
class Scene:
    """A running service, clients at work, and the database below."""

    service: Service
    clients: Clients
    url: str
    """The owner's URL of the database."""
    outcome: Outcome
    environment: dict[str, str]

    async def settle(self, *, last: bool = False) -> None:
        """Holds the clients and checks everything that must hold."""
        async with self.clients.held(for_good=last):
            await self.clients.ask_again()
            self.outcome.wrong += await log_is_wrong(self.url, self.clients.answered)
            if last or self.outcome.times % COMPARE_VIEWS_EVERY == 0:
                await ready(self.service)
                self.outcome.wrong += await views_are_wrong(self.url)
                self.outcome.views_compared += 1
        # Not `ready`: while the clients write again some view is always a few events behind.
        await readable(self.service)

    async def healthy_again(self, begun: float) -> None:
        """Waits for the database, then measures how long the service takes from there."""
        async with asyncio.timeout(90):
            while not await answers(self.url):
                await asyncio.sleep(0.02)
        there = perf_counter()
        self.outcome.database_away.append(there - begun)
        await self.clients.one_acknowledged()
        await readable(self.service)
        self.outcome.recoveries.append(perf_counter() - there)


@asynccontextmanager
async def scene(fault: str, data: Path, port: int, **environment: str) -> AsyncIterator[Scene]:
    """A service with clients at work; afterwards everything is checked once more."""
    outcome = Outcome(fault)
    begun = perf_counter()
    environment = {"MASTER_KEY": MASTER_KEY_TEXT, **environment}
    service = await start(data, port, **environment)
    url = environment.get("DATABASE_URL") or EmbeddedDatabase(data / "database").url
    clients = Clients(service.place)
    here = Scene(service, clients, url, outcome, environment)
    try:
        await ready(service)
        async with EventLog.open(url, MASTER_KEY) as log:
            await found(log)
        async with clients.working():
            await clients.one_acknowledged()
            yield here
            await here.settle(last=True)
    finally:
        if here.service.process.returncode is None:
            await here.service.interrupt()
        outcome.acknowledged = len(clients.answered)
        outcome.retried = clients.retried
        outcome.answers = dict(clients.answers)
        outcome.wrong += clients.wrong
        outcome.seconds = perf_counter() - begun


async def kill_server(
    data: Path, port: int, times: int, seed: int, report: Report = unreported
) -> Outcome:
    """Kills the service, every other time with its PostgreSQL, and starts it again."""
    chance = random.Random(seed)
    async with scene("kill -9 of the server", data, port) as here:
        for number in range(times):
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            begun = perf_counter()
            if number % 2:
                here.service.kill()
            else:
                here.service.process.kill()
            await here.service.process.wait()
            here.service = await start(data, port, **here.environment)
            await here.healthy_again(begun)
            here.outcome.times += 1
            await here.settle()
            report()
    return here.outcome


async def kill_database(
    data: Path, port: int, times: int, seed: int, report: Report = unreported
) -> Outcome:
    """Kills a backend, the postmaster, or every process of PostgreSQL; nobody else helps."""
    chance = random.Random(seed)
    async with scene("kill -9 of PostgreSQL", data, port) as here:
        for number in range(times):
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            sentinel = await asyncpg.connect(here.url)
            begun = perf_counter()
            await asyncio.to_thread(_kill_postgresql, here.service, number % 3, chance)
            async with asyncio.timeout(30):
                while not sentinel.is_closed():
                    await asyncio.sleep(0.005)
            await here.healthy_again(begun)
            here.outcome.times += 1
            await here.settle()
            report()
    return here.outcome


async def lose_without_synchronous_commit(data: Path, port: int) -> Outcome:
    """The control: what is acknowledged before it is durable must be seen to be lost.

    The service refuses to start with this setting, so that it is changed below the running one.
    """
    outcome = Outcome("control: synchronous_commit off, kill -9 of PostgreSQL")
    begun = perf_counter()
    service = await start(data, port, MASTER_KEY=MASTER_KEY_TEXT)
    url = EmbeddedDatabase(data / "database").url
    clients = Clients(service.place, pause=0)
    try:
        await ready(service)
        async with EventLog.open(url, MASTER_KEY) as log:
            await found(log)
        owner = await asyncpg.connect(url)
        await owner.execute("ALTER SYSTEM SET synchronous_commit = off")
        await owner.execute("SELECT pg_reload_conf()")
        async with clients.working():
            while outcome.times < 5 and not outcome.wrong:
                await asyncio.sleep(0.7)
                await asyncio.to_thread(_kill_postgresql, service, 2, random.Random(1))
                async with asyncio.timeout(30):
                    while not owner.is_closed():
                        await asyncio.sleep(0.005)
                    while not await answers(url):
                        await asyncio.sleep(0.02)
                outcome.times += 1
                async with clients.held():
                    outcome.wrong += await log_is_wrong(url, clients.answered)
                    owner = await asyncpg.connect(url)
        await owner.close()
    finally:
        if service.process.returncode is None:
            await service.interrupt()
    outcome.acknowledged, outcome.retried = len(clients.answered), clients.retried
    outcome.answers = dict(clients.answers)
    outcome.seconds = perf_counter() - begun
    return outcome


def _kill_postgresql(service: Service, kind: int, chance: random.Random) -> None:
    [postmaster] = [
        child
        for child in psutil.Process(service.process.pid).children()
        if child.name() == "postgres"
    ]
    workers = postmaster.children()
    victims = [postmaster]
    if kind == 0:
        victims = [chance.choice([each for each in workers if "client backend" in _role(each)])]
    elif kind == 2:
        victims = [postmaster, *workers]
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()


def _role(process: psutil.Process) -> str:
    """What a process of PostgreSQL does: those that serve a client name its user and database."""
    with suppress(psutil.NoSuchProcess):
        words = " ".join(process.cmdline())
        return "client backend" if words.startswith("postgres: eighthours") else words
    return ""


async def answers(url: str) -> bool:
    """Whether the database accepts connections and answers."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    try:
        return bool(await connection.fetchval("SELECT 1") == 1)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    finally:
        connection.terminate()


async def readable(service: Service) -> None:
    """Waits until /readyz says yes and every view follows."""
    async with asyncio.timeout(90), httpx.AsyncClient(base_url=service.place) as http:
        while True:
            with suppress(httpx.TransportError):
                answer = await http.get("/readyz")
                if answer.status_code == 200 and all(
                    view["state"] == "following" for view in answer.json()["views"]
                ):
                    return
            await asyncio.sleep(0.05)
