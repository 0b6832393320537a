"""Who read what about whom: written down before the answer leaves (migrations/0009_readings.sql).

There is one row for each member and request. Readings that wait together are written by one
statement, numbered without a gap and in the order in which they are committed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from service.eventstore.call import column
from service.together import Together
from service.trust.keyring import Connections

_COLUMNS = (
    "member_id, at, organisation_id, client_id, person, role, purpose, fields, route, request_id,"
    " position, number"
)
_IN_FIELDS = "\x1f"


class Reading(NamedTuple):
    """One reading of what is known about one member."""

    member_id: str
    at: datetime
    organisation_id: str
    """For which organisation it was read."""
    client_id: str
    person: str | None
    """Who read, as opaque as everywhere; None where a system read by itself."""
    role: str | None
    purpose: str
    fields: tuple[str, ...]
    """The personal texts that were opened; none where only facts under the id were shown."""
    route: str
    request_id: str
    position: int
    """The log position of what was shown."""
    number: int = 0
    """From 1, without a gap; given when it is written down."""


class Readings:
    """Writes readings down and tells of them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._together = Together(self._record)

    async def record(self, readings: Sequence[Reading]) -> None:
        """Returns when they are written down for good; raises what kept them from being so."""
        if readings:
            await self._together.ask(readings)

    async def of_member(self, member_id: str, *, before: int = 0, limit: int) -> list[Reading]:
        """Readings about a member, the newest first; ``before``: with smaller numbers only."""
        rows = await self._connections.fetch(
            f"SELECT {_COLUMNS} FROM access.readings"  # noqa: S608 - names of our own columns
            " WHERE member_id = $1 AND ($2 = 0 OR number < $2) ORDER BY number DESC LIMIT $3",
            member_id,
            before,
            limit,
        )
        return [_reading(row) for row in rows]

    async def of_member_up_to(self, member_id: str, last: int) -> list[Reading]:
        """All readings about a member up to a number, in order."""
        rows = await self._connections.fetch(
            f"SELECT {_COLUMNS} FROM access.readings"  # noqa: S608 - names of our own columns
            " WHERE member_id = $1 AND number <= $2 ORDER BY number",
            member_id,
            last,
        )
        return [_reading(row) for row in rows]

    async def numbered(self, first: int, limit: int) -> list[Reading]:
        """Readings from a number on, in order."""
        rows = await self._connections.fetch(
            f"SELECT {_COLUMNS} FROM access.readings"  # noqa: S608 - names of our own columns
            " WHERE number >= $1 ORDER BY number LIMIT $2",
            first,
            limit,
        )
        return [_reading(row) for row in rows]

    async def last(self) -> int:
        """The number of the last one; 0 where there is none."""
        [[found]] = await self._connections.fetch("SELECT max(number) FROM access.readings")
        return int(found or 0)

    async def _record(self, asked: Sequence[Sequence[Reading]]) -> list[None]:
        columns = zip(*[_texts(each) for readings in asked for each in readings], strict=True)
        await self._connections.fetchval(
            "SELECT access.record_readings($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            *map(column, columns),
        )
        return [None] * len(asked)


def _texts(reading: Reading) -> tuple[str, ...]:
    return (
        reading.member_id,
        reading.at.isoformat(),
        reading.organisation_id,
        reading.client_id,
        reading.person or "",
        reading.role or "",
        reading.purpose,
        _IN_FIELDS.join(reading.fields),
        reading.route,
        reading.request_id,
        str(reading.position),
    )


def _reading(row: asyncpg.Record) -> Reading:
    return Reading(**dict(row) | {"fields": tuple(row["fields"])})
