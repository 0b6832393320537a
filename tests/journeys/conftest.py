"""A service and a witness as processes of their own, with a clock that is set."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from service.domain.event import SHANGHAI
from service.trust.master_key import MasterKey
from service.trust.transparency.signer import LogSigner
from tests.api.founding import Founded, founding
from tests.database import Database, copied
from tests.journeys.clocked_service import ClockFile, running, signer_in
from tests.journeys.promoting import Promoting
from tests.journeys.test_witnesses import WitnessProcess

_FOUNDED = datetime(2026, 7, 1, 9, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def founded_in_july(template: Database, master_key: MasterKey) -> Iterator[Founded]:
    """The town's organisations, with officers and clients."""
    with founding(template, master_key, _FOUNDED) as town:
        yield town


@pytest.fixture
async def promoting(
    founded_in_july: Founded, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> AsyncIterator[Promoting]:
    """Everybody there, and the service in front of them."""
    clock = ClockFile(tmp_path / "clock")
    clock.now = _FOUNDED
    with LogSigner.opened(signer_in(tmp_path)) as signer:
        log = f"log {signer.verifier.key}"
    witness = WitnessProcess(
        tmp_path / "w1", tmp_path / "signer/log.pub", unused_tcp_port_factory()
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(copied(founded_in_july.database))
        stack.push_async_callback(witness.stop)
        await witness.start()
        vkey = (witness.folder / "witness.pub").read_text("utf-8").strip()
        policy = tmp_path / "policy"
        policy.write_text(f"{log}\nwitness w1 {vkey} {witness.place}\nquorum w1\n", "utf-8")
        port = unused_tcp_port_factory()
        service = await stack.enter_async_context(running(tmp_path, port, database, policy))
        speaking = httpx.AsyncClient(base_url=service.place, timeout=30)
        http = await stack.enter_async_context(speaking)
        yield Promoting(http, founded_in_july.clients, clock, database)
