"""A process that supervises until stopped: ``python -m tests.supervision.reminding URL MOMENT``."""

import asyncio
import sys
from datetime import datetime

from service.domain.event import SHANGHAI
from service.eventstore import EventLog
from service.projections.runner import Runner
from service.supervision.reminders import VIEWS, remind
from service.supervision.worker import Work, Worker
from tests.database import MASTER_KEY


async def supervise(url: str, now: datetime) -> None:
    """As a serving process does, at this moment for ever."""

    def clock() -> datetime:
        return now

    async with (
        EventLog.open(url, MASTER_KEY, clock) as log,
        Runner.running(log, VIEWS),
        Worker(log, url, clock, (Work(remind, VIEWS),), every=0.01).running(),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(supervise(sys.argv[1], datetime.fromisoformat(sys.argv[2]).astimezone(SHANGHAI)))
