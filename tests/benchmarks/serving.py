"""The applications that are measured over HTTP, each in a server process of its own.

``python -m tests.benchmarks.serving NAME JSON`` serves one with uvicorn, set up as the service
sets it up, on a port that it prints. On SIGINT it stops and prints where its time went if asked.
"""

import asyncio
import cProfile
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from service.api.app import create_app
from service.api.endorsement import EndorseBody
from service.api.fields import Id
from service.api.serving import Serving
from service.api.writes import new_id
from service.data.calendars import published_calendars
from service.domain.endorsing import EndorseParticipation
from service.domain.event import SHANGHAI, Actor
from service.trust.keyring import KeyRing
from tests.benchmarks.child import hot_spots
from tests.benchmarks.library import LibraryLog, recorder
from tests.benchmarks.measuring import Figures
from tests.benchmarks.world import community
from tests.database import MASTER_KEY

_THREADS = 40
"""As many as the framework's thread pool has."""


def ours(url: str, signer: str = "") -> FastAPI:
    """The service, everything on; ``signer`` is the folder of the log's key, for what needs it."""

    @asynccontextmanager
    async def serving() -> AsyncIterator[Serving]:
        async with Serving.on(url, MASTER_KEY, published_calendars()) as found:
            yield replace(found, signer_folder=Path(signer)) if signer else found

    return create_app(serving)


def library(url: str, owner_url: str) -> FastAPI:
    """The same command through the library's recorder in FastAPI's thread pool.

    Without token, idempotency and the service's own checks of the body; all member keys at hand.
    """
    app = FastAPI()
    log = LibraryLog(recorder(url, _THREADS), asyncio.run(_all_keys(owner_url)))

    @app.post("/api/v1/participations/{participation_id}/endorsements", status_code=201)
    def endorse(participation_id: Id, body: EndorseBody) -> dict[str, str]:
        command = EndorseParticipation(
            by=Actor(community(0), "secretary"),
            at=datetime.now(SHANGHAI),
            endorsement_id=new_id(),
            participation_id=participation_id,
            performance=body.performance,
            comment=body.comment,
        )
        log.decide(command)
        return {"endorsement_id": command.endorsement_id, "participation_id": participation_id}

    return app


async def _all_keys(owner_url: str) -> KeyRing:
    connection = await asyncpg.connect(owner_url)
    try:
        keyring = KeyRing(connection, MASTER_KEY)
        rows = await connection.fetch("SELECT member_id, purpose FROM keys.member_keys")
        await keyring.load((row["member_id"], row["purpose"]) for row in rows)
        return keyring
    finally:
        await connection.close()


def validating() -> FastAPI:
    """A route that validates the same body and answers; nothing is decided or kept."""
    app = FastAPI()

    @app.post("/api/v1/participations/{participation_id}/endorsements", status_code=201)
    async def endorse(participation_id: Id, body: EndorseBody) -> Response:
        answer = {"endorsement_id": new_id(), "participation_id": participation_id}
        return JSONResponse({**answer, "performance": body.performance}, status_code=201)

    return app


def from_memory(file: str) -> FastAPI:
    """A route that returns an answer of the service, kept in memory."""
    app = FastAPI()
    body = Path(file).read_bytes()

    @app.get("/api/v1/members/{member_id}/off-duty-record")
    async def record(member_id: Id, year: int) -> Response:
        assert member_id
        assert year
        return Response(body, media_type="application/json")

    return app


_APPLICATIONS: dict[str, Callable[..., FastAPI]] = {
    each.__name__: each for each in (ours, library, validating, from_memory)
}


class Server:
    """A server in another process."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self.port = port

    def stop(self) -> Figures:
        """Stops it; what it used of a core, and where its time went if that was asked for."""
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=60)
        found: Figures = json.loads(said.strip().splitlines()[-1])
        return found


@contextmanager
def served(name: str, *, profiled: bool = False, **arguments: str) -> Iterator[Server]:
    """Serves an application until the block ends."""
    command = [sys.executable, "-m", "tests.benchmarks.serving", name, json.dumps(arguments)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "EIGHTHOURS_PROFILE": "1" if profiled else ""},
    ) as process:
        try:
            assert process.stdout is not None
            yield Server(process, int(process.stdout.readline()))
        finally:
            if process.poll() is None:
                process.kill()


def _main() -> None:
    name, arguments = sys.argv[1:]
    app = _APPLICATIONS[name](**json.loads(arguments))
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Telling(config, listening.getsockname()[1])
    profile = cProfile.Profile(thread_time) if os.environ.get("EIGHTHOURS_PROFILE") else None
    begun = perf_counter()
    if profile is not None:
        profile.enable()
    try:
        server.run(sockets=[listening])
    finally:
        found: dict[str, Any] = {}
        if profile is not None:
            profile.disable()
            found["profile"] = hot_spots(profile)
        used = resource.getrusage(resource.RUSAGE_SELF)
        found["cpu"] = (used.ru_utime + used.ru_stime) / (perf_counter() - begun)
        sys.stdout.write(f"{json.dumps(found)}\n")
        sys.stdout.flush()
        os._exit(0)  # threads of the library's pool must not keep us


class _Telling(uvicorn.Server):
    """Prints its port when it serves."""

    def __init__(self, config: uvicorn.Config, port: int) -> None:
        super().__init__(config)
        self._port = port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"{self._port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
