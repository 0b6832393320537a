"""The clock jumps by a day, forward and back, while eight clients write."""

import asyncio
from datetime import datetime, timedelta
from time import perf_counter

import httpx

from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.eventstore import system_clock
from tests.database import MASTER_KEY, Database
from tests.faults.checking import log_is_wrong, views_are_wrong
from tests.faults.clients import Clients, found
from tests.faults.outcome import Outcome, Report, unreported


async def jump(database: Database, times: int, report: Report = unreported) -> Outcome:
    """The service runs in this process, because its clock is injected; clients speak HTTP to it."""
    outcome = Outcome("clock jumps of a day")
    begun = perf_counter()
    off = timedelta()

    def clock() -> datetime:
        return system_clock() + off

    async with Serving.on(
        database.app_url, MASTER_KEY, published_calendars(), clock=clock
    ) as serving:
        app = create_app()
        app.state.serving = serving
        await found(serving.log)
        clients = Clients(
            "http://service", clock=clock, transport=httpx.ASGITransport(app), pause=0.005
        )
        async with clients.working():
            for number in range(times):
                await clients.one_acknowledged()
                await asyncio.sleep(0.3)
                off += timedelta(days=1 if number % 4 in {0, 3} else -1)
                jumped = perf_counter()
                await clients.one_acknowledged()
                outcome.recoveries.append(perf_counter() - jumped)
                outcome.times += 1
                last = number == times - 1
                async with clients.held(for_good=last):
                    await clients.ask_again()
                    outcome.wrong += await log_is_wrong(database.owner_url, clients.answered)
                    async with asyncio.timeout(30):
                        await serving.runner.caught_up(await serving.log.head())
                    if last or number % 4 == 3:
                        outcome.wrong += await views_are_wrong(database.owner_url)
                        outcome.views_compared += 1
                report()
    outcome.acknowledged, outcome.retried = len(clients.answered), clients.retried
    outcome.answers = dict(clients.answers)
    outcome.wrong += clients.wrong
    outcome.seconds = perf_counter() - begun
    return outcome
