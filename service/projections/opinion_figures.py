"""What the record holds of a member, as it stands beside an opinion about them (R27).

Of the whole record, whatever period the community is asked about: it may not be told (R27), and
from figures of that period alone it could be seen. As of any position, so that anybody computes the
same again.
"""

from collections.abc import Sequence
from datetime import date

from service.domain.event import SHANGHAI
from service.domain.opinion import OpinionFigures
from service.domain.registration import RegistrationAccepted
from service.domain.working_time import Calendars
from service.eventstore.mapping import Recorded
from service.projections.statistics_folds import VIEW
from service.projections.statistics_reading import MINUTES, Worked
from service.projections.view import Seen, reading

__all__ = ["VIEW", "opinion_figures"]

_STANDING = (
    "FROM views.statistics_entry e"
    " WHERE e.member_id = $2 AND e.since <= $1 AND e.until > $1 AND e.endorsement IS NOT NULL"
)
_DAYS = f"SELECT min(e.day), max(e.day) {_STANDING}"
_SUMS = f"SELECT e.ledger, e.grade, {MINUTES} {_STANDING} GROUP BY e.ledger, e.grade"


async def opinion_figures(
    seen: Seen,
    member_id: str,
    community_id: str,
    position: int,
    accepted: Sequence[Recorded],
    calendars: Calendars,
) -> OpinionFigures:
    """The figures as of a position that the view has reached.

    ``accepted`` are the events that accepted a registration of the member, in order.
    """
    grades = dict.fromkeys("ABCD", 0)
    minutes = {"voluntary": 0, "duty": 0}
    async with reading(seen, VIEW) as (connection, _):
        [(first, last)] = await connection.fetch(_DAYS, position, member_id)
        worked = Worked([], []) if first is None else Worked.within(first, last, calendars)
        for row in await connection.fetch(_SUMS, position, member_id, worked.days, worked.years):
            grades[row["grade"]] += row["times"]
            minutes[row["ledger"]] += row["minutes"] - row["inside"] - row["pending"]
    since = _registered_since(accepted, community_id, position)
    return OpinionFigures(
        registered_since=None if since is None else since.isoformat(),
        **{f"grade_{grade.lower()}": times for grade, times in grades.items()},
        voluntary_minutes=minutes["voluntary"],
        duty_minutes=minutes["duty"],
        as_of_position=position,
    )


def _registered_since(
    accepted: Sequence[Recorded], community_id: str, position: int
) -> date | None:
    """The day on which the community last accepted a registration of the member."""
    found = None
    for each in accepted:
        event = each.event
        if (
            isinstance(event, RegistrationAccepted)
            and event.community_id == community_id
            and each.position <= position
        ):
            found = each.occurred_at.astimezone(SHANGHAI).date()
    return found
