"""The bundle as somebody gets it, and verifies it with what the service publishes (R30)."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from service.api.serving import Serving
from service.trust.bundle.archive import unzipped
from tests.api.clock import SettableClock
from tests.api.examining import Examining
from tests.api.test_transparency import PublishedBy
from tests.api.town import Town, entry
from tests.database import Database
from tests.trust.bundle.sealed import verify_py


@pytest.fixture
def examining(
    app: FastAPI,
    serving: Serving,
    database: Database,
    tmp_path: Path,
    town: Town,
    clock: SettableClock,
) -> Examining:
    folder = tmp_path / "signer"
    serving = replace(serving, signer_folder=folder)
    app.state.serving = serving
    return Examining(town, clock, PublishedBy(app, serving, database, folder))


async def fetched(town: Town, decision_id: str, name: str = "authority") -> httpx.Response:
    path = f"/api/v1/vettings/{decision_id}/evidence.zip"
    return await town.http.get(path, headers=town.headers(name))


async def frozen(town: Town, examining: Examining) -> tuple[str, str, dict[str, str]]:
    """Member, vetting, and what freezing answered; with an endorsement and an opinion."""
    member_id = await town.registered()
    await town.endorsed(member_id, "2026-11-21T09:00:00+08:00", "2026-11-21T11:00:00+08:00")
    consultation_id = await examining.consulting.vetted(member_id)
    # The figures of an opinion come from the record, which follows the log.
    record = f"/members/{member_id}/off-duty-record?year=2026"
    await town.get("community", record, await town.serving.log.head())
    await examining.consulting.answered(consultation_id, comment="热心公益")
    decision_id = await examining.opened(member_id)
    return member_id, decision_id, await examining.frozen(decision_id)


async def test_r30_a_stranger_verifies_it_with_what_is_published(
    town: Town, examining: Examining, tmp_path: Path
) -> None:
    _, decision_id, stated = await frozen(town, examining)
    answer = await fetched(town, decision_id)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    assert stated["evidence_id"] in answer.headers["Content-Disposition"]

    async with examining.published_by.running():
        await examining.published_by.published()
        keys = (await town.http.get("/api/v1/evidence-keys")).json()
        program = (await town.http.get("/api/v1/evidence-verifier")).content
        proof = await town.http.get(f"/api/v1/log/proofs/{stated['position']}")
    assert sha256(program).hexdigest() == keys["verifier_sha256"]
    assert unzipped(answer.content)["verify.py"] == program
    (tmp_path / "policy").write_text(keys["policy"])
    (tmp_path / "proof").write_text(proof.text)
    done = verify_py(
        tmp_path,
        answer.content,
        *("--seal-key", keys["seal_key"], "--policy", "policy", "--frozen-proof", "proof"),
        "--json",
    )
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"]) == (0, "verified"), done.stdout
    assert found["facts"]["材料摘要"] == stated["evidence_digest"]
    assert found["facts"]["考察编号"] == decision_id


async def test_r30_it_is_the_same_bytes_in_a_year(town: Town, examining: Examining) -> None:
    member_id, decision_id, _ = await frozen(town, examining)
    first = (await fetched(town, decision_id)).content
    await town.endorsed(member_id, "2026-11-22T09:00:00+08:00", "2026-11-22T11:00:00+08:00")
    examining.clock.now += timedelta(days=360)
    async with examining.published_by.running():
        assert (await fetched(town, decision_id)).content == first


async def test_r40_whoever_takes_it_away_is_written_down_first(
    town: Town, examining: Examining
) -> None:
    member_id, decision_id, _ = await frozen(town, examining)
    await fetched(town, decision_id)
    [reading] = await town.serving.readings.of_member(member_id, limit=1)
    assert (reading.purpose, reading.route.rpartition("/")[2]) == ("vetting", "evidence.zip")
    assert {"name", "content", "comment"} <= set(reading.fields)
    assert not any(name.endswith("_salt") for name in reading.fields)


async def test_r30_it_holds_what_the_evidence_shows_and_nothing_else_in_clear(
    town: Town, examining: Examining
) -> None:
    _, decision_id, _ = await frozen(town, examining)
    archive = (await fetched(town, decision_id)).content
    person = entry(1)
    assert person["id_number"].encode() not in archive
    assert person["phone"].encode() not in archive
    files = unzipped(archive)
    texts = json.loads(files["opened.json"])["texts"]
    assert person["name"] in {each["text"] for each in texts}
    assert person["name"].encode() not in files["evidence.json"]
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(files["report.pdf"])).pages)
    assert person["name"] in printed


async def test_r30_nobody_else_gets_it(town: Town, examining: Examining) -> None:
    _, decision_id, _ = await frozen(town, examining)
    for name in town.clients.keys() - {"authority"}:
        assert (await fetched(town, decision_id, name)).status_code in {403, 404}, name
    assert (await town.http.get(f"/api/v1/vettings/{decision_id}/evidence.zip")).status_code == 401


async def test_without_a_log_key_nothing_goes_out(
    town: Town, examining: Examining, app: FastAPI
) -> None:
    _, decision_id, _ = await frozen(town, examining)
    app.state.serving = replace(app.state.serving, signer_folder=None)
    answer = await fetched(town, decision_id)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (
        503,
        "proofs-not-available",
    )
    assert (await town.http.get("/api/v1/evidence-keys")).status_code == 503
