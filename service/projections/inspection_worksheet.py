"""查验清单: what a branch looks at in a month, prepared from the record (R22).

Made of what `membership` and `off_duty_record` say at one position; nothing is kept. Who needs a
closer look comes first, so that a secretary reads from the top and may stop.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.domain.branch_supervision import BranchSupervision
from service.domain.event import SHANGHAI
from service.domain.evidence import month_closes_at
from service.domain.inspecting import Finding, PreparedList
from service.domain.inspection import DiscrepancyKind, discrepancy_id
from service.domain.period import Month, Task
from service.projections.inspection_worksheet_answer import (
    ListedCommunity,
    ListedDiscrepancy,
    ListedEntry,
    ListedMember,
    ListTotals,
    Worksheet,
)
from service.projections.inspections_answer import Discrepancy
from service.projections.membership import Membership

Entry = Mapping[str, Any]
"""An entry as `off_duty_answer.Entry` declares it."""


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """What a list is prepared from, as of a position."""

    members: Sequence[Membership]
    """Whose formal membership the branch holds."""
    entries: Mapping[str, Sequence[Entry]]
    """Of each member."""
    recently: frozenset[str]
    """Participations that were recorded since the inspection before."""
    supervision: BranchSupervision
    position: int
    still_open: Mapping[str, list[Discrepancy]] = field(default_factory=dict)
    """What earlier inspections left open, by member."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of communities."""


def worksheet(branch_id: str, month: Month, record: BranchRecord) -> Worksheet:
    """The list of a branch and month."""
    listed = sorted((_member(each, month, record) for each in record.members), key=_urgency)
    shown = [entry for member in listed for entry in member.entries]
    return Worksheet(
        branch_id=branch_id,
        month=str(month),
        due_on=Task.INSPECTION.due_on(month),
        inspection_id=record.supervision.inspected.get(month),
        totals=ListTotals(
            members=len(listed),
            certificates=sum(_valid(each) for each in listed),
            entries=len(shown),
            unendorsed=sum(each.state == "unendorsed" for each in shown),
            exempt=sum(each.exempt for each in listed),
            discrepancies=sum(len(each.discrepancies) for each in listed),
        ),
        communities=_communities(listed, record.names),
        members=listed,
        as_of_position=record.position,
    )


def prepared(sheet: Worksheet) -> PreparedList:
    """What the inspection keeps of the list."""
    return PreparedList(
        certificates=sheet.totals.certificates,
        entries=sheet.totals.entries,
        unendorsed=sheet.totals.unendorsed,
        exempt=sheet.totals.exempt,
        findings=tuple(
            Finding(
                discrepancy_id=each.discrepancy_id,
                member_id=member.member_id,
                kind=each.kind,
                participation_id=each.participation_id,
            )
            for member in sheet.members
            for each in member.discrepancies
        ),
        as_of_position=sheet.as_of_position,
    )


def _member(member: Membership, month: Month, record: BranchRecord) -> ListedMember:
    looked_at = {
        each["participation_id"]: each
        for each in sorted(record.entries[member.member_id], key=_order)
        if each["state"] != "voided" and _is_looked_at(each, month, record.recently)
    }
    discrepancies = [
        ListedDiscrepancy(
            discrepancy_id=key, participation_id=participation_id, kind=kind, word=kind.word
        )
        for participation_id, entry in looked_at.items()
        for kind in _kinds(entry, looked_at)
        if not record.supervision.answered(
            key := discrepancy_id(member.branch_id, participation_id, kind)
        )
    ]
    return ListedMember(
        member_id=member.member_id,
        member_no=member.member_no,
        name=member.name,
        certificate=member.certificate,
        registration_state=member.registration.state if member.registration else "none",
        community_id=(
            member.registration.community_id if member.registration and member.registered else None
        ),
        exempt=member.exempt_on(month.last_day),
        discrepancies=discrepancies,
        entries=[
            ListedEntry(
                **{name: each[name] for name in _TAKEN_OVER},
                earlier_month=_began(each) < month.first_day,
            )
            for each in looked_at.values()
        ],
        still_open=record.still_open.get(member.member_id, []),
    )


_TAKEN_OVER = ListedEntry.model_fields.keys() - {"earlier_month"}


def _is_looked_at(entry: Entry, month: Month, recently: frozenset[str]) -> bool:
    began = _began(entry)
    if began < month.first_day:
        return entry["participation_id"] in recently
    return began <= month.last_day


def _kinds(entry: Entry, looked_at: Mapping[str, Entry]) -> Iterator[DiscrepancyKind]:
    """What is to be looked into about one entry, in the order of `DiscrepancyKind`."""
    if entry["signed_in_at"] is not None and entry["signed_out_at"] is None:
        yield DiscrepancyKind.MISSING_SIGN_OUT
    if entry["inside_minutes"]:
        yield DiscrepancyKind.INSIDE_WORKING_TIME
    # Two that overlap are one thing to look into: it is told with the second.
    others = (looked_at.get(each) for each in entry["overlaps"])
    if any(each is None or _order(each) < _order(entry) for each in others):
        yield DiscrepancyKind.OVERLAP
    if _moment(entry["recorded_at"]) >= month_closes_at(_moment(entry["ends_at"])):
        yield DiscrepancyKind.LATE_ENTRY
    if entry["state"] == "unendorsed":
        yield DiscrepancyKind.UNENDORSED


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _began(entry: Entry) -> date:
    return _moment(entry["starts_at"]).astimezone(SHANGHAI).date()


def _order(entry: Entry) -> tuple[datetime, str]:
    return _moment(entry["starts_at"]), entry["participation_id"]


def _valid(member: ListedMember) -> bool:
    return member.certificate is not None and member.certificate.state == "valid"


def _urgency(member: ListedMember) -> tuple[int, str]:
    """Whom to look at first."""
    if member.discrepancies or member.still_open:
        rank = 0
    elif member.exempt:
        rank = 4
    elif not _valid(member) or member.community_id is None:
        rank = 1
    else:
        rank = 2 if member.entries else 3
    return rank, member.member_no


def _communities(
    members: Sequence[ListedMember], names: Mapping[str, str]
) -> list[ListedCommunity]:
    """Where the members are registered, the one with most of them first."""
    registered = Counter(each.community_id for each in members if each.community_id is not None)
    entries = [entry for member in members for entry in member.entries]
    recorded = Counter(each.community_id for each in entries)
    unendorsed = Counter(each.community_id for each in entries if each.state == "unendorsed")
    return [
        ListedCommunity(
            community_id=each,
            name=names.get(each, ""),
            members=registered[each],
            entries=recorded[each],
            unendorsed=unendorsed[each],
        )
        for each in sorted(registered, key=lambda each: (-registered[each], each))
    ]
