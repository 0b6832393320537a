"""A small loopback proxy in front of PostgreSQL that ill-treats the connections through it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Fault = Literal["cut", "delayed", "half-closed", "half-closed upwards", "truncated", "late"]
FAULTS: tuple[Fault, ...] = (
    "cut", "delayed", "half-closed", "half-closed upwards", "truncated", "late",
)  # fmt: skip


class _Link:
    """One connection through the proxy: two streams, each pumped by a task of its own."""

    def __init__(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._from_client, self._to_client = client
        self._from_server, self._to_server = server
        self._open = asyncio.Event()
        self._open.set()
        self._truncate = False

    async def run(self) -> None:
        """Carries bytes both ways until one side is gone."""
        up = asyncio.create_task(self._pump(self._from_client, self._to_server))
        down = asyncio.create_task(self._pump(self._from_server, self._to_client, down=True))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.ALL_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._to_client.close()
            self._to_server.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, down: bool = False
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(65536):
                await self._open.wait()
                if down and self._truncate:
                    sink.write(chunk[: len(chunk) // 2])
                    await sink.drain()
                    self.cut()
                    return
                sink.write(chunk)
                await sink.drain()
        # What comes after one side has ended is of no use to the other: both end.
        with suppress(OSError):
            if sink.can_write_eof() and not sink.is_closing():
                sink.write_eof()

    async def suffer(self, fault: Fault) -> None:
        """One fault; those that take time take at most a second."""
        with suppress(OSError):
            if fault == "cut":
                self.cut()
            elif fault == "delayed":
                self._open.clear()
                await asyncio.sleep(0.7)
                self._open.set()
            elif fault == "half-closed":
                self._to_client.write_eof()
            elif fault == "half-closed upwards":
                self._to_server.write_eof()
            elif fault == "truncated":
                self._truncate = True
            else:
                # The client sees its connection reset; what it sent last arrives all the same.
                self._open.clear()
                await asyncio.sleep(0.05)
                _reset(self._to_client)
                await asyncio.sleep(0.7)
                self._open.set()

    def cut(self) -> None:
        """Resets both sides."""
        _reset(self._to_client)
        _reset(self._to_server)


def _reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None and found.family != socket.AF_UNIX:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Proxy:
    """Listens on 127.0.0.1 and forwards to where a database URL points."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, target: str) -> AsyncIterator["Proxy"]:
        """A proxy before this database."""
        proxy = cls(target)
        server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            for task in list(proxy._tasks):
                task.cancel()
            await asyncio.gather(*proxy._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """The target's URL, through the proxy."""
        parts = urlsplit(self._target)
        user = f"{parts.username}:{parts.password}" if parts.password else parts.username
        return f"postgresql://{user}@127.0.0.1:{self.port}{parts.path}?sslmode=disable"

    async def suffer(self, fault: Fault) -> int:
        """Every connection suffers this fault at once; how many that were."""
        links = list(self._links)
        await asyncio.gather(*(link.suffer(fault) for link in links))
        return len(links)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            parts = urlsplit(self._target)
            asked = parse_qs(parts.query)
            host = parts.hostname or asked["host"][0]
            port = parts.port or int(asked.get("port", ["5432"])[0])
            if host.startswith("/"):
                server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            else:
                server = await asyncio.open_connection(host, port)
            link = _Link((reader, writer), server)
            self._links.add(link)
            try:
                await link.run()
            finally:
                self._links.discard(link)
        except (OSError, asyncio.CancelledError):
            writer.close()
        finally:
            self._tasks.discard(task)
