"""The real service as a process of its own, started as `make run` starts it."""

# ruff: noqa: ASYNC240 - the files of a temporary folder are at hand

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil


@dataclass
class Service:
    """A running service: its process, its address and what it has said."""

    process: asyncio.subprocess.Process
    port: int
    data: Path
    output: Path

    @property
    def place(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """Everything it has printed."""
        return self.output.read_text("utf-8")

    def credentials(self, kind: str) -> dict[str, Any]:
        """The first demo client of this kind."""
        clients = json.loads((self.data / "demo-credentials.json").read_text("utf-8"))
        found: dict[str, Any] = next(each for each in clients if each["kind"] == kind)
        return found

    async def token(self, kind: str, **form: str) -> str:
        """An access token of that client."""
        client = self.credentials(kind)
        async with httpx.AsyncClient(base_url=self.place) as http:
            answer = await http.post(
                "/oauth/token",
                auth=(client["client_id"], client["client_secret"]),
                data={"grant_type": "client_credentials", **form},
            )
        return str(answer.json()["access_token"])

    def kill(self) -> None:
        """kill -9 of the service and of everything it started, at once."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        for process in [psutil.Process(self.process.pid), *family]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    async def interrupt(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            return await self.process.wait()


async def start(data: Path, port: int, *options: str, **environment: str) -> Service:
    """Starts the service; it may take a while until it answers."""
    data.mkdir(parents=True, exist_ok=True)
    output = data / "output.txt"
    with output.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            "serve",
            *options,
            env={**os.environ, "DATA_DIR": str(data), "PORT": str(port), **environment},
            stdout=file,
            stderr=file,
        )
    return Service(process, port, data, output)


async def ready(service: Service, patience: float = 120) -> dict[str, Any]:
    """What /readyz says once every view has caught up."""
    async with asyncio.timeout(patience), httpx.AsyncClient(base_url=service.place) as http:
        while True:
            assert service.process.returncode is None, service.said()
            with suppress(httpx.TransportError):
                answer = await http.get("/readyz")
                if answer.status_code == 200 and not any(v["lag"] for v in answer.json()["views"]):
                    found: dict[str, Any] = answer.json()
                    return found
            await asyncio.sleep(0.1)


@asynccontextmanager
async def running(
    data: Path, port: int, *options: str, **environment: str
) -> AsyncIterator[Service]:
    """A service that answers, stopped at the end."""
    service = await start(data, port, *options, **environment)
    try:
        await ready(service)
        yield service
    finally:
        if service.process.returncode is None:
            await service.interrupt()
