"""The demonstration in the log: the source's figures, and a load that may be killed."""

import asyncio
import json
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.demonstration import DemonstrationFault, begun, bureau, complete, load, loading
from service.demonstration.step import Scene, Step, officer
from service.demonstration.story import tell
from service.domain.pairing import PairUnit
from service.eventstore import EventLog
from service.projections import off_duty_record, organisation_statistics, rule_packs
from service.projections.catalogue import VIEWS
from service.projections.rebuild import rebuild
from service.projections.runner import Runner
from service.projections.view import checksum
from tests.database import MASTER_KEY, Database
from tests.demonstration.conftest import MEMBERS, now, silent

LOAD = """
import asyncio, sys
from datetime import datetime
from rich.console import Console
from service.demonstration import load
from tests.database import MASTER_KEY
at = datetime.fromisoformat(sys.argv[2])
asyncio.run(load(sys.argv[1], MASTER_KEY, lambda: at, Console(), int(sys.argv[3])))
"""


async def stored(database: Database) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.app_url)
    try:
        return await connection.fetch("SELECT type, tags, data FROM log.events ORDER BY position")
    finally:
        await connection.close()


# Ids of events, and what is made of them or of chance.
NEW_IN_EVERY_RUN = {"corrects", "endorses", "cause_event_ids", "comment_digest", "signature"}


async def facts(database: Database) -> Counter[str]:
    """What happened, without what is new in every run: the ids of events, and sealed texts."""
    found: Counter[str] = Counter()
    for row in await stored(database):
        envelope = json.loads(row["data"])
        said = {
            name: value
            for name, value in envelope["data"].items()
            if not str(value).startswith("sealed:") and name not in NEW_IN_EVERY_RUN
        }
        circumstances = envelope["occurred_at"], envelope["recorded_at"], envelope["actor"]
        found[json.dumps([row["type"], sorted(row["tags"]), said, circumstances])] += 1
    return found


async def test_the_bureau_has_the_figures_of_the_document(loaded: Database) -> None:
    async with (
        EventLog.open(loaded.app_url, MASTER_KEY) as log,
        Runner.running(log, [organisation_statistics.VIEW, rule_packs.VIEW]) as runner,
    ):
        assert await runner.caught_up(await log.head())
        bureaus = await organisation_statistics.fetch(log.pool, bureau.BRANCH, date(2026, 11, 24))
        there = await organisation_statistics.fetch(log.pool, bureau.COMMUNITY, date(2026, 11, 24))
    assert bureaus is not None
    assert there is not None
    assert bureaus.members == 19
    assert (bureaus.registration.numerator, bureaus.registration.denominator) == (19, 19)
    assert bureaus.registration.percent == "100.00%"
    for posts in (bureaus.posts, there.posts):
        assert (posts.posts, posts.claims, posts.members) == (9, 31, 19)
        assert {each.word: each.times for each in posts.by_category} == {
            "文体活动服务岗": 17,
            "文明新风践行岗": 5,
            "环境卫生保洁岗": 2,
            "科普知识宣传岗": 2,
            "党建工作指导岗": 1,
            "学生关怀服务岗": 1,
            "计划生育服务岗": 1,
            "政策法规宣传岗": 1,
            "流动人口服务岗": 1,
        }


async def test_the_record_that_is_shown_has_every_grade_and_both_ledgers(loaded: Database) -> None:
    async with (
        EventLog.open(loaded.app_url, MASTER_KEY) as log,
        Runner.running(log, [off_duty_record.VIEW]) as runner,
    ):
        assert await runner.caught_up(await log.head())
        record = await off_duty_record.fetch(
            log.pool, bureau.PROTAGONIST, 2026, published_calendars()
        )
    assert record is not None
    assert record.registration is not None
    assert record.registration.registered_at.date() == date(2026, 1, 16)
    assert {each.grade for each in record.entries} == {"A", "B", "C", "D"}
    assert all(each.participations for each in record.totals.by_ledger.values())
    assert record.totals.inside_minutes > 0
    assert [len(each.corrections) for each in record.entries if each.corrections] == [1]


async def test_facts_are_recorded_in_order_and_soon_after_they_happened(loaded: Database) -> None:
    before = datetime.min.replace(tzinfo=now().tzinfo)
    for row in await stored(loaded):
        envelope = json.loads(row["data"])
        occurred_at = datetime.fromisoformat(envelope["occurred_at"])
        recorded_at = datetime.fromisoformat(envelope["recorded_at"])
        assert before <= recorded_at <= now()
        assert timedelta(0) <= recorded_at - occurred_at <= timedelta(minutes=15)
        before = recorded_at


async def test_views_equal_a_rebuild(loaded: Database) -> None:
    async with EventLog.open(loaded.app_url, MASTER_KEY) as log:
        async with Runner.running(log, VIEWS) as runner:
            assert await runner.caught_up(await log.head())
        followed = [await checksum(log.pool, view) for view in VIEWS]
        await rebuild(log, VIEWS)
        assert [await checksum(log.pool, view) for view in VIEWS] == followed


async def test_a_load_that_is_killed_goes_on_and_doubles_nothing(
    loaded: Database, database: Database
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", LOAD, database.app_url, now().isoformat(), str(MEMBERS)),
        stdout=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    connection = await asyncpg.connect(database.app_url)
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval("SELECT log.head(1::smallint)") < 900:
                assert process.returncode is None
                await asyncio.sleep(0.01)
    finally:
        process.kill()
        await process.wait()
        await connection.close()
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        assert await begun(log)
        assert not await complete(log)
    await load(database.app_url, MASTER_KEY, now, silent(), MEMBERS)
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        assert await complete(log)
    assert await facts(database) == await facts(loaded)


def test_a_scene_is_played_again_until_something_later_is_done() -> None:
    async def nothing(_serving: Serving, _at: datetime) -> list[Step]:
        return []

    pairing = PairUnit(by=officer("a"), at=now(), organisation_id="a", community_id="c")
    first, second = Scene(now(), nothing, ()), Scene(now(), nothing, ())
    steps: list[Step | Scene] = [
        Step("1", pairing),
        first,
        Step("2", pairing),
        second,
        Step("3", pairing),
    ]
    assert list(loading.missing(steps, {"1"})) == steps[1:]
    assert list(loading.missing(steps, {"2"})) == [steps[0], second, steps[4]]
    assert list(loading.missing(steps, {"3"})) == [steps[0], steps[2]]


async def test_loading_again_does_nothing(loaded: Database) -> None:
    async with EventLog.open(loaded.app_url, MASTER_KEY) as log:
        head = await log.head()
        await load(loaded.app_url, MASTER_KEY, now, silent(), MEMBERS)
        assert await log.head() == head
        story = tell(now(), log.keyring.person_hash, MEMBERS)
        keys = await log.pool.fetch("SELECT key FROM log.idempotency WHERE client = 'demo'")
    told = {step.key for step in story.steps if isinstance(step, Step)}
    # What scenes did is told by nobody beforehand.
    assert told < {row["key"] for row in keys}


async def test_an_empty_log_has_no_demonstration(database: Database) -> None:
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        assert not await begun(log)
        assert not await complete(log)


async def test_a_refused_step_is_told_loudly(database: Database) -> None:
    wrong = PairUnit(by=officer("nobody"), at=now(), organisation_id="nobody", community_id="none")
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        with pytest.raises(DemonstrationFault, match="wrong"):
            await loading.send(log, [Step("wrong", wrong)])
