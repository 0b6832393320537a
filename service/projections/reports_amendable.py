"""Which reports have to be looked at again: the record of their quarter has changed (R23)."""

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.period import Quarter
from service.projections.reports import VIEW
from service.projections.statistics_changes import Since, changed
from service.projections.view import Seen, reading


class Amendable(NamedTuple):
    """A report whose figures may be different by now."""

    report_id: str
    branch_id: str
    quarter: Quarter


async def amendable(seen: Seen, looked: Mapping[str, int]) -> list[Amendable]:
    """Every report of whose quarter something was recorded since somebody ``looked``.

    Up to which position that was is told by report; one that nobody looked at is among them.
    """
    async with reading(seen, VIEW) as (connection, _):
        rows = await connection.fetch(
            "SELECT report_id, branch_id, quarter FROM views.report_quarter ORDER BY position"
        )
    reports = [Amendable(row[0], row[1], Quarter.parse(row[2])) for row in rows]
    known = [each for each in reports if each.report_id in looked]
    asked = [
        Since(branch_id, quarter.first_day, quarter.last_day, looked[report_id])
        for report_id, branch_id, quarter in known
    ]
    found = await changed(seen, asked)
    unchanged = {each for each, again in zip(known, found, strict=True) if not again}
    return [each for each in reports if each not in unchanged]
