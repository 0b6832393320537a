"""How far each build of a view has come, and how builds begin and are swapped.

``views.checkpoints`` has a row per view for the build that is read (``live``) and, while there is
one, for the build beside it (``next``). A build's rows change only in a transaction that holds its
checkpoint row and moves it, so that any number of processes may run or rebuild the same view: they
take turns, and one that is killed is continued by the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from service.projections.fence import READER
from service.projections.view import NEXT, Connection, Pool, View

Stage = Literal["live", "next"]

SUFFIX: dict[Stage, str] = {"live": "", "next": NEXT}

_TABLE = """
CREATE TABLE IF NOT EXISTS views.checkpoints (
    view text NOT NULL,
    build text NOT NULL CHECK (build IN ('live', 'next')),
    version integer NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    tables text[] NOT NULL,
    indexed boolean NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (view, build)
)
"""
# Making tables is done by one process at a time.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('views', 0))"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a build stands, by which version of the view it is made, whether it has its indexes."""

    version: int
    position: int
    indexed: bool


async def read(pool: Pool, view: View, stage: Stage) -> Checkpoint | None:
    """The build's checkpoint as it is now; None without such a build."""
    row = await pool.fetchrow(
        "SELECT version, position, indexed FROM views.checkpoints WHERE view = $1 AND build = $2",
        view.name,
        stage,
    )
    return None if row is None else Checkpoint(*row)


async def locked(connection: Connection, view: View, stage: Stage) -> Checkpoint | None:
    """The build's checkpoint, held until the transaction ends; waits for whoever holds it."""
    row = await connection.fetchrow(
        "SELECT version, position, indexed FROM views.checkpoints WHERE view = $1 AND build = $2"
        " FOR UPDATE",
        view.name,
        stage,
    )
    return None if row is None else Checkpoint(*row)


async def move(connection: Connection, view: View, stage: Stage, position: int) -> None:
    """Moves the checkpoint, in the transaction that changed the rows."""
    await connection.execute(
        "UPDATE views.checkpoints SET position = $3, moved_at = now()"
        " WHERE view = $1 AND build = $2",
        view.name,
        stage,
        position,
    )


async def pass_over(pool: Pool, view: View, stage: Stage, first: int, last: int) -> bool:
    """Moves a build over events that change nothing in it, in one statement; False where the
    build no longer stood right before the first."""
    found = await pool.fetchval(
        # As in a batch that changes rows: what a crash takes away is passed over once more.
        "UPDATE views.checkpoints SET position = $5, moved_at = now()"
        " WHERE view = $1 AND build = $2 AND version = $3 AND position = $4 - 1"
        " RETURNING set_config('synchronous_commit', 'off', true)",
        view.name,
        stage,
        view.version,
        first,
        last,
    )
    return found is not None


async def prepare(pool: Pool, view: View) -> None:
    """Makes the view's tables, empty, where there is no live build yet."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_ALONE)
        await connection.execute(_TABLE)
        await connection.execute(
            f"GRANT USAGE ON SCHEMA views TO {READER};"
            f" GRANT SELECT ON views.checkpoints TO {READER}"
        )
        if await locked(connection, view, "live") is None:
            await _create(connection, view, "live")
            await _index(connection, view, "live")
            await _begin(connection, view, "live", indexed=True)


async def begin_next(pool: Pool, view: View, *, afresh: bool) -> None:
    """Makes the tables of a new build, or goes on with one of this version unless ``afresh``."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_ALONE)
        unfinished = await locked(connection, view, "next")
        if unfinished and unfinished.version == view.version and not afresh:
            return
        tables = await connection.fetchval(
            "DELETE FROM views.checkpoints WHERE view = $1 AND build = 'next' RETURNING tables",
            view.name,
        )
        await _drop(connection, [name + NEXT for name in tables or ()])
        await _create(connection, view, "next")
        await _begin(connection, view, "next", indexed=False)


async def index_next(pool: Pool, view: View) -> None:
    """Gives the new build its indexes, once."""
    async with pool.acquire() as connection, connection.transaction():
        at = await locked(connection, view, "next")
        if at is None or at.indexed:
            return
        await connection.execute("SET LOCAL statement_timeout = 0")
        await _index(connection, view, "next")
        await connection.execute(
            "UPDATE views.checkpoints SET indexed = true WHERE view = $1 AND build = 'next'",
            view.name,
        )


async def swap(connection: Connection, view: View) -> None:
    """Puts the new build in place of the live one; the transaction holds both checkpoints."""
    tables: list[str] = await connection.fetchval(
        "SELECT tables FROM views.checkpoints WHERE view = $1 AND build = 'live'", view.name
    )
    # Readers hold the first table to the end of their transaction; see `view.reading`.
    await connection.execute(f"LOCK TABLE views.{tables[0]} IN ACCESS EXCLUSIVE MODE")
    await _drop(connection, tables)
    for table in view.tables:
        await connection.execute(f"ALTER TABLE views.{table.name}{NEXT} RENAME TO {table.name}")
    await connection.execute(
        "WITH next AS ("
        "     DELETE FROM views.checkpoints WHERE view = $1 AND build = 'next' RETURNING *)"
        " UPDATE views.checkpoints live"
        " SET version = next.version, position = next.position, tables = next.tables,"
        "     indexed = next.indexed, moved_at = now()"
        " FROM next WHERE live.view = $1 AND live.build = 'live'",
        view.name,
    )


async def _create(connection: Connection, view: View, stage: Stage) -> None:
    for table in view.tables:
        await connection.execute(table.create(SUFFIX[stage]))


async def _index(connection: Connection, view: View, stage: Stage) -> None:
    for table in view.tables:
        for statement in table.index(SUFFIX[stage]):
            await connection.execute(statement, timeout=None)


async def _drop(connection: Connection, tables: Iterable[str]) -> None:
    # All at once, because the fence of one may look into another.
    if names := ", ".join(f"views.{table}" for table in tables):
        await connection.execute(f"DROP TABLE IF EXISTS {names}")


async def _begin(connection: Connection, view: View, stage: Stage, *, indexed: bool) -> None:
    await connection.execute(
        "INSERT INTO views.checkpoints (view, build, version, tables, indexed)"
        " VALUES ($1, $2, $3, $4, $5)",
        view.name,
        stage,
        view.version,
        [table.name for table in view.tables],
        indexed,
    )
