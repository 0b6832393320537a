"""Three witnesses as processes of their own: one may be down, two may not, and `verify`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from service.eventstore import EventLog
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.policy import Policy
from service.trust.transparency.signed_note import Note
from service.trust.transparency.signer import LogSigner, SignerPlace
from tests.database import MASTER_KEY, Database
from tests.domain.town import TOWN, enrolled
from tests.eventstore.history import given
from tests.journeys.service import Service, running

ORIGIN = "eighthours.local/log"


@dataclass
class WitnessProcess:
    """A witness that can be stopped and started again."""

    folder: Path
    log_key: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def place(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "witness", str(self.folder)),
            *("--log", str(self.log_key), "--port", str(self.port)),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(90), httpx.AsyncClient() as http:
            while True:
                assert self.process.returncode is None
                with suppress(httpx.TransportError):
                    await http.get(self.place)
                    return
                await asyncio.sleep(0.05)

    async def stop(self, *, kill: bool = False) -> int:
        """Ctrl-C, or kill -9; its exit status."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGKILL if kill else signal.SIGINT)
        return await process.wait()

    async def checkpoint(self) -> str:
        """The last checkpoint it cosigned."""
        async with httpx.AsyncClient() as http:
            name = sha256(ORIGIN.encode()).hexdigest()
            return (await http.get(f"{self.place}/{name}/checkpoint")).text


@dataclass
class Setting:
    """A service, its witnesses, and the log behind it."""

    service: Service
    witnesses: list[WitnessProcess]
    log: EventLog
    policy: Path

    async def appended(self, *, witnessed: bool, cosignatures: int) -> Note:
        """The checkpoint after one more event, once /readyz says what is expected."""
        head = await given(self.log, enrolled(f"member-{await self.log.head()}"))
        return await self.published(head, witnessed=witnessed, cosignatures=cosignatures)

    async def published(self, size: int, *, witnessed: bool, cosignatures: int) -> Note:
        expected = {"published": size, "witnessed": witnessed, "cosignatures": cosignatures}
        async with asyncio.timeout(30), httpx.AsyncClient(base_url=self.service.place) as http:
            while True:
                ready = await http.get("/readyz")
                assert ready.status_code == 200, ready.text
                log: dict[str, Any] = ready.json()["log"]
                if {name: log[name] for name in expected} == expected:
                    break
                await asyncio.sleep(0.05)
            answer = await http.get("/api/v1/log/checkpoint")
        assert answer.headers["X-Witnessed"] == str(witnessed).lower()
        note = Note.parse(answer.text)
        assert Checkpoint.parse(note.text).size == size
        judgement = Policy.load(self.policy).judge(note)
        assert judgement.signed_by
        assert judgement.valid is witnessed
        assert len(judgement.witnessed_by) == cosignatures
        return note


@pytest.fixture
async def setting(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int], database: Database
) -> AsyncIterator[Setting]:
    data, policy = tmp_path / "data", tmp_path / "policy"
    with LogSigner.opened(SignerPlace(data / "log-signer", ORIGIN)) as signer:
        lines = [f"log {signer.verifier.key}"]
    witnesses = [
        WitnessProcess(data / f"w{n}", data / "log-signer/log.pub", unused_tcp_port_factory())
        for n in (1, 2, 3)
    ]
    async with AsyncExitStack() as stack:
        for each in witnesses:
            stack.push_async_callback(each.stop)
        await asyncio.gather(*(each.start() for each in witnesses))
        for each in witnesses:
            vkey = (each.folder / "witness.pub").read_text("utf-8").strip()
            lines.append(f"witness {each.folder.name} {vkey} {each.place}")
        policy.write_text(
            "\n".join([*lines, "group three 2 w1 w2 w3", "quorum three", ""]), "utf-8"
        )
        environment = {
            "DATABASE_URL": database.owner_url,
            "MASTER_KEY": bytes(range(32)).hex(),
            "LOG_POLICY": str(policy),
        }
        log = await stack.enter_async_context(EventLog.open(database.app_url, MASTER_KEY))
        await given(log, *TOWN)
        port = unused_tcp_port_factory()
        service = await stack.enter_async_context(running(data, port, **environment))
        yield Setting(service, witnesses, log, policy)


async def test_a_quorum_of_two_in_three(setting: Setting) -> None:
    _, second, third = setting.witnesses
    await setting.appended(witnessed=True, cosignatures=3)
    # One stops: it goes on.
    assert await third.stop() == 0
    await setting.appended(witnessed=True, cosignatures=2)
    # Two are down: it goes on, and says that nobody should rely on it yet.
    await second.stop(kill=True)
    await setting.appended(witnessed=False, cosignatures=1)
    last = await setting.appended(witnessed=False, cosignatures=1)
    # One is back: what was published is cosigned after the fact, from where it had been.
    await second.start()
    size = Checkpoint.parse(last.text).size
    await setting.published(size, witnessed=True, cosignatures=2)
    await third.start()
    await setting.appended(witnessed=True, cosignatures=3)
    assert "见证 w2 没有共签" in setting.service.said()
    assert "见证 w2 已恢复共签" in setting.service.said()


@asynccontextmanager
async def superuser(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """With the triggers off."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


async def test_an_altered_row_is_named(
    setting: Setting, database: Database, tmp_path: Path
) -> None:
    """With one witness's checkpoint, from whatever database is asked."""
    size = Checkpoint.parse((await setting.appended(witnessed=True, cosignatures=3)).text).size
    checkpoint, policy = tmp_path / "checkpoint", tmp_path / "of-the-witness"
    checkpoint.write_text(await setting.witnesses[0].checkpoint(), "utf-8")
    vkey = (setting.witnesses[0].folder / "witness.pub").read_text("utf-8")
    policy.write_text(f"witness w {vkey}quorum w\n", "utf-8")

    async def verified(*arguments: str | Path) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "verify", *map(str, arguments)),
            env={**os.environ, "DATABASE_URL": database.owner_url, "COLUMNS": "300"},
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()

    sound, said = await verified(checkpoint, "--policy", policy)
    assert (sound, f"未见改动：第 1－{size} 条与检查点一致。" in said) == (0, True), said
    async with superuser(database) as db:
        await db.execute(
            "UPDATE log.events SET data = convert_to(replace(convert_from(data, 'UTF8'),"
            " 'officer', 'another'), 'UTF8') WHERE position = 4"
        )
    found, said = await verified(checkpoint, "--policy", policy)
    assert (found, "日志被改动过，最先在第 4 条。" in said) == (1, True), said
    # What the service itself keeps says so as well, as long as nobody touches that.
    assert (await verified("--policy", setting.policy))[0] == 1
    # A checkpoint that too few have cosigned counts for nothing.
    refused, said = await verified(checkpoint, "--policy", setting.policy)
    assert (refused, "见证未达到约定数（已共签：w1）" in said) == (1, True), said
    nothing, said = await verified(checkpoint)
    assert (nothing, "请用 --policy 给出策略文件" in said) == (1, True), said
