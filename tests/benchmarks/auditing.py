"""`python -m tests.benchmarks.auditing [--events N]`: how long the audit of a whole log takes.

The log lies in a real PostgreSQL: endorsements of about 1 KB with six tags each, as the service
stores them, with their index rows. What is timed is what `eighthours verify` does.
"""

import argparse
import asyncio
import random
from collections.abc import Iterator
from itertools import islice
from time import perf_counter
from uuid import UUID

import asyncpg
import uvloop

from service.auditing import audit_index, audit_tables
from service.eventstore.call import SHARD
from service.scanning import exported_snapshot, reading
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import SHA256, Frontier
from tests.benchmarks import report
from tests.benchmarks.servers import place

_TEMPLATE = (
    '{"actor":{"client":"118b2642-8af4-5648-8d9c-5951ce553bcf","organisation_id":"%(community)s",'
    '"person":"0d902e19-a2dd-5f78-ac3e-e6aaf972195a","role":"responsible"},"data":{"activity_id":'
    'null,"branch_id":"%(branch)s","certificate_no":"46903020260000018","comment":"sealed:qswnYwcg'
    'IUWeHfk5Yb4EOMIeiucCYDKillELQizHhKNFOrjBAELMfKEhEUlrqMZNGb0xRq3IJPNVjA==","community_id":'
    '"%(community)s","endorsed_by":"ddb14ee3-039e-57cc-86ab-f45ab02ccb09","endorsement_id":'
    '"%(endorsement)s","endorses":"2fbda455-88ce-5447-88be-790b0f54ee26","member_id":"%(member)s",'
    '"participation_id":"%(participation)s","performance":"excellent"},"event_id":"%(event)s",'
    '"occurred_at":"2026-03-07T11:30:00+08:00","recorded_at":"2026-03-09T09:00:00+08:00","type":'
    '"ParticipationEndorsed","version":1}'
)
_AT_ONCE = 50_000

Row = tuple[int, int, str, list[str], bytes]


def _rows(events: int) -> Iterator[Row]:
    chance = random.Random(1)

    def made_up() -> str:
        return str(UUID(int=chance.getrandbits(128)))

    organisations = [made_up() for _ in range(300)]
    members = [made_up() for _ in range(5000)]
    for position in range(1, events + 1):
        ids = {
            "endorsement": made_up(),
            "participation": made_up(),
            "member": chance.choice(members),
            "branch": chance.choice(organisations),
            "community": chance.choice(organisations),
        }
        tags = [f"{kind}:{value}" for kind, value in ids.items()] + [
            "certificate:46903020260000018"
        ]
        data = (_TEMPLATE % (ids | {"event": made_up()})).encode()
        yield SHARD, position, "ParticipationEndorsed", tags, data


async def _load(url: str, events: int) -> Checkpoint:
    tree, rows = Frontier(), _rows(events)
    connection = await asyncpg.connect(url)
    try:
        # Two triggers and a constraint a row are not what is measured.
        await connection.execute("SET session_replication_role = replica")
        for _ in range(0, events, _AT_ONCE):
            batch = list(islice(rows, _AT_ONCE))
            for *_, data in batch:
                tree.append(SHA256.leaf(data))
            await connection.copy_records_to_table("events", schema_name="log", records=batch)
        await connection.execute(
            "INSERT INTO log.tags SELECT hashtextextended(tag, 0), position, hashtext(type), shard"
            " FROM log.events, unnest(tags) AS tag",
            timeout=600,
        )
        await connection.execute("VACUUM (ANALYZE) log.events, log.tags", timeout=600)
    finally:
        await connection.close()
    return Checkpoint("benchmark.local/log", events, tree.root())


async def _timed(url: str, checkpoint: Checkpoint) -> None:
    begun = perf_counter()
    async with reading(url) as one, reading(url, await exported_snapshot(one)) as other:
        index = asyncio.create_task(audit_index(other))
        found = await audit_tables(one, [checkpoint], url=url)
        tables = perf_counter() - begun
        assert not found.findings, found
        assert not await index
    report.show(
        f"{checkpoint.size:,} events: bytes and columns {tables:.1f} s,"
        f" with the index rows {perf_counter() - begun:.1f} s"
    )


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.auditing")
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    with place() as here:
        database = here.migrated("audited")
        checkpoint = uvloop.run(_load(database.owner_url, options.events))
        here.settle()
        for _ in range(3):
            uvloop.run(_timed(database.owner_url, checkpoint))


if __name__ == "__main__":
    _main()
