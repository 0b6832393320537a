"""What members did in a year or a period, as of any position: for reports and rule packs.

What an organisation is, and what is counted for it, says statistics_reading.py. `calendars` are
those that come with us unless an operator has others.
"""

from collections.abc import Sequence
from datetime import date

from service.domain.member_year import MemberYear
from service.domain.period import Month
from service.domain.report_figures import ServedFigures, ServiceFigures, StandingFigures
from service.domain.working_time import Calendars
from service.projections.statistics_done import done
from service.projections.statistics_folds import VIEW
from service.projections.statistics_reading import Count, asking, members_of, service_of
from service.projections.statistics_tables import ERASED
from service.projections.view import Seen, reading

_UNENDORSED = """
SELECT count(*)::int FROM views.statistics_entry e
WHERE e.{column} = ANY ($2) AND e.since <= $1 AND e.until > $1 AND e.waiting AND e.times = 1
    AND e.day BETWEEN $3 AND $4
"""


async def member_years(
    seen: Seen,
    organisation_id: str,
    year: int,
    on: date,
    position: int | None = None,
    calendars: Calendars | None = None,
) -> tuple[list[MemberYear], int]:
    """The year of each of the organisation's members, by member, and the position it is as of.

    ``on`` is the day on which it is judged who is exempt. Members who have been erased are not
    among them, whenever they were members: of them there are only numbers.
    """
    async with asking(seen, organisation_id, None, position) as past:
        if past is None:
            return [], 0
        found = (await done(past, year, on, calendars)).years()
        return [each for each in found if not each.member_id.startswith(ERASED)], past.position


async def period_figures(
    seen: Seen,
    organisation_id: str,
    months: Sequence[Month],
    on: date,
    position: int | None = None,
    calendars: Calendars | None = None,
) -> tuple[StandingFigures, ServiceFigures, int]:
    """What a report of these consecutive months counts, and the position it is as of."""
    first, last = months[0].first_day, months[-1].last_day
    async with asking(seen, organisation_id, None, position) as past:
        if past is None:
            raise LookupError(organisation_id)
        members = await members_of(past, on)
        found = await service_of(past, first, last, calendars)
        unendorsed: int = await past.connection.fetchval(
            _UNENDORSED.format(column=past.column), past.position, past.organisations, first, last
        )
    counted = [each for each in members if not each["exempt"]]
    nobody = Count(0, 0)
    return (
        StandingFigures(
            members=len(members),
            exempt=len(members) - len(counted),
            registered=sum(each["registered"] for each in counted),
        ),
        ServiceFigures(
            members=found.members,
            members_duty=found.by_ledger.get("duty", nobody).members,
            members_voluntary=found.by_ledger.get("voluntary", nobody).members,
            served=tuple(
                ServedFigures(
                    ledger=ledger,
                    grade=grade,
                    category=category,
                    times=each.counted.times,
                    outside_minutes=each.outside_minutes,
                )
                for (ledger, grade, category), each in found.sorts.items()
            ),
            inside_minutes=sum(each.inside_minutes for each in found.sorts.values()),
            pending_minutes=sum(each.pending_minutes for each in found.sorts.values()),
            unendorsed=unendorsed,
        ),
        past.position,
    )


async def counting_events(
    seen: Seen, member_id: str, year: int, position: int | None = None
) -> list[str]:
    """The events that endorsed what counts for the member's year, in the order it was done."""
    async with reading(seen, VIEW) as (connection, head):
        rows = await connection.fetch(
            "SELECT e.endorsement FROM views.statistics_entry e"
            " WHERE e.member_id = $2 AND e.since <= $1 AND e.until > $1"
            " AND e.endorsement IS NOT NULL AND e.day BETWEEN $3 AND $4"
            " GROUP BY e.endorsement, e.starts_at, e.position ORDER BY e.starts_at, e.position",
            head if position is None else min(position, head),
            member_id,
            date(year, 1, 1),
            date(year, 12, 31),
        )
    return [row[0] for row in rows]
