"""The questions that statistics, reports and rule packs ask of the view, as of any position.

An organisation is a unit or a community with everything under it. A unit's members are those its
branches hold, a community's those registered with it. What is counted for the organisation itself
is what was recorded for members of the unit, or by the community, whoever holds the member today.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import asyncpg

from service.data.calendars import published_calendars
from service.domain.evidence import Grade
from service.domain.organisation import OrganisationKind
from service.domain.participation import Ledger
from service.domain.working_time import Calendars
from service.projections.statistics_folds import VIEW
from service.projections.view import Connection, Seen, reading

_RECEIVING = {OrganisationKind.COMMUNITY, OrganisationKind.SUBDISTRICT}


@dataclass(frozen=True, slots=True)
class Past:
    """A snapshot of the view, and the position that is asked about."""

    connection: Connection
    position: int
    changed: int
    """No statistics have changed between this position and the one that is asked about."""
    organisation_id: str
    name: str
    kind: OrganisationKind
    line: list[str]
    """The organisation, its parent, and so on."""
    organisations: list[str]
    """The organisation and everything under it."""

    @property
    def column(self) -> str:
        """The side that is counted: the branch or the community."""
        return "community_id" if self.receiving else "branch_id"

    @property
    def receiving(self) -> bool:
        """Whether it is a community or over communities."""
        return self.kind in _RECEIVING


_CHANGED = "SELECT max(least(last, $1)) FROM views.statistics_day WHERE first <= $1"


@asynccontextmanager
async def asking(
    seen: Seen, organisation_id: str, on: date | None, position: int | None
) -> AsyncIterator[Past | None]:
    """The view as of a position, or as of the end of a day; None if there is no such organisation.

    A position ahead of the view is the view's own: whoever must not miss anything waits first.
    """
    async with reading(seen, VIEW) as (connection, head):
        rows = await connection.fetch(
            "SELECT organisation_id, name, kind, line FROM views.statistics_organisation"
            " WHERE $1 = ANY (line) ORDER BY organisation_id <> $1",
            organisation_id,
        )
        if not rows:
            yield None
            return
        if position is None:
            position = await connection.fetchval(
                "SELECT min(first) - 1 FROM views.statistics_day WHERE day > $1", on
            )
        position = head if position is None else min(position, head)
        yield Past(
            connection,
            position,
            await connection.fetchval(_CHANGED, position) or 0,
            organisation_id,
            rows[0]["name"],
            OrganisationKind(rows[0]["kind"]),
            rows[0]["line"],
            [row["organisation_id"] for row in rows],
        )


@dataclass(frozen=True, slots=True)
class Worked:
    """Which days of a period are worked, as the calendars say that are published (R20, R21)."""

    days: list[date]
    years: list[int]
    """Those whose calendar is published."""

    @classmethod
    def within(cls, first: date, last: date, calendars: Calendars | None) -> "Worked":
        """Of these days, both included; None: the calendars that come with us."""
        calendars = calendars or published_calendars()
        found = {year: calendars.of(year) for year in range(first.year, last.year + 1)}
        return cls(
            [
                day
                for ordinal in range(first.toordinal(), last.toordinal() + 1)
                if (calendar := found[(day := date.fromordinal(ordinal)).year])
                and calendar.is_working_day(day)
            ],
            [year for year, calendar in found.items() if calendar],
        )


MINUTES = """
    sum(e.times)::int AS times,
    sum(e.minutes)::int AS minutes,
    coalesce(sum(e.minutes) FILTER (WHERE extract(year FROM e.day)::int <> ALL ($4)), 0)::int
        AS pending,
    coalesce(sum(CASE WHEN e.day = ANY ($3) THEN e.inside_working ELSE e.inside_otherwise END)
        FILTER (WHERE extract(year FROM e.day)::int = ANY ($4)), 0)::int AS inside
"""
"""What entries ``e`` come to; $3 are the days worked, $4 the years with a published calendar."""

# $1 is the position, $2 the organisation and what is under it, $5 and $6 the first and last day.
_MEMBERS = """
SELECT m.member_id, m.branch_id, m.registered,
    CASE WHEN m.registered THEN m.community_id END AS community_id,
    CASE WHEN m.registered THEN m.registered_at END AS registered_at,
    CASE WHEN m.registered THEN m.deadline END AS deadline,
    EXISTS (
        SELECT FROM views.statistics_exemption x
        WHERE x.member_id = m.member_id AND x.since <= $1 AND x.until > $1
            AND $3 BETWEEN x.starts_on AND x.ends_on
    ) AS exempt
FROM views.statistics_member m
WHERE m.{column} = ANY ($2) AND m.since <= $1 AND m.until > $1
ORDER BY m.member_id
"""
_SERVICE = """
WITH served AS MATERIALIZED (
    SELECT e.member_id, e.ledger, e.grade, e.category, {minutes}
    FROM views.statistics_entry e
    WHERE e.{column} = ANY ($2) AND e.since <= $1 AND e.until > $1
        AND e.endorsement IS NOT NULL AND e.day BETWEEN $5 AND $6
    GROUP BY e.member_id, e.ledger, e.grade, e.category
)
SELECT ledger, grade, category, sum(times)::int AS times,
    count(*) FILTER (WHERE times > 0)::int AS members,
    sum(minutes - inside - pending)::int AS outside, sum(inside)::int AS inside,
    sum(pending)::int AS pending
FROM served GROUP BY ledger, grade, category
UNION ALL
SELECT ledger, NULL, NULL, sum(times)::int, count(*)::int, NULL, NULL, NULL
FROM (
    SELECT ledger, member_id, sum(times) AS times FROM served WHERE times > 0
    GROUP BY ledger, member_id
) m GROUP BY ledger
UNION ALL
SELECT NULL, NULL, category, sum(times)::int, count(*)::int, NULL, NULL, NULL
FROM (
    SELECT category, member_id, sum(times) AS times FROM served WHERE times > 0
    GROUP BY category, member_id
) m GROUP BY category
UNION ALL
SELECT NULL, NULL, NULL, sum(times)::int, count(DISTINCT member_id)::int, NULL, NULL, NULL
FROM served WHERE times > 0
ORDER BY ledger, grade, category
"""


class Count(NamedTuple):
    """Participations that began, and members, each once."""

    times: int
    members: int


class Sort(NamedTuple):
    """What one ledger, grade and category comes to."""

    counted: Count
    outside_minutes: int
    inside_minutes: int
    pending_minutes: int


@dataclass(slots=True)
class Service:
    """Endorsed service of an organisation, each way it is counted."""

    members: int = 0
    sorts: dict[tuple[Ledger, Grade, str], Sort] = field(default_factory=dict)
    """In order, by ledger, grade, category."""
    by_ledger: dict[Ledger, Count] = field(default_factory=dict)
    by_category: dict[str, Count] = field(default_factory=dict)


async def service_of(past: Past, first: date, last: date, calendars: Calendars | None) -> Service:
    """What was endorsed for the organisation within these days, entry by entry."""
    worked = Worked.within(first, last, calendars)
    found = Service()
    for row in await past.connection.fetch(
        _SERVICE.format(column=past.column, minutes=MINUTES),
        past.position,
        past.organisations,
        worked.days,
        worked.years,
        first,
        last,
    ):
        count = Count(row["times"] or 0, row["members"])
        if row["grade"] is not None:
            key = row["ledger"], row["grade"], row["category"]
            found.sorts[key] = Sort(count, row["outside"], row["inside"], row["pending"])
        elif row["ledger"] is not None:
            found.by_ledger[row["ledger"]] = count
        elif row["category"] is not None:
            found.by_category[row["category"]] = count
        else:
            found.members = count.members
    return found


async def members_of(past: Past, on: date) -> list[asyncpg.Record]:
    """The organisation's members, those who were erased since as well; who is exempt on the day."""
    return await past.connection.fetch(
        _MEMBERS.format(column=past.column), past.position, past.organisations, on
    )
