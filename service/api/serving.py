"""What a running service works with: made when it starts, the same for every request."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import Request

from service.api.access import Tokens
from service.api.clients import Clients
from service.api.credentials import Credentials
from service.api.limiter import Limiter
from service.api.openid import OpenId, Provider
from service.api.opening import Opener
from service.api.people import People
from service.api.places import Places
from service.api.revocations import Revocations
from service.api.sessions import Sessions
from service.data.bases import Bases, configured_bases
from service.domain.working_time import Calendars
from service.eventstore import Clock, EventLog, system_clock
from service.printing.press import Press
from service.projections.catalogue import VIEWS
from service.projections.off_duty_record import Records
from service.projections.organisation_statistics import Statistics
from service.projections.runner import Runner
from service.supervision.worker import Worker, works
from service.trust.erasing import Erasing
from service.trust.master_key import MasterKey
from service.trust.readings import Readings
from service.trust.sealing import Sealing
from service.trust.transparency.policy import Policy
from service.trust.transparency.publisher import Publisher, Publishing
from service.trust.transparency.store import TreeStore


@dataclass(frozen=True)
class Serving:
    """The log, the views, who may call, and the clock."""

    log: EventLog
    runner: Runner
    tokens: Tokens
    revocations: Revocations
    clients: Clients
    credentials: Credentials
    sessions: Sessions
    people: People
    """Whoever signs in with an account."""
    openid: OpenId | None
    """The provider people may sign in at; None if there is none."""
    places: Places
    records: Records
    """The 八小时外 records."""
    statistics: Statistics
    """The statistics of organisations."""
    opener: Opener
    """Opens names and texts, and writes down who reads them."""
    readings: Readings
    """Who read what about whom."""
    tree: TreeStore
    """The hashes over the log, and the checkpoint that is published."""
    calendars: Calendars
    """The State Council's calendars, which tell working days (R20)."""
    clock: Clock
    page_secret: bytes = field(repr=False)
    """Signs page tokens, so that nobody can make one up."""
    request_secret: bytes = field(repr=False)
    """Keys the fingerprints of requests, which may hold personal data."""
    attendance_secret: bytes = field(repr=False)
    """What the six-digit codes of activities are derived from."""
    evidence_secret: bytes = field(repr=False)
    """Of the key that seals bundles of evidence."""
    token_limiter: Limiter
    sign_in_logins: Limiter
    sign_in_places: Limiter
    bases: Bases = field(default_factory=configured_bases)
    """The local documents that consultations rest on (R26)."""
    press: Press = field(default_factory=Press)
    """Makes what is printed; opens its fonts when first asked."""
    policy: Policy = field(default_factory=Policy)
    """The witnesses of the log, and how many are enough."""
    signer_folder: Path | None = None
    """Where the log's public key is; None where another machine signs and the policy names it."""
    publisher: Publisher | None = None
    """Publishes checkpoints; None where somebody else does."""
    worker: Worker | None = None
    """Reminds and amends; None where somebody else does."""
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
        publishing: Publishing | None = None,
        provider: Provider | None = None,
        *,
        supervising: bool = False,
    ) -> AsyncIterator["Serving"]:
        """Opens the log with the application role, follows it with every view, and publishes.

        ``supervising``: it also reminds of what is overdue and amends reports, by itself.
        """
        async with AsyncExitStack() as stack:
            log = await stack.enter_async_context(EventLog.open(database_url, master, clock))
            runner = await stack.enter_async_context(Runner.running(log, VIEWS))
            publisher = None
            if publishing is not None:
                running = Publisher.running(log, database_url, publishing)
                publisher = await stack.enter_async_context(running)
            worker = None
            if supervising:
                worker = Worker(log, database_url, clock, works(calendars))
                await stack.enter_async_context(worker.running())
            serving = replace(
                cls.of(log, runner, master, calendars, clock, publisher, provider), worker=worker
            )
            await stack.enter_async_context(serving.revocations.kept_up())
            forget = serving.records.forget
            await stack.enter_async_context(Erasing.running(log, clock, forget))
            await stack.enter_async_context(Sealing.running(log, clock))
            _spare_the_collector()
            yield serving

    @classmethod
    def of(
        cls,
        log: EventLog,
        runner: Runner,
        master: MasterKey,
        calendars: Calendars,
        clock: Clock = system_clock,
        publisher: Publisher | None = None,
        provider: Provider | None = None,
    ) -> "Serving":
        """Around a log that is open and a runner that runs."""
        places = Places(log)
        revocations = Revocations(log.pool, clock)
        readings = Readings(log.pool)
        return cls(
            calendars=calendars,
            log=log,
            runner=runner,
            tokens=Tokens(master, revocations.known),
            revocations=revocations,
            clients=Clients(log.pool, master),
            credentials=Credentials(log.pool, master),
            sessions=Sessions(log.pool, master),
            people=People(log, places),
            openid=None if provider is None else OpenId(provider, master),
            places=places,
            records=Records(log.fenced, calendars),
            statistics=Statistics(calendars),
            opener=Opener(log.keyring, readings, clock),
            readings=readings,
            tree=TreeStore(log.pool),
            publisher=publisher,
            clock=clock,
            page_secret=master.derive("page-tokens"),
            request_secret=master.derive("request-fingerprints"),
            attendance_secret=master.derive("attendance-codes"),
            evidence_secret=master.derive("evidence-bundles"),
            token_limiter=Limiter(burst=300, per_second=10),
            # A person does not mistype faster; whoever tries passwords does.
            sign_in_logins=Limiter(burst=20, per_second=0.2),
            # Behind one address may sit a whole office.
            sign_in_places=Limiter(burst=100, per_second=1),
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
