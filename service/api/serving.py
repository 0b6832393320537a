"""What a running service works with: made when it starts, the same for every request."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request

from service.api.access import Tokens
from service.api.clients import Clients
from service.api.limiter import Limiter
from service.api.places import Places
from service.domain.working_time import Calendars
from service.eventstore import Clock, EventLog, system_clock
from service.projections.catalogue import VIEWS
from service.projections.off_duty_record import Records
from service.projections.runner import Runner
from service.trust.keyring import MasterKey


@dataclass(frozen=True)
class Serving:
    """The log, the views, who may call, and the clock."""

    log: EventLog
    runner: Runner
    tokens: Tokens
    clients: Clients
    places: Places
    records: Records
    """The 八小时外 records."""
    calendars: Calendars
    """The State Council's calendars, which tell working days (R20)."""
    clock: Clock
    page_secret: bytes = field(repr=False)
    """Signs page tokens, so that nobody can make one up."""
    attendance_secret: bytes = field(repr=False)
    """What the six-digit codes of activities are derived from."""
    token_limiter: Limiter
    running: set[tuple[str, str]] = field(default_factory=set)
    """Client and idempotency key of the writes under way in this process."""

    @classmethod
    @asynccontextmanager
    async def on(
        cls,
        database_url: str,
        master: MasterKey,
        calendars: Calendars,
        clock: Clock = system_clock,
    ) -> AsyncIterator["Serving"]:
        """Opens the log with the application role and follows it with every view."""
        async with (
            EventLog.open(database_url, master, clock) as log,
            Runner.running(log, VIEWS) as runner,
        ):
            _spare_the_collector()
            yield cls.of(log, runner, master, calendars, clock)

    @classmethod
    def of(
        cls,
        log: EventLog,
        runner: Runner,
        master: MasterKey,
        calendars: Calendars,
        clock: Clock = system_clock,
    ) -> "Serving":
        """Around a log that is open and a runner that runs."""
        return cls(
            calendars=calendars,
            log=log,
            runner=runner,
            tokens=Tokens(master),
            clients=Clients(log.pool, master),
            places=Places(log),
            records=Records(log.pool, calendars),
            clock=clock,
            page_secret=master.derive("page-tokens"),
            attendance_secret=master.derive("attendance-codes"),
            token_limiter=Limiter(burst=300, per_second=10),
        )


def _spare_the_collector() -> None:
    """Keeps Python's collector from going through what stays anyway.

    Modules, models and remembered events are hundreds of thousands of objects that live as long as
    the process; looking at all of them again and again stops every request for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def serving(request: Request) -> Serving:
    """What the service of this request works with."""
    found: Serving = request.app.state.serving
    return found
