"""季报、汇总与半年总结: what was reported, and what was amended since (R23, R24).

Each event adds its own row and none is ever changed: a report stays as it was, and its amendments
stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel

from service.domain.consolidation import QuarterConsolidated, SymposiumHeld
from service.domain.event import SHANGHAI
from service.domain.half_year_summary import HalfYearSummarised
from service.domain.organisation import OrganisationRegistered
from service.domain.period import Half, Quarter
from service.domain.quarterly_report import QuarterlyReportAmended, QuarterReported
from service.eventstore.mapping import Recorded
from service.projections.reports_tables import (
    AMENDMENTS,
    CONSOLIDATIONS,
    ORGANISATIONS,
    REPORTS,
    SUMMARIES,
    SYMPOSIUMS,
    TABLES,
    AmendmentRow,
    ConsolidationRow,
    OrganisationRow,
    ReportRow,
    SummaryRow,
    SymposiumRow,
)
from service.projections.view import Build, Folds, Table, View


@dataclass(slots=True)
class _State:
    """The rows of a batch, by table."""

    added: dict[Table[Any], list[Any]] = field(
        default_factory=lambda: {table: [] for table in TABLES}
    )


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    state = _State()
    _folds.fold(state, _folds.relevant(batch))
    for table, rows in state.added.items():
        await build.append(table, rows)


VIEW = View("reports", version=1, tables=TABLES, apply=_apply, concerned=_folds.concern)


def _json(figures: BaseModel | Sequence[BaseModel]) -> str:
    if isinstance(figures, BaseModel):
        return figures.model_dump_json()
    return orjson.dumps([each.model_dump(mode="json") for each in figures]).decode()


def _moment(recorded: Recorded) -> datetime:
    return recorded.occurred_at.astimezone(SHANGHAI)


@_folds.on(OrganisationRegistered)
def _(state: _State, event: OrganisationRegistered, at: Recorded) -> None:
    state.added[ORGANISATIONS].append(
        OrganisationRow(
            event.organisation_id,
            event.parent_id,
            event.kind.value,
            [event.organisation_id, *event.ancestors],
            at.recorded_at.astimezone(SHANGHAI).date(),
            at.position,
        )
    )


@_folds.on(QuarterReported)
def _(state: _State, event: QuarterReported, at: Recorded) -> None:
    state.added[REPORTS].append(
        ReportRow(
            event.report_id,
            at.position,
            event.branch_id,
            event.committee_id,
            event.quarter,
            event.as_of_position,
            event.calendar,
            _json(event.figures),
            event.narrative,
            event.reported_by,
            _moment(at),
        )
    )


@_folds.on(QuarterlyReportAmended)
def _(state: _State, event: QuarterlyReportAmended, at: Recorded) -> None:
    state.added[AMENDMENTS].append(
        AmendmentRow(
            f"{event.report_id}/{event.number}",
            event.report_id,
            event.branch_id,
            event.quarter,
            event.number,
            at.position,
            event.as_of_position,
            event.calendar,
            _json(event.service),
            _json(event.differences),
            _moment(at),
        )
    )


@_folds.on(QuarterConsolidated)
def _(state: _State, event: QuarterConsolidated, at: Recorded) -> None:
    state.added[CONSOLIDATIONS].append(
        ConsolidationRow(
            event.consolidation_id,
            at.position,
            event.committee_id,
            event.authority_id,
            event.quarter,
            list(event.report_ids),
            list(event.amendments),
            event.as_of_position,
            _json(event.figures),
            event.narrative,
            event.consolidated_by,
            _moment(at),
        )
    )


@_folds.on(SymposiumHeld)
def _(state: _State, event: SymposiumHeld, at: Recorded) -> None:
    state.added[SYMPOSIUMS].append(
        SymposiumRow(
            event.symposium_id,
            at.position,
            event.committee_id,
            event.quarter,
            event.held_on,
            event.attendees,
            list(event.present),
            event.conclusions,
            event.held_by,
        )
    )


@_folds.on(HalfYearSummarised)
def _(state: _State, event: HalfYearSummarised, at: Recorded) -> None:
    months = Half.parse(event.half).months
    state.added[SUMMARIES].append(
        SummaryRow(
            event.summary_id,
            at.position,
            event.organisation_id,
            event.above_id,
            event.half,
            list(dict.fromkeys(str(Quarter.of_day(each.first_day)) for each in months)),
            event.as_of_position,
            event.calendar,
            _json(event.figures),
            event.narrative,
            event.summarised_by,
            _moment(at),
        )
    )
