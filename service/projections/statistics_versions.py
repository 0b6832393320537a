"""Versions of a row: what stood from one position to another stays, so that the past can be asked.

Every event ends the version it replaces and begins its own, so the rows are the same however the
events were cut into batches.
"""

from collections.abc import Collection, Hashable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from service.projections.statistics_tables import STANDS
from service.projections.view import Build, Table


class Version(Protocol):
    """Something that holds from a position to before another."""

    since: int
    until: int


V = TypeVar("V", bound=Version)
K = TypeVar("K", bound=Hashable)


class Versions(Generic[V, K]):
    """The versions of one table that a batch looks at, by key."""

    def __init__(self, standing: dict[K, V]) -> None:
        self.standing = standing
        """What stands now."""
        self.begun: set[K] = set()
        """Keys whose standing version began in this batch."""
        self.replaced: dict[K, V] = {}
        """What was stored as standing and no longer stands."""
        self.ended: list[tuple[K, V]] = []

    def stand(self, key: K, version: V) -> None:
        """From its ``since`` on this stands instead of what stood."""
        self.end(key, version.since)
        self.standing[key] = version
        self.begun.add(key)

    def end(self, key: K, position: int) -> V | None:
        """From this position on nothing stands; returns what stood."""
        before = self.standing.pop(key, None)
        if before is None:
            return None
        if key in self.begun:
            self.begun.discard(key)
        else:
            self.replaced[key] = before
        if before.since < position:
            before.until = position
            self.ended.append((key, before))
        return before

    def written(self) -> Iterator[tuple[K, V]]:
        """The versions that are not stored as they are, with their keys."""
        yield from self.ended
        for key in self.begun:
            yield key, self.standing[key]


async def load(build: Build, table: Table[Any], keys: Collection[str]) -> Versions[Any, str]:
    """What stands under these keys, in a table whose row is a version."""
    if not keys:
        return Versions({})
    rows = await build.connection.fetch(
        f"SELECT {', '.join(table.fields)} FROM views.{table.name}{build.suffix}"  # noqa: S608 - names of our own tables
        f" WHERE {table.fields[0]} = ANY($1) AND until = {STANDS}",
        list(keys),
    )
    return Versions({row[0]: table.row(*row) for row in rows})


async def save(build: Build, table: Table[Any], versions: Versions[Any, str]) -> None:
    """Stores what the batch has ended and begun."""
    if versions.replaced:
        await build.connection.execute(
            f"DELETE FROM views.{table.name}{build.suffix}"  # noqa: S608 - names of our own tables
            f" WHERE {table.fields[0]} = ANY($1) AND until = {STANDS}",
            list(versions.replaced),
        )
    await build.append(table, [version for _, version in versions.written()])
