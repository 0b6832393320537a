"""From the roster to the endorsed record where 国密 was chosen, and what can be verified of it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.api.serving import Serving
from service.auditing import Told, audit_index, audit_tables, policy_for, trusted
from service.trust.crypto.profile import GUOMI
from service.trust.master_key import MasterKey
from service.trust.transparency.publisher import Publisher, Publishing
from service.trust.transparency.signer import SignerPlace
from service.trust.verification import PublicKey, split, verify
from tests.api.founding import Founded, founding
from tests.api.town import Town
from tests.database import MASTER_KEY, Database
from tests.trust.crypto.test_sm2_signatures import OwnSm2System


@pytest.fixture(scope="module")
def master_key() -> MasterKey:
    """What the service of these tests has."""
    return MASTER_KEY.under(GUOMI)


@pytest.fixture(scope="module")
def founded(template: Database, master_key: MasterKey) -> Iterator[Founded]:
    """The town, where 国密 was chosen."""
    with founding(template, master_key) as town:
        yield town


async def test_register_record_endorse_read_verify(
    town: Town, serving: Serving, database: Database, tmp_path: Path
) -> None:
    member_id = await town.registered()
    participation_id, position = await town.endorsed(
        member_id, "2026-03-04T16:00:00+08:00", "2026-03-04T18:30:00+08:00"
    )

    path = f"/members/{member_id}/off-duty-record?year=2026"
    record = (await town.get("branch", path, position)).json()
    [entry] = record["entries"]
    assert (entry["participation_id"], entry["content"]) == (participation_id, "看望孤寡老人")

    # What is stored is sealed with SM4, and says so.
    [(_, stored)] = await serving.log.stored(after=position - 1, limit=1)
    rows = await serving.log.pool.fetch("SELECT data FROM log.events")
    sealed = b"".join(row["data"] for row in rows)
    assert b'"sealed:sm4-gcm:' in sealed
    assert sealed.count(b'"sealed:') == sealed.count(b'"sealed:sm4-gcm:')

    # The endorsement is signed with SM2; whoever asks for the key can check it.
    event = json.loads(stored)
    keys = await town.get("branch", f"/organisations/{town.id('community')}/signing-keys")
    [item] = keys.json()["items"]
    assert (item["public_key"]["kty"], item["public_key"]["crv"]) == ("EC", "SM2")
    key = PublicKey.of(item)
    assert verify(event, [key]) == key
    assert split(event["data"]["signature"])[0]["alg"] == "SM2SM3"

    # The log has both roots and both signatures, and both agree with it.
    how = Publishing(SignerPlace(tmp_path, "example.com/log", guomi=True), interval=0.02)
    async with Publisher.running(serving.log, database.app_url, how), asyncio.timeout(20):
        while (found := await serving.tree.published()) is None or found.size < position:
            await asyncio.sleep(0.01)
    checkpoint = trusted(Told("published", found.note), policy_for(None, tmp_path))
    assert len(checkpoint.judgement.signed_by) == 2
    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        assert (await audit_tables(owner, [checkpoint.checkpoint])).findings == ()
        assert await audit_index(owner) == []
    await owner.close()


async def test_an_organisation_registers_a_key_of_sm2(town: Town) -> None:
    system, community = OwnSm2System(), town.id("community")
    proof = system.sign({"organisation_id": community, "type": "SigningKeyProposed"})
    proposed = await town.done(
        "community",
        f"/organisations/{community}/signing-keys",
        {"proof": proof, "valid_until": "2027-11-01T00:00:00+08:00"},
    )
    answer = await town.get(
        "branch", f"/organisations/{community}/signing-keys", proposed["position"]
    )
    _, own = answer.json()["items"]
    assert (own["state"], own["public_key"]) == ("proposed", system.jwk)
