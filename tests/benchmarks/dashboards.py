"""Dashboards: the statistics of a committee of 1,300 members, now and as of a past day.

Eight branches in twenty communities; every member served once in two weeks, with three of the
nine categories, in both ledgers, for the community, with the unit and alone.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random

from service.domain.activity import ActivityKind
from service.domain.certificate_number import certificate_number
from service.domain.endorsement import ParticipationEndorsed, Performance
from service.domain.event import SHANGHAI, Event
from service.domain.participation import ParticipationRecorded
from service.domain.service_post import PostCategory
from service.eventstore import EventLog
from service.eventstore.mapping import encode, personal_keys
from tests.benchmarks import loading, rebuilding
from tests.benchmarks.child import measured
from tests.benchmarks.comparison import OURS, Row, Size
from tests.benchmarks.measuring import Figures
from tests.benchmarks.servers import Place
from tests.benchmarks.serving import served
from tests.benchmarks.world import COMMITTEE, OFFICER, YEAR, World, member, participation
from tests.database import MASTER_KEY

UNIT = World(members=1300, branches=8, communities=20)
TIMES = 26
FRESH = "ours, of another past day each time"
_BEGINS = datetime(YEAR, 1, 1, tzinfo=SHANGHAI)
_BATCH = 2000


def dashboard_rows(size: Size, here: Place) -> Iterator[Row]:
    """Two questions that are asked all day long."""
    database = here.migrated("dashboards")
    events = asyncio.run(_fill(database.app_url))
    measured(rebuilding.follow, url=database.app_url)
    here.settle()
    path = f"/api/v1/organisations/{COMMITTEE}/statistics?year={YEAR}"
    row = Row(
        "dashboards",
        f"GET statistics: {UNIT.members:,} members, {events:,} events, 2 connections",
    )
    # Of a day that nobody asked for before nothing is remembered.
    days = [_BEGINS.date() + timedelta(days=number) for number in range(360)]
    asked_for = {
        OURS: [path],
        "ours, of a past day": [f"{path}&on={days[180]}"],
        FRESH: [f"{path}&on={day}" for day in days[:30:-1]],
    }

    def asked(paths: list[str], *, profiled: bool = False) -> Figures:
        with served("ours", profiled=profiled, url=database.app_url) as server:
            window = asdict(size.window)
            found = measured(loading.read_paths, port=server.port, paths=paths, window=window)
            return found | server.stop()

    row.contenders = {name: asked(paths) for name, paths in asked_for.items()}
    for name, found in row.contenders.items():
        row.limit(f"p95 at most 50 ms ({name})", 50, found["p95"])
    row.explain(lambda: asked(asked_for[FRESH], profiled=True))
    yield row
    here.drop("dashboards")


async def _fill(url: str) -> int:
    async with EventLog.open(url, MASTER_KEY) as log:
        told = [(event, _BEGINS) for event in UNIT.events()] + list(_year())
        for first in range(0, len(told), _BATCH):
            batch = told[first : first + _BATCH]
            await log.keyring.ensure(personal_keys([event for event, _ in batch]))
            await log.append([encode(event, OFFICER, at, at, log.keyring) for event, at in batch])
        return await log.head()


def _year() -> Iterator[tuple[Event, datetime]]:
    chance = Random(5)
    favourites = [chance.sample(list(PostCategory), 3) for _ in range(UNIT.members)]
    for number in range(TIMES * UNIT.members):
        time, whose = divmod(number, UNIT.members)
        starts_at = _BEGINS + timedelta(
            days=time * 14 + chance.randrange(14), hours=chance.choice((8, 9, 14, 16, 18, 19))
        )
        ends_at = starts_at + timedelta(minutes=chance.choice((60, 90, 120, 180)))
        signed = chance.random() < 0.5
        about = {
            "participation_id": participation(number),
            "member_id": member(whose),
            "branch_id": UNIT.branch_of(whose),
            "community_id": UNIT.community_of(whose),
        }
        event = ParticipationRecorded(
            **about,
            kind=chance.choices(list(ActivityKind), (6, 2, 2))[0],
            category=chance.choice(favourites[whose]),
            starts_at=starts_at,
            ends_at=ends_at,
            signed_in_at=starts_at if signed else None,
            signed_out_at=ends_at if signed else None,
            content="看望孤寡老人",
            ledger=chance.choice(("duty", "voluntary")),
            recorded_by="recorder",
            recorded_by_person="the recorder",
        )
        yield event, ends_at
        if chance.random() < 0.9:
            yield (
                ParticipationEndorsed(
                    **about,
                    endorsement_id=f"endorsement-{number}",
                    certificate_no=certificate_number("469030", YEAR, whose),
                    endorses=event.event_id,
                    performance=Performance.GOOD,
                    endorsed_by="secretary",
                    endorsed_by_person="the secretary",
                ),
                ends_at + timedelta(hours=1),
            )
