"""Whether what a branch did in a period is not what it was as of a position."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from service.projections.statistics_folds import VIEW
from service.projections.statistics_tables import STANDS
from service.projections.view import Seen, reading


class Since(NamedTuple):
    """What is asked: about a branch, from the first to the last day, after a position."""

    branch_id: str
    first: date
    last: date
    position: int


# Each version that began or ended since, also where it comes to the same minutes.
_CHANGED = f"""
SELECT EXISTS (
    SELECT FROM views.statistics_entry e
    WHERE e.branch_id = asked.branch_id AND e.day BETWEEN asked.first AND asked.last
        AND (e.since > asked.position OR e.until > asked.position AND e.until < {STANDS}))
FROM unnest($1::text[], $2::date[], $3::date[], $4::bigint[])
    WITH ORDINALITY AS asked (branch_id, first, last, position, place)
ORDER BY place
"""  # noqa: S608 - our own words


async def changed(seen: Seen, asked: Sequence[Since]) -> list[bool]:
    """For each of these, whether an entry came, went or was judged anew."""
    async with reading(seen, VIEW) as (connection, _):
        rows = await connection.fetch(
            _CHANGED,
            [each.branch_id for each in asked],
            [each.first for each in asked],
            [each.last for each in asked],
            [each.position for each in asked],
        )
    return [row[0] for row in rows]
