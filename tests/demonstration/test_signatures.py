"""Every endorsement and every certificate of the demonstration is signed, and each verifies."""

import json
from collections import Counter

import asyncpg

from service.trust.signatures import ServiceKeys
from service.trust.verification import PublicKey, verify
from tests.database import MASTER_KEY, Database

SIGNED = ["ParticipationEndorsed", "CertificateIssued"]


async def test_every_signature_verifies(loaded: Database) -> None:
    held = ServiceKeys(MASTER_KEY)
    verified: Counter[str] = Counter()
    connection = await asyncpg.connect(loaded.app_url)
    try:
        rows = await connection.fetch("SELECT data FROM log.events WHERE type = ANY($1)", SIGNED)
    finally:
        await connection.close()
    for row in rows:
        event = json.loads(row["data"])
        organisation_id = event["actor"]["organisation_id"]
        key = PublicKey(organisation_id, held.public(organisation_id), "service")
        assert verify(event, [key]) == key
        verified[event["type"]] += 1
    assert verified.total() == len(rows)
    assert min(verified[each] for each in SIGNED) > 10
