"""查验清单的准备: the views that a branch's monthly list is made of, read at one position."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.api.history import history
from service.api.reads import ViewBehind, reached
from service.api.serving import Serving
from service.domain.branch_supervision import BranchSupervision
from service.domain.event import SHANGHAI
from service.domain.organisation import OrganisationRegistered, Organisations
from service.domain.period import Month
from service.projections import membership, off_duty_record
from service.projections.inspection_worksheet import BranchRecord
from service.projections.membership import Membership
from service.projections.off_duty_record import Record, recorded_after
from service.projections.view import Sight

_ATTEMPTS = 5


async def branch_record(serving: Serving, branch_id: str, month: Month) -> BranchRecord:
    """What the list of a month is prepared from, as the branch sees it; ViewBehind.

    Two views are read, each of which moves by itself. What they say is as of one position when
    nothing that concerns these members happened between the positions they stand at; otherwise
    they are read again.
    """
    sight = Sight(serving.log.fenced, branch_id)
    supervision = BranchSupervision()
    for recorded in await history(serving.log, BranchSupervision.about(branch_id)):
        recorded.event.mutate(supervision)
    before = supervision.looked_before(month)
    years = (month.year,) if before is None else (month.year, month.year - 1)
    await reached(serving, membership.VIEW, await serving.log.head())
    for _ in range(_ATTEMPTS):
        members, position = await _members(sight, branch_id)
        await reached(serving, off_duty_record.VIEW, position)
        recently = frozenset[str]()
        if before is not None:
            recently = await recorded_after(sight, [each.member_id for each in members], before)
        asked = [(each.member_id, year) for each in members for year in years]
        records = await asyncio.gather(
            *(serving.records.read(member_id, year, branch_id) for member_id, year in asked)
        )
        entries: dict[str, list[dict[str, Any]]] = {each.member_id: [] for each in members}
        for (member_id, year), record in zip(asked, records, strict=True):
            if record is None:
                break
            if record.version > position:
                # The other view rests between its batches: to read it now would tell the same.
                await reached(serving, membership.VIEW, record.version)
                break
            entries[member_id] += _begun_in(record, year)
        else:
            return BranchRecord(members, entries, recently, supervision, position)
    raise ViewBehind(headers={"Retry-After": "1"})


async def with_names(serving: Serving, record: BranchRecord) -> BranchRecord:
    """The same with the names of the communities where the members are registered."""
    communities = dict.fromkeys(
        each.registration.community_id for each in record.members if each.registration
    )
    if not communities:
        return record
    found = await history(serving.log, *map(Organisations.about, communities))
    events = (each.event for each in found)
    names = {e.organisation_id: e.name for e in events if isinstance(e, OrganisationRegistered)}
    return replace(record, names=names)


async def _members(sight: Sight, branch_id: str) -> tuple[list[Membership], int]:
    """Everybody in the branch, and the position they were read at."""
    members: list[Membership] = []
    while True:
        after: int | None = 0
        members.clear()
        positions = set()
        while after is not None:
            page = await membership.members_of_branch(sight, branch_id, after=after)
            members += page.items
            positions.add(page.as_of_position)
            after = page.next_after
        if len(positions) == 1:
            return members, positions.pop()


def _begun_in(record: Record, year: int) -> list[dict[str, Any]]:
    """The entries that began in the year: one over New Year is in the records of both."""
    entries = record.entries()
    return [
        each
        for each in entries
        if datetime.fromisoformat(each["starts_at"]).astimezone(SHANGHAI).year == year
    ]
