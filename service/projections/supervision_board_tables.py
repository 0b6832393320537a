"""The tables of `supervision_board`: who owes since when, what was done and reminded of."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from service.projections.fence import belonging
from service.projections.view import Table


@dataclass(slots=True)
class OrganisationRow:
    organisation_id: str
    kind: str
    name: str
    line: list[str]
    """Itself, its parent, and so on up to the root."""
    position: int
    """Of its registration: a number that stands for it in a place on a list."""
    owing_since: date | None
    """The day from which on it owes anything: it was registered, or, of a committee, its first
    branch was. None for a committee without branches, which has nothing to consolidate."""


@dataclass(slots=True)
class DutyRow:
    """One task of one organisation for one period, once it is done or reminded of."""

    duty_id: str
    done_on: date | None = None
    """The day on which it reached the record, whatever day was stated: lateness is not talked
    away."""
    reminders: int = 0
    reminded_on: date | None = None


@dataclass(slots=True)
class MemberRow:
    member_id: str
    community_id: str | None = None
    """Where the member is registered."""


@dataclass(slots=True)
class EntryRow:
    """A participation, and which feedback it calls for: none once it is voided."""

    participation_id: str
    member_id: str
    feedback_id: str | None


@dataclass(slots=True)
class FeedbackRow:
    feedback_id: str
    community_id: str
    member_id: str
    quarter: str
    entries: int = 0
    """Participations that the community recorded and that began in the quarter."""
    given_on: date | None = None


@dataclass(slots=True)
class DiscrepancyRow:
    discrepancy_id: str
    branch_id: str
    member_id: str
    found_on: date
    resolved: bool = False


ORGANISATIONS = Table(
    "board_organisation",
    OrganisationRow,
    "organisation_id text PRIMARY KEY, kind text NOT NULL, name text NOT NULL,"
    " line text[] NOT NULL, position bigint NOT NULL, owing_since date",
)
DUTIES = Table(
    "board_duty",
    DutyRow,
    "duty_id text PRIMARY KEY, done_on date, reminders integer NOT NULL, reminded_on date",
)
MEMBERS = Table(
    "board_member",
    MemberRow,
    "member_id text PRIMARY KEY, community_id text",
    fence=belonging("community_id"),
)
ENTRIES = Table(
    "board_entry",
    EntryRow,
    "participation_id text PRIMARY KEY, member_id text NOT NULL, feedback_id text",
    # It is only there to be folded: a correction may move an entry to another quarter.
    fence="false",
)
FEEDBACK = Table(
    "board_feedback",
    FeedbackRow,
    "feedback_id text PRIMARY KEY, community_id text NOT NULL, member_id text NOT NULL,"
    " quarter text NOT NULL, entries integer NOT NULL, given_on date",
    ("(quarter, community_id)",),
    belonging("community_id"),
)
DISCREPANCIES = Table(
    "board_discrepancy",
    DiscrepancyRow,
    "discrepancy_id text PRIMARY KEY, branch_id text NOT NULL, member_id text NOT NULL,"
    " found_on date NOT NULL, resolved boolean NOT NULL",
    ("(branch_id) WHERE NOT resolved",),
    belonging("branch_id"),
)
TABLES: tuple[Table[Any], ...] = (
    ORGANISATIONS,
    DUTIES,
    MEMBERS,
    ENTRIES,
    FEEDBACK,
    DISCREPANCIES,
)
ABOUT_MEMBERS: tuple[Table[Any], ...] = (MEMBERS, ENTRIES, FEEDBACK, DISCREPANCIES)
