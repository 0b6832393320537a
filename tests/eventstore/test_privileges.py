"""What the running service may do with the log: read it and call the append function. No more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.eventstore import EventLog, UnsafeDatabase
from service.eventstore.log import require_safe
from tests.database import Database

FORBIDDEN = [
    "INSERT INTO log.events VALUES (1, 99, 'Forged', '{}', '')",
    "UPDATE log.events SET data = ''",
    "DELETE FROM log.events",
    "TRUNCATE log.events",
    "TRUNCATE log.tags",
    "DELETE FROM log.idempotency",
    "UPDATE log.idempotency SET answer = ''",
    "UPDATE log.writers SET verdicts = '{1}'",
    "UPDATE log.shards SET lock_key = 1",
    "UPDATE log.application SET role = 'postgres'",
    "DROP TABLE log.events",
    "DROP SCHEMA log CASCADE",
    "ALTER TABLE log.events ADD COLUMN note text",
    "ALTER TABLE log.events DISABLE TRIGGER ALL",
    "ALTER TABLE log.events OWNER TO CURRENT_USER",
    "CREATE TRIGGER t BEFORE INSERT ON log.events EXECUTE FUNCTION log.refuse_rewriting()",
    "CREATE RULE r AS ON INSERT TO log.events DO INSTEAD NOTHING",
    "CREATE INDEX ON log.events (type)",
    "CREATE TABLE log.extra ()",
    "CREATE OR REPLACE FUNCTION log.head(shard smallint) RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "UPDATE keys.member_keys SET wrapped = ''",
    "UPDATE keys.member_keys SET state = 'destroyed', wrapped = NULL",
    "DELETE FROM keys.member_keys",
    "UPDATE access.clients SET scopes = '{}'",
    "DELETE FROM access.clients",
    "INSERT INTO access.readings SELECT * FROM access.readings",
    "UPDATE access.readings SET purpose = ''",
    "DELETE FROM access.readings",
    "TRUNCATE access.readings",
    "ALTER TABLE access.readings DISABLE TRIGGER ALL",
    "DROP TRIGGER immutable ON access.readings",
    "INSERT INTO log.lines VALUES ('branch', 'another')",
    "DELETE FROM log.lines",
    "UPDATE transparency.tiles SET level = 1",
    "DELETE FROM transparency.tiles",
    "TRUNCATE transparency.tiles",
    "ALTER TABLE transparency.tiles DISABLE TRIGGER ALL",
    "DROP TRIGGER tiles_only_grow ON transparency.tiles",
    "DELETE FROM transparency.published",
    "DELETE FROM public.migrations",
    "CREATE ROLE helper SUPERUSER",
    "COPY log.events TO PROGRAM 'cat'",
]


async def test_the_application_role_is_refused_whatever_rewrites(database: Database) -> None:
    async with connected(database.owner_url) as owner:
        name = await owner.fetchval("SELECT quote_ident(current_user)")
    done = []
    async with connected(database.app_url) as connection:
        for statement in FORBIDDEN:
            try:
                await connection.execute(statement.replace("{owner}", name))
            except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError):
                continue
            done.append(statement)
    assert done == []


async def test_the_application_role_may_read_the_log_and_nothing_else(database: Database) -> None:
    async with connected(database.app_url) as connection:
        granted = await connection.fetch(
            "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'log' AND grantee = current_user"
        )
    assert [privilege for (privilege,) in granted] == ["SELECT"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.events SET position = 2",
        "DELETE FROM log.events",
        "TRUNCATE log.events",
        "UPDATE log.tags SET position = 2",
        "DELETE FROM log.tags",
        "TRUNCATE log.tags",
    ],
)
async def test_even_the_owner_does_not_rewrite_by_mistake(
    database: Database, statement: str
) -> None:
    async with connected(database.owner_url) as owner:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="immutable"):
            await owner.execute(statement)


async def test_functions_of_the_log_are_not_public(database: Database) -> None:
    async with connected(database.owner_url) as owner:
        public = await owner.fetch(
            "SELECT p.proname"
            " FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))"
            " WHERE p.pronamespace = 'log'::regnamespace AND grantee = 0"
        )
    assert public == []


async def test_unsafe_settings_are_refused_at_the_start(database: Database) -> None:
    async with connected(database.owner_url) as owner:
        name = await owner.fetchval("SELECT quote_ident(current_database())")
        await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(UnsafeDatabase, match="synchronous_commit"):
        async with EventLog.open(database.app_url):
            pass


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_each_unsafe_setting_is_named(setting: str) -> None:
    safe = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    require_safe(safe)
    with pytest.raises(UnsafeDatabase, match=setting):
        require_safe(safe | {setting: "off"})


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
