"""The publisher: what is appended is soon in a signed checkpoint, whatever happens in between."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
from eventsourcing.dcb.api import DCBEvent

from service.embedded_database import EmbeddedDatabase
from service.eventstore import EventLog, LogUnavailable
from service.eventstore.connection import lost_connection
from service.eventstore.migrate import application_url, migrate
from service.trust.crypto.profile import GUOMI
from service.trust.master_key import MasterKey
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.cosignature import CosignatureVerifier, Cosigner
from service.trust.transparency.guomi import SM3, with_sm3_root
from service.trust.transparency.merkle import SHA256, Digest, Frontier, verify_consistency
from service.trust.transparency.proof import Proof
from service.trust.transparency.publisher import (
    ProofBetween,
    Publisher,
    Publishing,
    Witnesses,
)
from service.trust.transparency.signed_note import Ed25519Verifier, Note, Signature
from service.trust.transparency.signer import SignerPlace, public_key
from service.trust.transparency.store import MissingTiles, Published, TreeStore
from service.trust.transparency.tiles import Tile
from tests.database import MASTER_KEY, Database

ORIGIN = "example.com/log"


@pytest.fixture
async def log(database: Database, master: MasterKey) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url, master) as log:
        yield log


@asynccontextmanager
async def publishing(
    log: EventLog, database: Database, folder: Path, witnesses: Witnesses | None = None
) -> AsyncIterator[Publisher]:
    place = SignerPlace(folder / "signer", ORIGIN, log.keyring.profile is GUOMI)
    how = Publishing(place, interval=0.02)
    if witnesses is not None:
        how = Publishing(place, witnesses, interval=0.02)
    async with Publisher.running(log, database.app_url, how) as publisher:
        yield publisher


def data(position: int) -> bytes:
    return b'{"number":%d}' % position


async def append(log: EventLog, number: int) -> int:
    head = await log.head()
    events = [DCBEvent("Something", data(head + at), []) for at in range(1, number + 1)]
    return await log.append(events)


async def published(log: EventLog, size: int) -> Published:
    """The checkpoint of at least this size, once it is published."""
    async with asyncio.timeout(20):
        while (found := await TreeStore(log.pool).published()) is None or found.size < size:
            await asyncio.sleep(0.01)
    return found


async def became(publisher: Publisher, state: str) -> None:
    async with asyncio.timeout(20):
        while publisher.state.state != state:
            await asyncio.sleep(0.01)


async def proved(log: EventLog, folder: Path, position: int) -> Proof:
    """The proof of an event in the published checkpoint; it is verified as anybody would."""
    store = TreeStore(log.pool)
    found = await published(log, position)
    path = await store.inclusion(position - 1, found.size)
    proof = Proof.parse(str(Proof(position - 1, tuple(path), Note.parse(found.note))))
    proof.verify(data(position), Ed25519Verifier(public_key(folder / "signer")))
    return proof


def root_of(size: int, digest: Digest = SHA256) -> bytes:
    frontier = Frontier(digest)
    for position in range(1, size + 1):
        frontier.append(digest.leaf(data(position)))
    return frontier.root()


async def test_every_event_is_proved(log: EventLog, database: Database, tmp_path: Path) -> None:
    async with publishing(log, database, tmp_path):
        assert (await published(log, 0)).size == 0
        last = 0
        for number in (1, 1, 254, 1, 300):
            last = await append(log, number)
            checkpoint = Checkpoint.parse(Note.parse((await published(log, last)).note).text)
            expected = Checkpoint(ORIGIN, last, root_of(last))
            if log.keyring.profile is GUOMI:
                expected = with_sm3_root(expected, root_of(last, SM3))
            assert checkpoint == expected
        for position in range(1, last + 1, 37):
            await proved(log, tmp_path, position)
        await proved(log, tmp_path, last)
    assert await TreeStore(log.pool).integrated() == last


async def test_checkpoints_grow_from_one_another(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    store = TreeStore(log.pool)
    async with publishing(log, database, tmp_path):
        before = None
        for number in (3, 400, 200, 1):
            last = await append(log, number)
            after = Checkpoint.parse(Note.parse((await published(log, last)).note).text)
            if before is not None:
                proof = await store.consistency(before.size, after.size)
                verify_consistency(before.size, after.size, proof, before.root, after.root)
            before = after


async def test_tiles_and_entries_are_what_the_events_say(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    store = TreeStore(log.pool)
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 300))
    entries = await store.entries(Tile(-1, 1, 44))
    assert entries == [data(position) for position in range(257, 301)]
    [narrow, wide] = await store.read([Tile(0, 1, 10), Tile(0, 1, 44)])
    assert wide == b"".join(map(SHA256.leaf, entries))
    assert narrow == wide[: 10 * 32]
    for absent in (Tile(0, 1, 45), Tile(0, 2, 1), Tile(1, 0, 2)):
        with pytest.raises(MissingTiles):
            await store.read([absent])
    with pytest.raises(MissingTiles):
        await store.entries(Tile(-1, 1, 45))


async def test_an_existing_log_is_caught_up_with(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    for _ in range(5):
        await append(log, 1000)
    async with publishing(log, database, tmp_path):
        await proved(log, tmp_path, 5000)
        await proved(log, tmp_path, 1)


async def test_a_publisher_that_starts_again_goes_on(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    sizes = []
    for number in (1, 255, 256, 100):
        async with publishing(log, database, tmp_path):
            last = await append(log, number)
            sizes.append((await published(log, last)).size)
        await append(log, 3)  # nobody publishes now
    assert sizes == [1, 259, 518, 621]
    async with publishing(log, database, tmp_path):
        await proved(log, tmp_path, 624)
    assert Checkpoint.parse(Note.parse((await published(log, 624)).note).text).root == root_of(624)


async def test_a_signature_that_was_never_published_does_no_harm(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    """As after a crash between the signer's disk and the database: tiles and note are older."""
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 3))
    owner = await asyncpg.connect(database.owner_url)
    rows = await owner.fetch("SELECT digest, level, index, hashes FROM transparency.tiles")
    note = await owner.fetchval("SELECT note FROM transparency.published")
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 300))
    await owner.execute("TRUNCATE transparency.tiles")
    insert = "INSERT INTO transparency.tiles VALUES ($1, $2, $3, $4)"
    await owner.executemany(insert, [tuple(row) for row in rows])
    await owner.execute("UPDATE transparency.published SET size = 3, note = $1", note)
    await owner.close()
    async with publishing(log, database, tmp_path):
        await proved(log, tmp_path, 303)


async def test_tiles_thrown_away_are_computed_again(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 600))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("TRUNCATE transparency.tiles")
    await owner.close()
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 1))
        await proved(log, tmp_path, 601)


async def test_of_two_publishers_one_works_and_the_other_takes_over(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path) as first:
        await became(first, "publishing")
        async with publishing(log, database, tmp_path) as second:
            await became(second, "standby")
            await published(log, await append(log, 10))
            assert (first.state.state, second.state.state) == ("publishing", "standby")
    async with publishing(log, database, tmp_path) as first:
        await became(first, "publishing")
        async with publishing(log, database, tmp_path) as second:
            await became(second, "standby")
            await end_connections(database, "eighthours-publisher")
            for _ in range(5):
                await published(log, await append(log, 100))
            states = {first.state.state, second.state.state}
            assert "publishing" in states
            assert "stopped" not in states
    await proved(log, tmp_path, 510)


async def test_two_publishers_with_folders_of_their_own_take_turns_by_the_database(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path / "one") as first:
        await published(log, await append(log, 10))
        async with publishing(log, database, tmp_path / "two") as second:
            await became(second, "standby")
            assert first.state.state == "publishing"


async def test_it_goes_on_after_its_connections_were_ended(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path) as publisher:
        await published(log, await append(log, 10))
        for _ in range(3):
            await end_connections(database, "eighthours%")
            last = await patiently(lambda: append(log, 5))
            assert (await patiently(lambda: published(log, last))).size >= last  # noqa: B023
        await became(publisher, "publishing")
    await proved(log, tmp_path, 25)


async def test_it_goes_on_after_the_database_crashed(tmp_path: Path) -> None:
    """What was signed and published last may be lost in the crash; events never are."""
    with EmbeddedDatabase(tmp_path / "database") as server:
        await migrate(server.url)
        database = Database(server.url, await application_url(server.url, MASTER_KEY))
        async with (
            EventLog.open(database.app_url) as log,
            publishing(log, database, tmp_path),
        ):
            await published(log, await append(log, 1000))
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            last = await patiently(lambda: append(log, 5))
            await patiently(lambda: published(log, last))
            await proved(log, tmp_path, last)
            await proved(log, tmp_path, 1)


T = TypeVar("T")


async def patiently(act: Callable[[], Awaitable[T]]) -> T:
    """Tries again while the database is away."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await act()
            except LogUnavailable:
                await asyncio.sleep(0.05)
            except Exception as error:
                if not lost_connection(error):
                    raise
                await asyncio.sleep(0.05)


async def end_connections(database: Database, application: str) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE $1",
        application,
    )
    await owner.close()


async def rewrite(database: Database, *statements: str) -> None:
    """As a superuser who switches the triggers off."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("SET session_replication_role = replica")
    for statement in statements:
        await owner.execute(statement)
    await owner.close()


FORGED = "UPDATE log.events SET data = '{}' WHERE position = 5"
TILE = (
    "UPDATE transparency.tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 33)"
    " WHERE level = 0 AND index = 1"
)
REWRITTEN = {
    "an event and all tiles": (FORGED, "TRUNCATE transparency.tiles"),
    "the end cut off": (
        "DELETE FROM log.events WHERE position > 300",
        "TRUNCATE transparency.tiles",
        "TRUNCATE transparency.published",
    ),
    "the hash in its tile": (TILE,),
}


@pytest.mark.parametrize("statements", REWRITTEN.values(), ids=REWRITTEN)
async def test_another_past_is_not_signed(
    log: EventLog,
    database: Database,
    tmp_path: Path,
    statements: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 400))
    signed = (tmp_path / "signer" / "last-signed").read_text()
    await rewrite(database, *statements)
    async with publishing(log, database, tmp_path) as publisher:
        await append(log, 1)
        await became(publisher, "stopped")
        assert "拒绝签名" in publisher.state.reason
        assert "拒绝签名" in caplog.text
    assert (tmp_path / "signer" / "last-signed").read_text() == signed


async def test_a_missing_event_is_noticed(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    await append(log, 10)
    await rewrite(database, "DELETE FROM log.events WHERE position = 4")
    async with publishing(log, database, tmp_path) as publisher:
        await became(publisher, "stopped")
        assert "第 4 条" in publisher.state.reason


async def test_another_key_does_not_go_on_with_a_published_log(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path / "one"):
        await published(log, await append(log, 10))
    async with publishing(log, database, tmp_path / "two") as publisher:
        await became(publisher, "stopped")
        assert "不是用本机的密钥签发的" in publisher.state.reason


async def test_the_application_may_add_to_tiles_but_not_change_them(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    async with publishing(log, database, tmp_path):
        await published(log, await append(log, 10))
    grow = "UPDATE transparency.tiles SET hashes = hashes || sha256('x') WHERE level = 0"
    await log.pool.execute(grow)
    for statement in (
        "UPDATE transparency.tiles SET hashes = substr(hashes, 33)",
        "UPDATE transparency.tiles SET hashes = substr(hashes, 1, 64)",
        "UPDATE transparency.tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await log.pool.execute(statement)


async def test_an_older_checkpoint_never_takes_the_place_of_a_newer_one(
    log: EventLog, database: Database
) -> None:
    store = TreeStore(log.pool)
    newer, older = Published(7, "newer", True, 2), Published(6, "older", True, 2)
    connection = await asyncpg.connect(database.app_url)
    await store.publish(connection, newer)
    await store.publish(connection, older)
    await connection.close()
    assert await store.published() == newer


class Panel:
    """Two witnesses of whom both must cosign; one may be away."""

    number = 2

    def __init__(self) -> None:
        self.cosigners = [Cosigner.generate(f"witness.example/{name}") for name in "ab"]
        self.away = 0
        self.asked: list[int] = []
        self._seen = Checkpoint(ORIGIN, 0, SHA256.empty)

    async def cosign(self, note: Note, proof_between: ProofBetween) -> list[Signature]:
        checkpoint = Checkpoint.parse(note.text)
        self.asked.append(checkpoint.size)
        if self._seen.size:
            proof = await proof_between(self._seen.size, checkpoint.size)
            verify_consistency(
                self._seen.size, checkpoint.size, proof, self._seen.root, checkpoint.root
            )
        self._seen = checkpoint
        present = self.cosigners[self.away :]
        return [each.cosign(note.text, 1_700_000_000) for each in present]

    def are_enough(self, cosignatures: list[Signature]) -> bool:
        return len(cosignatures) == 2


async def test_witnesses_cosign_what_is_published(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    panel = Panel()
    async with publishing(log, database, tmp_path, panel):
        for number in (3, 300):
            found = await published(log, await append(log, number))
            assert (found.witnessed, found.cosignatures) == (True, 2)
        verifiers = [CosignatureVerifier(each.key) for each in panel.cosigners]
        assert len(Note.parse(found.note).verified(verifiers)) == 2
        asked = list(panel.asked)
        await log.pool.execute("NOTIFY log_appended")
        await asyncio.sleep(0.2)
        assert panel.asked == asked  # nobody is asked again for nothing


async def test_without_enough_witnesses_it_goes_on_and_says_so(
    log: EventLog, database: Database, tmp_path: Path
) -> None:
    panel = Panel()
    panel.away = 1
    async with publishing(log, database, tmp_path, panel):
        found = await published(log, await append(log, 3))
        assert (found.witnessed, found.cosignatures) == (False, 1)
        panel.away = 0
        async with asyncio.timeout(20):
            while not found.witnessed:  # it is shown to them again, without another event
                await log.pool.execute("NOTIFY log_appended")
                await asyncio.sleep(0.02)
                found = await published(log, 3)
        assert (found.size, found.cosignatures) == (3, 2)
