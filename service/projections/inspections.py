"""月查与走访: what branches inspected and found, and which communities units visited (R22, R25).

Notes about members stay sealed here; `inspections_answer` says how it is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson

from service.domain.community_visit import CommunityVisited
from service.domain.inspection import (
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyResolved,
    InspectionConfirmed,
)
from service.domain.objection import ObjectionSubject
from service.eventstore.mapping import Recorded
from service.projections.disputed import marking, objected_to
from service.projections.fence import belonging
from service.projections.view import Build, Folds, Table, View


@dataclass(slots=True)
class InspectionRow:
    inspection_id: str
    position: int
    branch_id: str
    month: str
    certificates: int
    entries: int
    unendorsed: int
    exempt: int
    talks: bytes
    list_position: int
    """The position the list was prepared at."""
    confirmed_by: str
    confirmed_at: datetime
    found: int = 0
    dismissed: int = 0


@dataclass(slots=True)
class DiscrepancyRow:
    discrepancy_id: str
    position: int
    inspection_id: str
    branch_id: str
    member_id: str
    participation_id: str | None
    kind: str
    state: str
    note: str | None
    found_at: datetime
    reason_code: str | None = None
    resolution: str | None = None
    resolution_note: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    disputed: bool = False


@dataclass(slots=True)
class VisitRow:
    visit_id: str
    position: int
    organisation_id: str
    community_id: str
    visited_on: date
    note: str | None
    visited_by: str


INSPECTIONS = Table(
    "inspection",
    InspectionRow,
    """
    inspection_id text PRIMARY KEY,
    position bigint NOT NULL,
    branch_id text NOT NULL,
    month text NOT NULL,
    certificates integer NOT NULL,
    entries integer NOT NULL,
    unendorsed integer NOT NULL,
    exempt integer NOT NULL,
    talks bytea NOT NULL,
    list_position bigint NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    found integer NOT NULL,
    dismissed integer NOT NULL
    """,
    ("(branch_id, position)",),
    belonging("branch_id"),
)
DISCREPANCIES = Table(
    "inspection_discrepancy",
    DiscrepancyRow,
    """
    discrepancy_id text PRIMARY KEY,
    position bigint NOT NULL,
    inspection_id text NOT NULL,
    branch_id text NOT NULL,
    member_id text NOT NULL,
    participation_id text,
    kind text NOT NULL,
    state text NOT NULL,
    note text,
    found_at timestamptz NOT NULL,
    reason_code text,
    resolution text,
    resolution_note text,
    resolved_by text,
    resolved_at timestamptz,
    disputed boolean NOT NULL
    """,
    ("(branch_id, position)", "(inspection_id)", "(member_id)"),
    belonging("branch_id"),
)
VISITS = Table(
    "community_visit",
    VisitRow,
    """
    visit_id text PRIMARY KEY,
    position bigint NOT NULL,
    organisation_id text NOT NULL,
    community_id text NOT NULL,
    visited_on date NOT NULL,
    note text,
    visited_by text NOT NULL
    """,
    ("(organisation_id, position)", "(community_id)"),
)


@dataclass(slots=True)
class _State:
    inspections: dict[str, InspectionRow]
    discrepancies: dict[str, DiscrepancyRow]
    visits: dict[str, VisitRow] = field(default_factory=dict)


_folds = Folds[_State]()
marking(_folds, ObjectionSubject.DISCREPANCY, lambda state: state.discrepancies)


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    about_one = (DiscrepancyFound, DiscrepancyDismissed)
    resolved = _folds.ids(batch, "discrepancy_id", DiscrepancyResolved)
    disputed = objected_to(batch, ObjectionSubject.DISCREPANCY)
    state = _State(
        await build.load(INSPECTIONS, _folds.ids(batch, "inspection_id", *about_one)),
        await build.load(DISCREPANCIES, resolved | disputed),
    )
    _folds.fold(state, batch)
    await build.save(INSPECTIONS, state.inspections)
    await build.save(DISCREPANCIES, state.discrepancies)
    await build.save(VISITS, state.visits)


VIEW = View(
    "inspections",
    version=2,
    tables=(INSPECTIONS, DISCREPANCIES, VISITS),
    apply=_apply,
    about_members=(DISCREPANCIES,),
    concerned=_folds.concern,
)


@_folds.on(InspectionConfirmed)
def _(state: _State, event: InspectionConfirmed, at: Recorded) -> None:
    state.inspections[event.inspection_id] = InspectionRow(
        event.inspection_id,
        at.position,
        event.branch_id,
        event.month,
        event.certificates,
        event.entries,
        event.unendorsed,
        event.exempt,
        orjson.dumps([each.model_dump(mode="json") for each in event.talks]),
        event.as_of_position,
        event.confirmed_by,
        at.occurred_at,
    )


def _discrepancy(
    event: DiscrepancyFound | DiscrepancyDismissed, at: Recorded, state: str
) -> DiscrepancyRow:
    return DiscrepancyRow(
        event.discrepancy_id,
        at.position,
        event.inspection_id,
        event.branch_id,
        event.member_id,
        event.participation_id,
        event.kind.value,
        state,
        None,
        at.occurred_at,
    )


@_folds.on(DiscrepancyFound)
def _(state: _State, event: DiscrepancyFound, at: Recorded) -> None:
    row = _discrepancy(event, at, "open")
    row.note = event.note
    state.discrepancies[event.discrepancy_id] = row
    state.inspections[event.inspection_id].found += 1


@_folds.on(DiscrepancyDismissed)
def _(state: _State, event: DiscrepancyDismissed, at: Recorded) -> None:
    row = _discrepancy(event, at, "dismissed")
    row.reason_code = event.reason_code.value
    state.discrepancies[event.discrepancy_id] = row
    state.inspections[event.inspection_id].dismissed += 1


@_folds.on(DiscrepancyResolved)
def _(state: _State, event: DiscrepancyResolved, at: Recorded) -> None:
    row = state.discrepancies.get(event.discrepancy_id)
    if row is None:  # of an erased member
        return
    row.state = "resolved"
    row.resolution, row.resolution_note = event.resolution.value, event.note
    row.resolved_by, row.resolved_at = event.resolved_by, at.occurred_at


@_folds.on(CommunityVisited)
def _(state: _State, event: CommunityVisited, at: Recorded) -> None:
    state.visits[event.visit_id] = VisitRow(
        event.visit_id,
        at.position,
        event.organisation_id,
        event.community_id,
        event.visited_on,
        event.note,
        event.visited_by,
    )
