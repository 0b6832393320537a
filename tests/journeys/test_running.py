"""`make run` as a new user meets it: started, stopped, killed in the middle, two side by side."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx

from service.eventstore import EventLog
from service.projections.catalogue import VIEWS
from service.projections.rebuild import rebuild
from service.projections.view import checksum
from service.trust.master_key import MasterKey
from tests.database import MASTER_KEY, Database
from tests.domain.town import id_number
from tests.journeys.service import Service, ready, running, start

SMALL = ("--demo", "--demo-members", "60")


async def test_started_stopped_and_started_again(tmp_path: Path, unused_tcp_port: int) -> None:
    """It says where to look and how to sign in; Ctrl-C ends it quietly; the data stay."""
    data = tmp_path / "data"
    async with running(data, unused_tcp_port, *SMALL) as service:
        said = service.said()
        assert f"{service.place}/docs" in said
        assert (data / "demo-credentials.json").stat().st_mode & 0o777 == 0o600
        curl = next(line for line in said.splitlines() if line.startswith("curl "))
        shell = await asyncio.create_subprocess_shell(curl, stdout=asyncio.subprocess.PIPE)
        answer, _ = await shell.communicate()
        assert b'"member_no"' in answer
        first = await ready(service)
        assert await service.interrupt() == 0
        assert "Traceback" not in service.said()
    async with running(data, unused_tcp_port, *SMALL) as again:
        # Nothing is lost; what is overdue may have been reminded of, and the story goes on.
        assert (await ready(again))["position"] >= first["position"]


def embedded(data: Path) -> str:
    """The owner's URL of the embedded database, whose socket is the only way in."""
    return f"postgresql://eighthours@/eighthours?host={data / 'database'}&port=5432"


async def recorded(data: Path, position: int) -> None:
    """Waits until the log of a starting service has come this far."""
    async with asyncio.timeout(60):
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                connection = await asyncpg.connect(embedded(data))
                try:
                    while await connection.fetchval("SELECT log.head(1::smallint)") < position:
                        await asyncio.sleep(0.005)
                finally:
                    await connection.close()
                return
            await asyncio.sleep(0.02)


async def test_killed_in_the_middle_of_the_demo_it_goes_on(
    tmp_path: Path, unused_tcp_port: int, database: Database
) -> None:
    """kill -9 of everything while the demo is loaded: nothing doubled, views equal to a rebuild."""
    data = tmp_path / "data"
    service = await start(data, unused_tcp_port, *SMALL)
    await recorded(data, 800)
    service.kill()
    await service.process.wait()
    assert "已启动" not in service.said(), "it was too late to kill it in the middle"
    async with running(data, unused_tcp_port, *SMALL) as again:
        killed = await ready(again)
        master = MasterKey.load_or_create(data / "master.key")
        async with EventLog.open(embedded(data), master) as log:
            live = {view.name: await checksum(log.pool, view) for view in VIEWS}
            await rebuild(log, VIEWS)
            rebuilt = {view.name: await checksum(log.pool, view) for view in VIEWS}
            assert live == rebuilt
    async with running(
        tmp_path / "other",
        unused_tcp_port,
        *SMALL,
        DATABASE_URL=database.owner_url,
        MASTER_KEY=MASTER_KEY_TEXT,
    ) as uninterrupted:
        assert (await ready(uninterrupted))["position"] == killed["position"]


MASTER_KEY_TEXT = bytes(range(32)).hex()
assert MasterKey.of_text(MASTER_KEY_TEXT).fingerprint == MASTER_KEY.fingerprint


async def test_twenty_identical_commands_at_two_processes_one_accepted(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int], database: Database
) -> None:
    """Two services on one database: 20 equal requests at once, each with a key of its own."""
    environment = {"DATABASE_URL": database.owner_url, "MASTER_KEY": MASTER_KEY_TEXT}
    data = tmp_path / "data"
    async with (
        running(data, unused_tcp_port_factory(), *SMALL, **environment) as one,
        running(tmp_path / "two", unused_tcp_port_factory(), **environment) as two,
    ):
        token = await one.token("branch")
        branch = one.credentials("branch")["organisation_id"]
        body = {
            "member_no": "990000001",
            "name": "测试",
            "id_number": id_number(999),
            "phone": "15447990001",
            "specialities": [],
        }
        async with httpx.AsyncClient() as http:

            async def enrol(service: Service) -> httpx.Response:
                return await http.post(
                    f"{service.place}/api/v1/branches/{branch}/members",
                    json=body,
                    headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
                )

            answers = await asyncio.gather(*(enrol((one, two)[n % 2]) for n in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}, [
        answer.text for answer in answers
    ]
