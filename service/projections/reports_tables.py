"""The tables of `reports`: what was reported, amended, consolidated, talked over and summarised.

None of them holds anything about a member, so none has a fence; who reads what of an organisation
is decided in the API. Figures are kept as the events have them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.projections.view import Table


@dataclass(slots=True)
class OrganisationRow:
    organisation_id: str
    parent_id: str | None
    kind: str
    line: list[str]
    """Itself, its parent, and so on up to the root."""
    registered_on: date
    """When it reached the record."""
    position: int


@dataclass(slots=True)
class ReportRow:
    report_id: str
    position: int
    branch_id: str
    committee_id: str
    quarter: str
    as_of_position: int
    calendar: str | None
    figures: str
    narrative: str | None
    reported_by: str
    reported_at: datetime


@dataclass(slots=True)
class AmendmentRow:
    amendment_id: str
    report_id: str
    branch_id: str
    quarter: str
    number: int
    position: int
    as_of_position: int
    calendar: str | None
    service: str
    differences: str
    amended_at: datetime


@dataclass(slots=True)
class ConsolidationRow:
    consolidation_id: str
    position: int
    committee_id: str
    authority_id: str | None
    quarter: str
    report_ids: list[str]
    amendments: list[int]
    """How many of each report's amendments are counted in."""
    as_of_position: int
    figures: str
    narrative: str | None
    consolidated_by: str
    consolidated_at: datetime


@dataclass(slots=True)
class SymposiumRow:
    symposium_id: str
    position: int
    committee_id: str
    quarter: str
    held_on: date
    attendees: int
    present: list[str]
    conclusions: str
    held_by: str


@dataclass(slots=True)
class SummaryRow:
    summary_id: str
    position: int
    organisation_id: str
    above_id: str | None
    half: str
    quarters: list[str]
    as_of_position: int
    calendar: str | None
    figures: str
    narrative: str | None
    summarised_by: str
    summarised_at: datetime


ORGANISATIONS = Table(
    "report_organisation",
    OrganisationRow,
    """
    organisation_id text PRIMARY KEY,
    parent_id text,
    kind text NOT NULL,
    line text[] NOT NULL,
    registered_on date NOT NULL,
    position bigint NOT NULL
    """,
    ("USING gin (line)",),
)
REPORTS = Table(
    "report_quarter",
    ReportRow,
    """
    report_id text PRIMARY KEY,
    position bigint NOT NULL,
    branch_id text NOT NULL,
    committee_id text NOT NULL,
    quarter text NOT NULL,
    as_of_position bigint NOT NULL,
    calendar text,
    figures json NOT NULL,
    narrative text,
    reported_by text NOT NULL,
    reported_at timestamptz NOT NULL
    """,
    ("(branch_id, quarter)",),
)
AMENDMENTS = Table(
    "report_amendment",
    AmendmentRow,
    """
    amendment_id text PRIMARY KEY,
    report_id text NOT NULL,
    branch_id text NOT NULL,
    quarter text NOT NULL,
    number integer NOT NULL,
    position bigint NOT NULL,
    as_of_position bigint NOT NULL,
    calendar text,
    service json NOT NULL,
    differences json NOT NULL,
    amended_at timestamptz NOT NULL
    """,
    ("(report_id, number)", "(branch_id, quarter)"),
)
CONSOLIDATIONS = Table(
    "report_consolidation",
    ConsolidationRow,
    """
    consolidation_id text PRIMARY KEY,
    position bigint NOT NULL,
    committee_id text NOT NULL,
    authority_id text,
    quarter text NOT NULL,
    report_ids text[] NOT NULL,
    amendments integer[] NOT NULL,
    as_of_position bigint NOT NULL,
    figures json NOT NULL,
    narrative text,
    consolidated_by text NOT NULL,
    consolidated_at timestamptz NOT NULL
    """,
    ("(committee_id)",),
)
SYMPOSIUMS = Table(
    "report_symposium",
    SymposiumRow,
    """
    symposium_id text PRIMARY KEY,
    position bigint NOT NULL,
    committee_id text NOT NULL,
    quarter text NOT NULL,
    held_on date NOT NULL,
    attendees integer NOT NULL,
    present text[] NOT NULL,
    conclusions text NOT NULL,
    held_by text NOT NULL
    """,
    ("(committee_id)",),
)
SUMMARIES = Table(
    "report_summary",
    SummaryRow,
    """
    summary_id text PRIMARY KEY,
    position bigint NOT NULL,
    organisation_id text NOT NULL,
    above_id text,
    half text NOT NULL,
    quarters text[] NOT NULL,
    as_of_position bigint NOT NULL,
    calendar text,
    figures json NOT NULL,
    narrative text,
    summarised_by text NOT NULL,
    summarised_at timestamptz NOT NULL
    """,
    ("(organisation_id)",),
)
TABLES: tuple[Table[Any], ...] = (
    ORGANISATIONS,
    REPORTS,
    AMENDMENTS,
    CONSOLIDATIONS,
    SYMPOSIUMS,
    SUMMARIES,
)
