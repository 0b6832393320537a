"""The service as a process of its own whose clock stands in a file, for journeys through a year.

It is put together as `eighthours serve` puts it together, but that it looks more often for what it
has to do by itself: nobody wants to wait for that.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import uvicorn

from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.server import listen
from service.supervision.worker import Worker, works
from service.trust.crypto.profile import GUOMI
from service.trust.transparency.policy import Policy
from service.trust.transparency.publisher import Publishing
from service.trust.transparency.signer import SignerPlace
from service.trust.transparency.witnesses import witnessed_by
from tests.database import MASTER_KEY, Database
from tests.journeys.service import Service, ready

ORIGIN = "eighthours.local/log"
_LOOKS_EVERY = 0.1
"""Seconds between two looks of the worker."""


@dataclass
class ClockFile:
    """A clock that stands still at what the file says."""

    file: Path

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text("utf-8"))

    @property
    def now(self) -> datetime:
        return self()

    @now.setter
    def now(self, moment: datetime) -> None:
        # At once: the service may read it at any moment.
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(moment.isoformat(), "utf-8")
        fresh.replace(self.file)


def signer_in(folder: Path) -> SignerPlace:
    """Where the log's key is of a service in this folder."""
    return SignerPlace(folder / "signer", ORIGIN, guomi=MASTER_KEY.profile is GUOMI)


@asynccontextmanager
async def running(
    folder: Path, port: int, database: Database, policy: Path
) -> AsyncIterator[Service]:
    """The service, once it answers; its clock stands in `folder/clock`.

    Raises TimeoutError.
    """
    output = folder / "output.txt"
    with output.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__),
            *(str(folder), str(port), database.app_url, str(policy)),
            env=dict(os.environ),
            stdout=file,
            stderr=file,
        )
    service = Service(process, port, folder, output)
    try:
        await ready(service)
        yield service
    finally:
        if process.returncode is None:
            await service.interrupt()


@asynccontextmanager
async def _opened(folder: Path, database_url: str, policy: Policy) -> AsyncIterator[Serving]:
    signer = signer_in(folder)
    calendars, clock = published_calendars(), ClockFile(folder / "clock")
    async with (
        witnessed_by(policy) as witnesses,
        Serving.on(
            database_url,
            MASTER_KEY,
            calendars,
            clock,
            publishing=Publishing(signer, witnesses, interval=0.05),
        ) as serving,
        Worker(serving.log, database_url, clock, works(calendars), _LOOKS_EVERY).running(),
    ):
        yield replace(serving, policy=policy, signer_folder=signer.folder)


def _main(folder: str, port: str, database_url: str, policy: str) -> None:
    app = create_app(lambda: _opened(Path(folder), database_url, Policy.load(Path(policy))))
    config = uvicorn.Config(app, access_log=False, log_config=None)
    with listen("127.0.0.1", int(port)) as listening:
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    _main(*sys.argv[1:])
