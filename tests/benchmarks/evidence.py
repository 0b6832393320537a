"""Evidence: what is frozen of a member of whom the log holds 500 events."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from time import process_time

import uvloop

from service.data.calendars import published_calendars
from service.domain.officer import OfficerAppointed, OfficerRole
from service.domain.vetting import VettingOpened
from service.eventstore import EventLog
from service.eventstore.mapping import encode, personal_keys
from service.projections.vetting_evidence import EvidenceAbout
from service.projections.vetting_evidence_reading import evidence_at
from service.trust.readings import Readings
from tests.benchmarks import loading, proofs
from tests.benchmarks.child import measured
from tests.benchmarks.comparison import OURS, Row, Size
from tests.benchmarks.measuring import Figures
from tests.benchmarks.servers import Place
from tests.benchmarks.serving import served
from tests.benchmarks.world import AUTHORITY, CHIEF, OFFICER, SPRING, VETTING, World, load, member
from tests.database import MASTER_KEY

EVENTS = 500
_STANDING = 5
"""Enrolled, certificate, registered, accepted, and the vetting itself."""
MEMBER = World(members=1, participations=(EVENTS - _STANDING) // 2, branches=1, communities=1)
_FREEZINGS = 2000
_TIMES = 40


def evidence_rows(size: Size, here: Place) -> Iterator[Row]:
    """A member of whom there is much, and an authority that vets them."""
    database = here.migrated("evidence")
    about = asyncio.run(_fill(database.owner_url, database.app_url))
    folder = str(Path(here.folder) / "evidence-signer")
    measured(proofs.caught_up, url=database.app_url, folder=folder)
    here.settle()
    row = Row("freeze", f"POST evidence: a member with {about} events, 1 connection")
    alone = measured(computed, url=database.app_url)

    def frozen(*, profiled: bool = False) -> Figures:
        with served("ours", profiled=profiled, url=database.app_url) as server:
            window = asdict(size.window)
            found = measured(loading.freeze, port=server.port, number=_FREEZINGS, window=window)
            return found | server.stop()

    row.contenders[OURS] = frozen()
    row.limit("p95 at most 200 ms", 200, row.contenders[OURS]["p95"])
    row.notes.append(
        "{cpu_milliseconds:.1f} ms of CPU for reading the log and making {kilobytes:.0f} KB of"
        " evidence".format_map(alone)
    )
    row.explain(lambda: frozen(profiled=True))
    yield row
    row = Row("bundle", f"GET evidence.zip: a member with {about} events, 1 connection")

    def fetched(*, profiled: bool = False) -> Figures:
        with served("ours", profiled=profiled, url=database.app_url, signer=folder) as server:
            window = asdict(size.window)
            found = measured(loading.fetch_bundle, port=server.port, window=window)
            return found | server.stop()

    row.contenders[OURS] = fetched()
    row.limit("p95 at most 1,000 ms", 1000, row.contenders[OURS]["p95"])
    row.explain(lambda: fetched(profiled=True))
    yield row
    here.drop("evidence")


def computed(url: str) -> Figures:
    """The evidence alone, as of the head, again and again in this process."""

    async def measure() -> Figures:
        calendars = published_calendars()
        async with EventLog.open(url, MASTER_KEY) as log:
            readings = Readings(log.pool)
            about = EvidenceAbout(member(0), VETTING, await log.head(), 0)
            evidence = await evidence_at(log, readings, about, calendars)
            begun = process_time()
            for _ in range(_TIMES):
                evidence = await evidence_at(log, readings, about, calendars)
                assert evidence.digest
            used = (process_time() - begun) / _TIMES
            return {
                "rate": 1 / used,
                "cpu_milliseconds": used * 1000,
                "kilobytes": len(evidence.canonical) / 1024,
            }

    return uvloop.run(measure())


async def _fill(owner_url: str, url: str) -> int:
    """How many events there are about the member."""
    await load(owner_url, MEMBER)
    events = [
        OfficerAppointed(
            organisation_id=AUTHORITY,
            officer_id=CHIEF,
            person=CHIEF,
            role=OfficerRole.RESPONSIBLE,
        ),
        VettingOpened(
            decision_id=VETTING,
            member_id=member(0),
            organisation_id=AUTHORITY,
            period="2021-03-01/2026-09-30",
            team=(CHIEF, "deputy"),
            opened_by=CHIEF,
            opened_by_person=CHIEF,
        ),
    ]
    async with EventLog.open(url, MASTER_KEY) as log:
        await log.keyring.ensure(personal_keys(events))
        await log.append([encode(each, OFFICER, SPRING, SPRING, log.keyring) for each in events])
        found: int = await log.pool.fetchval(
            "SELECT count(*) FROM log.events WHERE tags @> ARRAY[$1]", f"member:{member(0)}"
        )
        return found
