"""What a view is made of: tables, folds over events, and reads of one consistent snapshot.

A view's module declares its `Table`s, collects with `Folds` how each event changes their rows, and
offers one `View` to the runner. Rows are changed through a `Build`: the same code writes the live
tables and those of a new build beside them (named with the suffix `__next`), and what a batch
touches is loaded once, folded in memory and written back once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

import asyncpg

from service.domain.event import Event
from service.eventstore.mapping import Recorded
from service.projections.fence import READER, SEEING, SUFFIX

# Quoted: asyncpg's classes are generic for the type checker only.
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Source: TypeAlias = "Connection | Pool"

R = TypeVar("R")
S = TypeVar("S")
E = TypeVar("E", bound=Event)

NEXT = "__next"
"""Suffix of the tables of a build that is not live yet."""


@dataclass(frozen=True)
class Table(Generic[R]):
    """A table of a view in schema ``views``.

    ``row`` has its columns in order: a dataclass, or a named tuple where rows are only added.
    The first column is the key by which rows are loaded and replaced. ``indexes`` are made when a
    build has caught up, because filling an indexed table is much slower. ``fence`` says which rows
    a reader sees (`fence.py`); a table without one holds nothing about a member.
    """

    name: str
    row: type[R]
    columns: str
    indexes: tuple[str, ...] = ()
    fence: str = ""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        if issubclass(self.row, tuple):
            return tuple(self.row.__annotations__)
        # A row that is no named tuple is a dataclass, which its type does not say.
        return tuple(field.name for field in fields(self.row))  # type: ignore[arg-type]

    @cached_property
    def values(self) -> Callable[[R], tuple[Any, ...]]:
        """Takes the columns' values, in order, from a row."""
        return attrgetter(*self.fields)

    def create(self, suffix: str) -> str:
        """SQL that makes the table of a build with its fence, without its indexes."""
        table = f"views.{self.name}{suffix}"
        made = f"CREATE TABLE {table} ({self.columns}); GRANT SELECT ON {table} TO {READER}"
        if not self.fence:
            return made
        fence = self.fence.replace(SUFFIX, suffix)
        return (
            f"{made}; ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f" CREATE POLICY fence ON {table} FOR SELECT USING ({fence})"
        )

    def index(self, suffix: str) -> list[str]:
        """SQL that makes the indexes of a build's table."""
        return [f"CREATE INDEX ON views.{self.name}{suffix} {index}" for index in self.indexes]


@dataclass(frozen=True)
class Build:
    """The tables of one build of a view, inside the transaction that moves its checkpoint."""

    connection: Connection
    suffix: str = ""

    async def load(self, table: Table[R], keys: Collection[str]) -> dict[str, R]:
        """The rows with these keys, by key; keys without a row are left out."""
        if not keys:
            return {}
        key, columns = table.fields[0], ", ".join(table.fields)
        rows = await self.connection.fetch(
            f"SELECT {columns} FROM views.{table.name}{self.suffix} WHERE {key} = ANY($1)",  # noqa: S608 - names of our own tables
            list(keys),
        )
        return {row[0]: table.row(*row) for row in rows}

    async def save(self, table: Table[R], rows: dict[str, R]) -> None:
        """Writes the rows in place of those with the same keys."""
        if not rows:
            return
        await self.connection.execute(
            f"DELETE FROM views.{table.name}{self.suffix} WHERE {table.fields[0]} = ANY($1)",  # noqa: S608 - names of our own tables
            list(rows),
        )
        await self.append(table, rows.values())

    async def purge(self, tables: Iterable[Table[Any]], members: Collection[str]) -> None:
        """Removes whatever these tables hold about erased members."""
        for table in tables:
            await self.connection.execute(
                f"DELETE FROM views.{table.name}{self.suffix} WHERE member_id = ANY($1)",  # noqa: S608 - names of our own tables
                list(members),
            )

    async def append(
        self, table: Table[R], rows: Iterable[R] | Iterable[tuple[object, ...]]
    ) -> None:
        """Adds new rows, also given as plain tuples where there are very many."""
        records = [row if isinstance(row, tuple) else table.values(row) for row in rows]
        if records:
            await self.connection.copy_records_to_table(
                f"{table.name}{self.suffix}",
                schema_name="views",
                columns=table.fields,
                records=records,
            )


class Folds(Generic[S]):
    """How each type of event changes a view's state in memory; other events are left alone."""

    def __init__(self) -> None:
        self._folds: dict[type[Event], Callable[[S, Any, Recorded], None]] = {}

    def on(
        self, event: type[E]
    ) -> Callable[[Callable[[S, E, Recorded], None]], Callable[[S, E, Recorded], None]]:
        """Registers the decorated function for this type of event."""

        def register(
            function: Callable[[S, E, Recorded], None],
        ) -> Callable[[S, E, Recorded], None]:
            if event in self._folds:
                raise TypeError(f"{event.__name__} is folded twice")
            self._folds[event] = function
            return function

        return register

    def concern(self, batch: Sequence[Recorded]) -> bool:
        """Whether anything of the batch changes something here."""
        return any(type(recorded.event) in self._folds for recorded in batch)

    def relevant(self, batch: Sequence[Recorded]) -> list[Recorded]:
        """Those of the batch that change something here."""
        return [recorded for recorded in batch if type(recorded.event) in self._folds]

    @staticmethod
    def ids(batch: Iterable[Recorded], name: str, *types: type[Event]) -> set[str]:
        """What the field says in the batch's events of these types: the keys of rows to load."""
        # By exact type, as events are folded. Asking a model's class what it is an instance of
        # takes longer than everything else that is done for an event here.
        return {getattr(each.event, name) for each in batch if type(each.event) in types}

    def fold(self, state: S, batch: Iterable[Recorded]) -> None:
        """Changes the state by relevant events, in order."""
        for recorded in batch:
            self._folds[type(recorded.event)](state, recorded.event, recorded)


@dataclass(frozen=True)
class View:
    """A view as the runner knows it.

    Raise ``version`` whenever the tables, or what ``apply`` makes of an event, change: the view is
    then built anew beside the old one. ``apply`` must give the same rows whenever the same events
    are replayed, however they are cut into batches.

    ``about_members`` are the tables that hold what was said about a member, by ``member_id``: when
    the member is erased their rows go, and what still comes is left alone (R40).

    ``concerned`` says whether a batch changes anything: one that does not is passed over by moving
    the checkpoint alone. None where every event counts.
    """

    name: str
    version: int
    tables: tuple[Table[Any], ...]
    apply: Callable[[Build, Sequence[Recorded]], Awaitable[None]]
    about_members: tuple[Table[Any], ...] = ()
    concerned: Callable[[Sequence[Recorded]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """The views as an organisation sees them: its own rows and those of what stands below it."""

    pool: Pool
    """Connections of `fence.READER`."""
    organisation_id: str


Seen: TypeAlias = "Pool | Sight"
"""As an organisation, or as the owner of the views, who sees everything."""


@asynccontextmanager
async def reading(seen: Seen, view: View) -> AsyncIterator[tuple[Connection, int]]:
    """A connection on one snapshot of the view, and the position the view stands at in it."""
    pool, seeing = (seen.pool, seen.organisation_id) if isinstance(seen, Sight) else (seen, "")
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        # The lock comes before the snapshot (LOCK TABLE takes none). The other way round, a swap
        # in between would show the new tables as they were before they were filled.
        await connection.execute(f"LOCK TABLE views.{view.tables[0].name} IN ACCESS SHARE MODE")
        found = await connection.fetchval(
            "SELECT position, set_config($2, $3, true) FROM views.checkpoints"
            " WHERE view = $1 AND build = 'live'",
            view.name,
            SEEING,
            seeing,
        )
        yield connection, int(found or 0)


async def position(source: Source, view: View) -> int:
    """The position the live build of the view stands at."""
    found = await source.fetchval(
        "SELECT position FROM views.checkpoints WHERE view = $1 AND build = 'live'", view.name
    )
    return int(found or 0)


async def checksum(pool: Pool, view: View) -> str:
    """A fingerprint of all rows of the view: equal rows, however they came about, give equal ones.

    Each row's text is hashed and the hashes are added up, so that it needs neither an order nor
    memory for the whole table.
    """
    found = []
    async with reading(pool, view) as (connection, _):
        await connection.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'")
        for table in view.tables:
            hashes = await connection.fetchval(
                "SELECT concat(count(*), ':', sum(hashtextextended(t::text, 0)::numeric))"  # noqa: S608 - names of our own tables
                f" FROM views.{table.name} t"
            )
            found.append(f"{table.name}:{hashes}")
    return " ".join(found)
