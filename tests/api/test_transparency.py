"""/api/v1/log: checkpoint, proofs and tiles, as somebody outside reads and verifies them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI

from service.api.serving import Serving
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import SHA256, Range, range_hash
from service.trust.transparency.proof import Proof
from service.trust.transparency.publisher import ProofBetween, Publisher, Publishing, Witnesses
from service.trust.transparency.signed_note import Ed25519Verifier, Note, Signature
from service.trust.transparency.signer import SignerPlace, public_key
from service.trust.transparency.tiles import WIDTH, bundled_entries, hash_in
from tests.api.town import Town
from tests.database import Database

ORIGIN = "example.com/api/v1/log"
PROBLEM = "urn:eighthours:problem:"


@pytest.fixture
def published_by(
    app: FastAPI, serving: Serving, database: Database, tmp_path: Path
) -> "PublishedBy":
    return PublishedBy(app, serving, database, tmp_path / "signer")


class PublishedBy:
    """Runs the publisher beside the application, when a test wants it to."""

    def __init__(self, app: FastAPI, serving: Serving, database: Database, folder: Path) -> None:
        self._app, self._serving, self._database = app, serving, database
        self.folder = folder

    @asynccontextmanager
    async def running(self, witnesses: Witnesses | None = None) -> AsyncIterator[Publisher]:
        how = Publishing(SignerPlace(self.folder, ORIGIN), interval=0.02)
        if witnesses is not None:
            how = replace(how, witnesses=witnesses)
        running = Publisher.running(self._serving.log, self._database.app_url, how)
        async with running as publisher:
            self._app.state.serving = replace(self._serving, publisher=publisher)
            await self.published()
            yield publisher
        self._app.state.serving = self._serving

    async def published(self) -> int:
        """The size of the log, all of which is published."""
        size = await self._serving.log.head()
        async with asyncio.timeout(20):
            while (found := await self._serving.tree.published()) is None or found.size < size:
                await asyncio.sleep(0.01)
        return size


async def test_an_event_is_verified_without_trusting_the_service(
    town: Town, published_by: PublishedBy
) -> None:
    await town.member()
    async with published_by.running():
        size = await published_by.published()
        verifier = Ed25519Verifier(public_key(published_by.folder))

        answer = await town.http.get("/api/v1/log/checkpoint")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        note = Note.parse(answer.text)
        assert note.verified([verifier])
        checkpoint = Checkpoint.parse(note.text)
        assert (checkpoint.origin, checkpoint.size) == (ORIGIN, size)

        for position, stored in await town.serving.log.stored(after=0, limit=size):
            answer = await town.http.get(f"/api/v1/log/proofs/{position}")
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            proof = Proof.parse(answer.text)
            assert proof.index == position - 1
            proof.verify(stored, verifier)


@pytest.mark.parametrize("prefix", ["tiles", "tile"])
async def test_tiles_and_entries_give_the_root(
    town: Town, published_by: PublishedBy, prefix: str
) -> None:
    await town.member()
    async with published_by.running():
        size = await published_by.published()
        assert size < WIDTH
        note = Note.parse((await town.http.get("/api/v1/log/checkpoint")).text)
        path = f"000.p/{size}"
        tile = await town.http.get(f"/api/v1/log/{prefix}/0/{path}")
        entries = await town.http.get(
            f"/api/v1/log/{prefix}/entries/{path}", headers=town.headers("authority")
        )
        for answer in (tile, entries):
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert "immutable" in answer.headers["Cache-Control"]
        root = range_hash(Range(0, size), lambda node: hash_in(tile.content, node))
        assert root == Checkpoint.parse(note.text).root
        stored = [data for _, data in await town.serving.log.stored(after=0, limit=size)]
        assert bundled_entries(entries.content) == stored
        assert tile.content == b"".join(map(SHA256.leaf, stored))


async def test_whole_events_are_for_organisation_departments_only(
    town: Town, published_by: PublishedBy
) -> None:
    async with published_by.running():
        path = "/api/v1/log/tiles/entries/000.p/1"
        assert (await town.http.get(path)).status_code == 401
        for name in ("branch", "committee", "community", "subdistrict"):
            answer = await town.http.get(path, headers=town.headers(name))
            assert answer.status_code == 403, name
        answer = await town.http.get(path, headers=town.headers("authority"))
        assert answer.status_code == 200
        assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "0/001", "0/000.p/255", "3/000", "0/000.p/0", "0/0", "0/../000", "-1/000", "entries",
        "0", "", "64/000", "0/x999/x999/x999/x999/x999/999", "0/000.p/1/",
    ],
)  # fmt: skip
async def test_a_tile_that_is_none_is_not_found(
    town: Town, published_by: PublishedBy, path: str
) -> None:
    async with published_by.running():
        for prefix in ("tiles", "tile"):
            answer = await town.http.get(f"/api/v1/log/{prefix}/{path}")
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"


async def test_what_became_of_an_event_is_visible(
    town: Town, published_by: PublishedBy, database: Database
) -> None:
    head = await town.serving.log.head()
    proof = f"/api/v1/log/proofs/{head}"
    assert (await town.http.get("/api/v1/log/checkpoint")).status_code == 404
    assert (await town.http.get(f"/api/v1/log/proofs/{head + 1}")).status_code == 404

    sequenced = await town.http.get(proof)
    assert sequenced.status_code == 425
    assert sequenced.json()["type"] == PROBLEM + "not-yet-published"
    assert sequenced.json()["state"] == "sequenced"
    assert sequenced.headers["Retry-After"] == "1"

    async with published_by.running():
        assert (await town.http.get(proof)).status_code == 200
    owner = await asyncpg.connect(database.owner_url)
    note = await owner.fetchrow("DELETE FROM transparency.published RETURNING size, note")
    integrated = await town.http.get(proof)
    assert (integrated.status_code, integrated.json()["state"]) == (425, "integrated")

    await owner.execute("TRUNCATE transparency.tiles")
    insert = "INSERT INTO transparency.published VALUES ($1, $2, true, 0)"
    assert note is not None
    await owner.execute(insert, *note)
    await owner.close()
    thrown_away = await town.http.get(proof)
    assert (thrown_away.status_code, thrown_away.json()["state"]) == (425, "sequenced")


@pytest.mark.parametrize("position", ["0", "-1", "x", "1.0", str(2**63)])
async def test_what_is_no_position_is_refused(town: Town, position: str) -> None:
    answer = await town.http.get(f"/api/v1/log/proofs/{position}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "position"


class Absent:
    """Three witnesses of whom none answers."""

    number = 3

    async def cosign(self, _note: Note, _proof_between: ProofBetween) -> list[Signature]:
        return []

    def are_enough(self, cosignatures: list[Signature]) -> bool:
        return len(cosignatures) >= 2


async def test_readyz_shows_the_log_and_its_witnesses(
    town: Town, published_by: PublishedBy
) -> None:
    async with published_by.running():
        size = await published_by.published()
        log = (await town.http.get("/readyz")).json()["log"]
        assert log == {
            "state": "publishing", "integrated": size, "published": size,
            "witnesses": 0, "cosignatures": 0, "witnessed": False, "reason": "",
        }  # fmt: skip
        assert (await town.http.get("/api/v1/log/checkpoint")).headers["X-Witnessed"] == "false"


async def test_too_few_witnesses_are_said_and_marked_and_it_goes_on(
    town: Town, published_by: PublishedBy
) -> None:
    async with published_by.running(Absent()):
        size = await published_by.published()
        answer = await town.http.get("/readyz")
        assert answer.status_code == 200
        log = answer.json()["log"]
        assert (log["witnesses"], log["cosignatures"], log["witnessed"]) == (3, 0, False)
        for path in ("checkpoint", f"proofs/{size}"):
            answer = await town.http.get(f"/api/v1/log/{path}")
            assert answer.headers["X-Witnessed"] == "false"


async def test_a_log_that_is_not_signed_any_more_is_not_ready(
    town: Town, published_by: PublishedBy, database: Database
) -> None:
    async with published_by.running():
        await published_by.published()
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE log.events SET data = '{}' WHERE position = 2")
    await owner.execute("TRUNCATE transparency.tiles")
    await owner.close()
    async with published_by.running() as publisher:
        await town.member()
        async with asyncio.timeout(20):
            while publisher.state.state != "stopped":
                await asyncio.sleep(0.01)
        answer = await town.http.get("/readyz")
        assert answer.status_code == 503
        [fault] = answer.json()["errors"]
        assert (fault["code"], "拒绝签名" in fault["detail"]) == ("log_stopped", True)
