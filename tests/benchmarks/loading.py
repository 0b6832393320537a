"""A load generator: connections that send prepared requests, the next one after each answer.

It runs in a process of its own and does as little as possible: no HTTP library, requests made
before the clock runs, answers read only as far as status and length.
"""

import asyncio
import random
import resource
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import cycle
from time import perf_counter
from typing import cast
from uuid import uuid4

import orjson
import uvloop

from service.api.access import Caller, Tokens
from service.domain.event import SHANGHAI
from tests.benchmarks.measuring import Figures, Open, Tally, Window
from tests.benchmarks.world import (
    VETTING,
    YEAR,
    chief_of_the_authority,
    community,
    member,
    participation,
    reader_of_everything,
    secretary_of,
)
from tests.database import MASTER_KEY

CONNECTIONS = 64
COMMENT = "认真负责，群众反映很好，愿意继续参加。"


class UnexpectedAnswer(RuntimeError):
    """An answer that is no success; the message begins with its status line."""


class _Connection(asyncio.Protocol):
    """One connection: counts answers within the window."""

    def __init__(
        self, requests: Iterator[bytes], opened: Open, done: "asyncio.Future[None]"
    ) -> None:
        self.done = done
        self._requests = requests
        self._opened = opened
        self._received = b""
        self._sent = 0.0
        self.times: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._send()

    def _send(self) -> None:
        self._sent = perf_counter()
        if self._sent >= self._opened.end:
            self._finish(None)
        elif (request := next(self._requests, None)) is None:
            self._finish(UnexpectedAnswer("more requests were answered than were prepared"))
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        at = received.lower().find(b"content-length:", 0, head)
        length = int(received[at + 15 : received.find(b"\r\n", at)]) if at >= 0 else 0
        if len(received) < head + 4 + length:
            return
        now = perf_counter()
        if received[9:11] != b"20":
            self._finish(UnexpectedAnswer(received[:600].decode(errors="replace")))
            return
        if self._opened.covers(now):
            self.times.append(now - self._sent)
        self._received = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._tell(error or UnexpectedAnswer("the server closed the connection"))

    def _finish(self, error: Exception | None) -> None:
        self._tell(error)
        self._transport.close()

    def _tell(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


def _itself(client: _Connection) -> _Connection:
    return client


async def _load(
    port: int, requests: Iterator[bytes], window: Window, connections: int = CONNECTIONS
) -> Figures:
    loop = asyncio.get_running_loop()
    opened = window.opened()
    before = resource.getrusage(resource.RUSAGE_SELF)
    clients = [_Connection(requests, opened, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(partial(_itself, client), "127.0.0.1", port)
    async with asyncio.timeout(window.warm_up + window.duration + 60):
        await asyncio.gather(*(client.done for client in clients))
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    tally = Tally([client.times for client in clients], window.duration)
    answered = sum(len(client.times) for client in clients)
    return tally.figures(client_microseconds=used * 1e6 / max(answered, 1))


def endorse(port: int, first: int, number: int, window: dict[str, float]) -> Figures:
    """Endorses participations of the first community, each once."""
    token = _token(secretary_of(community(0)))
    body = orjson.dumps({"performance": "good", "comment": COMMENT})
    requests = [
        _request(
            "POST",
            f"/api/v1/participations/{participation(each)}/endorsements",
            token,
            body,
            f"Idempotency-Key: benchmark-{first}-{each}\r\nContent-Type: application/json\r\n",
        )
        for each in range(first, first + number)
    ]
    return uvloop.run(_load(port, iter(requests), Window(**window)))


def freeze(port: int, number: int, window: dict[str, float]) -> Figures:
    """Freezes the evidence of the one vetting there is, by one person, again and again."""
    token = _token(chief_of_the_authority())
    path = f"/api/v1/vettings/{VETTING}/evidence"
    more = "Idempotency-Key: freezing-{}\r\nContent-Type: application/json\r\n"
    requests = [
        _request("POST", path, token, b"{}", more.format(uuid4().hex)) for _ in range(number)
    ]
    return uvloop.run(_load(port, iter(requests), Window(**window), connections=1))


def fetch_bundle(port: int, window: dict[str, float]) -> Figures:
    """Fetches the bundle of what was frozen last, by one person, again and again."""
    token = _token(chief_of_the_authority())
    requests = cycle([_request("GET", f"/api/v1/vettings/{VETTING}/evidence.zip", token)])
    return uvloop.run(_load(port, requests, Window(**window), connections=1))


def read_records(port: int, members: int, window: dict[str, float]) -> Figures:
    """Reads off-duty records of members picked by chance."""
    token = _token(reader_of_everything())
    requests = [record_request(each, token) for each in range(0, members, max(1, members // 5000))]
    chance = random.Random(6)

    def chosen() -> Iterator[bytes]:
        while True:
            yield chance.choice(requests)

    return uvloop.run(_load(port, chosen(), Window(**window)))


def read_paths(port: int, paths: list[str], window: dict[str, float]) -> Figures:
    """Asks for these in turn, again and again, as two people do."""
    token = _token(reader_of_everything())
    requests = cycle([_request("GET", path, token) for path in paths])
    return uvloop.run(_load(port, requests, Window(**window), connections=2))


def record_path(number: int) -> str:
    """Where one member's record is."""
    return f"/api/v1/members/{member(number)}/off-duty-record?year={YEAR}"


def record_request(number: int, token: str) -> bytes:
    """The request for one member's record."""
    return _request("GET", record_path(number), token)


def _token(caller: Caller) -> str:
    return Tokens(MASTER_KEY).issue(caller, datetime.now(SHANGHAI))


def _request(method: str, path: str, token: str, body: bytes = b"", more: str = "") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{more}"
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body
