"""Who has to report what: the tree of units as of a position (R23, R24).

An organisation owes nothing for a period that was over when it reached the record, and a committee
nothing for one in which it had no branch. Once a period is over nobody is added any more.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from service.domain.half_year_summary import Owed
from service.domain.organisation import OrganisationKind
from service.domain.period import Half, Quarter
from service.projections.reports import VIEW
from service.projections.view import Seen, reading


class Unit(NamedTuple):
    """One organisation of a tree."""

    organisation_id: str
    parent_id: str | None
    kind: OrganisationKind
    registered_on: date


async def tree_of(seen: Seen, organisation_id: str, position: int) -> list[Unit]:
    """The organisation and everything under it that the log had up to a position."""
    async with reading(seen, VIEW) as (connection, _):
        rows = await connection.fetch(
            "SELECT organisation_id, parent_id, kind, registered_on FROM views.report_organisation"
            " WHERE line @> ARRAY[$1] AND position <= $2 ORDER BY position",
            organisation_id,
            position,
        )
    return [
        Unit(row["organisation_id"], row["parent_id"], OrganisationKind(row["kind"]), row[3])
        for row in rows
    ]


def branches(tree: Iterable[Unit]) -> list[str]:
    """Every branch of a tree."""
    return [each.organisation_id for each in tree if each.kind is OrganisationKind.BRANCH]


def reporting(tree: Sequence[Unit], committee_id: str, quarter: Quarter) -> list[str]:
    """The branches right under an organisation that report the quarter to it."""
    return branches(
        each
        for each in tree
        if each.parent_id == committee_id and each.registered_on <= quarter.last_day
    )


def owed(tree: Sequence[Unit], organisation_id: str, half: Half) -> list[Owed]:
    """What a summary of the half-year rests on.

    A branch's own reports, a committee's own consolidations; of an organisation department those of
    everybody right under it.
    """
    top = next(each for each in tree if each.organisation_id == organisation_id)
    if top.kind is OrganisationKind.PERSONNEL_AUTHORITY:
        owing = [each for each in tree if each.parent_id == organisation_id]
    else:
        owing = [top]
    quarters = dict.fromkeys(Quarter.of_day(month.first_day) for month in half.months)
    return [
        Owed(each.organisation_id, quarter)
        for each in owing
        for quarter in quarters
        if _owes(tree, each, quarter)
    ]


def _owes(tree: Sequence[Unit], unit: Unit, quarter: Quarter) -> bool:
    if unit.kind is OrganisationKind.BRANCH:
        return unit.registered_on <= quarter.last_day
    if unit.kind is OrganisationKind.AGENCY_COMMITTEE:
        return bool(reporting(tree, unit.organisation_id, quarter))
    return False
