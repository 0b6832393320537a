"""The second fence: without saying whose sight it has, a connection sees nothing of any member."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.data.calendars import published_calendars
from service.domain.event import Actor
from service.eventstore import EventLog
from service.projections import membership
from service.projections.catalogue import VIEWS
from service.projections.fence import READER, SEEING
from service.projections.off_duty_record import Records
from service.projections.rebuild import rebuild
from service.projections.view import Sight, Source
from tests.database import Database
from tests.domain.duties import objected
from tests.domain.town import (
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    SETTLED,
    SUBDISTRICT,
    WANG,
    acting,
)
from tests.eventstore.history import given
from tests.projections.service_year import endorsed, kept_up, recorded

ABOUT_NOBODY = {
    "board_duty",
    "board_organisation",
    "checkpoints",
    "community_visit",
    "notice_organisation",
    "off_duty_timetable",
    "report_amendment",
    "report_consolidation",
    "report_organisation",
    "report_quarter",
    "report_summary",
    "report_symposium",
    "review_called",
    "rule_pack",
    "service_post",
    "statistics_day",
    "statistics_organisation",
    "statistics_post",
    "statistics_timetable",
}
"""Tables that hold nothing about a member."""

FOR_ANY = {
    "audit_concerned",
    "audit_event",
    "audit_name",
    "review_conclusion",
    "review_member",
    "review_word",
}
"""Tables whose rows concern many: it is enough to say whose sight one has."""


@pytest.fixture
async def reader(log: EventLog, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection that questions are asked on, as the API has it."""
    one = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")
    await given(log, *SETTLED, one, endorsed(one))
    await kept_up(log)
    connection = await asyncpg.connect(database.app_url, server_settings={"role": READER})
    yield connection
    await connection.close()


async def tables(connection: Source) -> list[str]:
    rows = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'views' ORDER BY tablename"
    )
    return [row[0] for row in rows]


async def seen(connection: asyncpg.Connection, *organisations: str) -> dict[str, int]:
    """How many rows of each fenced table are seen."""
    found = {}
    async with connection.transaction():
        if organisations:
            setting = ",".join(organisations)
            await connection.execute("SELECT set_config($1, $2, true)", SEEING, setting)
        for table in await tables(connection):
            if table not in ABOUT_NOBODY:
                found[table] = await connection.fetchval(f"SELECT count(*) FROM views.{table}")  # noqa: S608 - names from the catalogue
    return found


async def everything(log: EventLog) -> dict[str, int]:
    return {
        table: await log.pool.fetchval(f"SELECT count(*) FROM views.{table}")  # noqa: S608 - names from the catalogue
        for table in await tables(log.pool)
        if table not in ABOUT_NOBODY
    }


async def test_without_a_setting_there_are_no_rows(
    log: EventLog, reader: asyncpg.Connection
) -> None:
    assert set((await everything(log)).values()) > {0}
    assert set((await seen(reader)).values()) == {0}
    # Also when a transaction before this one had a sight.
    assert (await seen(reader, BRANCH))["membership_member"] == 1
    assert set((await seen(reader)).values()) == {0}


@pytest.mark.parametrize("organisation", [FOREIGN_BRANCH, "nowhere", "", "%", f"{BRANCH}x"])
async def test_a_foreign_organisation_sees_nobody(
    reader: asyncpg.Connection, organisation: str
) -> None:
    found = await seen(reader, organisation)
    assert {n for table, n in found.items() if table not in FOR_ANY} == {0}


@pytest.mark.parametrize("organisation", [BRANCH, COMMUNITY, COMMITTEE, SUBDISTRICT])
async def test_its_own_and_those_above_see_a_member(
    reader: asyncpg.Connection, organisation: str
) -> None:
    found = await seen(reader, organisation)
    # Above the branch there is another one with a member of its own.
    members = 1 if organisation != COMMITTEE else 2
    of_member = ("membership_member", "off_duty_member", "off_duty_entry")
    assert [found[table] for table in of_member] == [members, members, 1]
    # Enrolled, waiting, accepted: a version each; the community sees those that are about it.
    versions = {BRANCH: 3, COMMITTEE: 4, COMMUNITY: 2, SUBDISTRICT: 2}
    assert found["statistics_member"] == versions[organisation]
    assert await seen(reader, "nowhere", organisation) == found


async def test_an_objection_is_seen_by_those_it_concerns_and_by_the_member(
    log: EventLog, reader: asyncpg.Connection
) -> None:
    """The member's branch has nothing to do with what they object to elsewhere."""
    await given(log, objected("one"), by=Actor(BRANCH, LI, "member"))
    await given(log, objected("two").model_copy(update={"on_paper": True}), by=acting(BRANCH))
    await kept_up(log)
    found = {each: (await seen(reader, each))["objection"] for each in (
        COMMUNITY, SUBDISTRICT, LI, BRANCH, COMMITTEE, OTHER_BRANCH, WANG,
    )}  # fmt: skip
    assert found == {
        COMMUNITY: 2, SUBDISTRICT: 2, LI: 2, BRANCH: 1, COMMITTEE: 1, OTHER_BRANCH: 0, WANG: 0,
    }  # fmt: skip


@pytest.mark.usefixtures("reader")
async def test_a_query_that_forgets_to_ask_shows_nothing(log: EventLog) -> None:
    """As if the API had not asked `Places`: the questions themselves, for somebody foreign."""
    foreign, own = Sight(log.fenced, OTHER_BRANCH), Sight(log.fenced, BRANCH)
    assert await membership.member(foreign, LI) is None
    assert (await membership.members_of_branch(foreign, BRANCH)).items == []
    assert (await membership.members_of_community(foreign, COMMUNITY)).items == []
    assert await membership.member(own, LI) is not None
    records = Records(log.fenced, published_calendars())
    assert await records.read(LI, 2026, BRANCH) is not None
    # Also of what is remembered.
    assert await records.read(LI, 2026, OTHER_BRANCH) is None
    assert await records.read(LI, 2026) is None


async def test_the_fence_stands_after_a_rebuild(log: EventLog, reader: asyncpg.Connection) -> None:
    whole, before = await everything(log), await seen(reader, BRANCH)
    await rebuild(log, VIEWS)
    await rebuild(log, VIEWS)
    assert await everything(log) == whole
    assert await seen(reader, BRANCH) == before
    assert set((await seen(reader)).values()) == {0}


@pytest.mark.usefixtures("reader")
async def test_every_table_about_members_has_a_fence(log: EventLog) -> None:
    unfenced = await log.pool.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'views'::regnamespace"
        " AND relkind = 'r' AND NOT relrowsecurity"
    )
    assert {row[0] for row in unfenced} == ABOUT_NOBODY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE views.membership_member SET branch_id = ''",
        "DELETE FROM views.membership_member",
        "ALTER TABLE views.membership_member DISABLE ROW LEVEL SECURITY",
        "DROP POLICY fence ON views.membership_member",
        "SELECT FROM keys.member_keys",
        "SELECT FROM access.clients",
        "SELECT FROM access.readings",
        "SELECT FROM log.idempotency",
    ],
)
async def test_whoever_asks_questions_changes_nothing(
    reader: asyncpg.Connection, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(statement)
