"""Reads of `reports`: one document, or those of an organisation and everything under it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg
import orjson

from service.domain.event import SHANGHAI
from service.projections.model import Answer
from service.projections.reports import VIEW
from service.projections.reports_model import (
    ConsolidatedReport,
    HalfYearSummary,
    QuarterlyReport,
    Symposium,
)
from service.projections.view import Seen, reading

Document = TypeVar("Document", bound=Answer)


@dataclass(frozen=True, slots=True)
class DocumentPage(Generic[Document]):
    """One page of a list, in the order in which the documents were recorded."""

    items: list[Document]
    next_after: int | None
    as_of_position: int


@dataclass(frozen=True, slots=True)
class Kind(Generic[Document]):
    """Where the documents of a kind stand, and as what they are shown."""

    shown: type[Document]
    table: str
    key: str
    owner: str
    """The column of the organisation whose document it is."""
    period: str
    """The column of the period it is about."""
    amended: str = ""
    """Which amendments ``a`` are shown beside a document ``d``."""

    @property
    def select(self) -> str:
        """SQL for documents ``d`` with their amendments."""
        amended = f"({_AMENDMENTS} WHERE {self.amended})" if self.amended else "NULL"
        return f"SELECT d.*, {amended} AS amended FROM views.{self.table} d"  # noqa: S608 - our own words


_AMENDMENTS = """
SELECT json_agg(json_build_object(
    'report_id', a.report_id, 'branch_id', a.branch_id, 'number', a.number,
    'position', a.position, 'as_of_position', a.as_of_position, 'calendar', a.calendar,
    'amended_at', a.amended_at,
    'service', a.service, 'differences', a.differences) ORDER BY a.position)
FROM views.report_amendment a
"""
_UNDER = "(SELECT organisation_id FROM views.report_organisation WHERE line @> ARRAY[{}])"

REPORT = Kind(
    QuarterlyReport,
    "report_quarter",
    "report_id",
    "branch_id",
    "quarter",
    "a.report_id = d.report_id",
)
CONSOLIDATION = Kind(
    ConsolidatedReport,
    "report_consolidation",
    "consolidation_id",
    "committee_id",
    "quarter",
    # Those that are not counted in.
    "EXISTS (SELECT FROM unnest(d.report_ids, d.amendments) AS counted (report_id, number)"
    " WHERE counted.report_id = a.report_id AND counted.number < a.number)",
)
SYMPOSIUM = Kind(Symposium, "report_symposium", "symposium_id", "committee_id", "quarter")
SUMMARY = Kind(
    HalfYearSummary,
    "report_summary",
    "summary_id",
    "organisation_id",
    "half",
    # Those that know more than the summary did.
    "a.as_of_position > d.as_of_position AND a.quarter = ANY (d.quarters)"
    f" AND a.branch_id IN {_UNDER.format('d.organisation_id')}",
)


async def find(seen: Seen, kind: Kind[Document], document_id: str) -> tuple[Document, int] | None:
    """A document and the position the view stands at; None if there is no such document."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(f"{kind.select} WHERE d.{kind.key} = $1", document_id)
    return None if row is None else (_shown(kind, row), position)


async def under(
    seen: Seen,
    kind: Kind[Document],
    organisation_id: str,
    period: str | None = None,
    *,
    after: int = 0,
    limit: int = 200,
) -> DocumentPage[Document]:
    """The documents of an organisation and everything under it; only those of a period if asked."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            f"{kind.select} WHERE d.{kind.owner} IN {_UNDER.format('$1')} AND d.position > $2"
            f" AND ($4::text IS NULL OR d.{kind.period} = $4) ORDER BY d.position LIMIT $3",
            organisation_id,
            after,
            limit + 1,
            period,
        )
    return DocumentPage(
        items=[_shown(kind, row) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


def _shown(kind: Kind[Document], row: asyncpg.Record) -> Document:
    """The document as it is shown."""
    values = {name: _value(name, value) for name, value in row.items()}
    amendments = orjson.loads(values["amended"] or "[]")
    for each in amendments:
        each["amended_at"] = _local(datetime.fromisoformat(each["amended_at"]))
    counted = zip(values.get("report_ids", ()), values.get("amendments", ()), strict=True)
    shown = values | {
        "amendments": amendments,
        "reports": [{"report_id": each, "amendments": number} for each, number in counted],
    }
    return kind.shown(**{name: shown[name] for name in kind.shown.model_fields})


def _value(name: str, value: Any) -> Any:
    if name == "figures":
        return orjson.loads(value)
    return _local(value) if isinstance(value, datetime) else value


def _local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
