"""Keys that sign tokens: changed, taken back; and tokens of those who were taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg
import pytest
from joserfc import jws

from service import administrators
from service.api.revocations import EVERY, Revocations
from service.api.serving import Serving
from service.eventstore import LogUnavailable
from service.installation import Installation
from tests.api.clock import SettableClock
from tests.api.test_tokens import read
from tests.api.town import Town
from tests.database import MASTER_KEY, Database

SOON = EVERY + 2


@pytest.fixture
async def installed(database: Database) -> Installation:
    return Installation(database.owner_url, database.app_url, MASTER_KEY)


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


def kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


async def becomes(condition: Callable[[], bool]) -> bool:
    for _ in range(int(SOON / 0.05)):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return condition()


async def test_a_new_key_signs_once_every_process_knows_it(
    town: Town, installed: Installation, owner: asyncpg.Connection
) -> None:
    before = town.token("branch")
    assert await administrators.next_generation(installed) == 1
    await town.serving.revocations.refresh()
    assert town.serving.revocations.known.generations == {0, 1}
    assert kid(town.token("branch")) == kid(before)
    await owner.execute("UPDATE access.token_keys SET made_at = made_at - interval '5 s'")
    assert await becomes(lambda: kid(town.token("branch")) != kid(before))
    for token in (before, town.token("branch")):
        assert (await read(town, token)).status_code == 200


async def test_tokens_of_a_key_that_was_taken_back_are_refused_within_seconds(
    town: Town, installed: Installation
) -> None:
    before = town.token("branch")
    assert (await read(town, before)).status_code == 200
    await administrators.revoke_generation(installed, 0)
    with pytest.raises(administrators.NoSuchGeneration):
        await administrators.revoke_generation(installed, 0)
    assert await becomes(lambda: kid(town.token("branch")) != kid(before))
    answer = await read(town, before)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (401, "invalid-token")
    assert (await read(town, town.token("branch"))).status_code == 200, "the next one signs"


async def test_a_revoked_client_is_cut_off_within_seconds(town: Town) -> None:
    client = town.clients["branch"].client_id
    token, other = town.token("branch"), town.token("community")
    assert (await read(town, token)).status_code == 200
    assert await town.serving.clients.revoke(client)
    assert await becomes(lambda: client in town.serving.revocations.known.since)
    assert (await read(town, token)).status_code == 401
    # Whatever clock the process that issued it goes by.
    town.serving.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    assert (await read(town, town.token("branch"))).status_code == 401
    assert (await read(town, other)).status_code == 404, "it is no token of the branch"


async def test_an_account_that_was_cut_off_gets_new_tokens_later(
    town: Town, clock: SettableClock
) -> None:
    known = town.serving.revocations.known
    await town.serving.revocations.cut_off("one", clock())
    cut_off = clock().timestamp()
    assert known.includes("account:one", cut_off - 60)
    assert known.includes("account:one", cut_off + 5), "the clock of another machine"
    assert not known.includes("account:one", cut_off + 6)
    await town.serving.revocations.cut_off("one", clock(), for_good=True)
    assert known.includes("account:one", cut_off + 3600)


async def test_what_was_taken_back_stays_so_while_the_database_is_away(
    town: Town, clock: SettableClock
) -> None:
    class Away:
        async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
            raise asyncpg.InterfaceError(f"{query}{args}")

        async def execute(self, query: str, *args: object) -> str:
            raise LogUnavailable(query, args)

    revocations = Revocations(town.serving.log.pool, clock)
    async with revocations.kept_up():
        await revocations.cut_off("one", clock())
        revocations._connections = Away()
        await asyncio.sleep(EVERY + 0.5)
        assert revocations.known.includes("account:one", clock().timestamp())
        revocations._connections = town.serving.log.pool
        await revocations.cut_off("two", clock())
        assert revocations.known.includes("account:two", clock().timestamp())


async def test_every_process_hears_of_it(serving: Serving, clock: SettableClock) -> None:
    other = Serving.of(serving.log, serving.runner, MASTER_KEY, serving.calendars, clock)
    async with other.revocations.kept_up():
        await serving.revocations.cut_off("one", clock())
        assert await becomes(
            lambda: other.revocations.known.includes("account:one", clock().timestamp())
        )
