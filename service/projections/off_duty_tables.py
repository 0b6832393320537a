"""The tables of `off_duty_record`; off_duty_folds.py says how each event changes them.

What is kept are facts, not minutes: those are computed at the moment of reading, so that a calendar
that is published later, or a timetable adopted in arrears, needs no event to be looked at again.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.projections.fence import belonging, of_member
from service.projections.view import Table

Document = dict[str, Any]
"""Facts as JSON: ids, words of the domain, and moments as text with their offset."""


@dataclass(slots=True)
class Member:
    """A member's document: registration, leaves and shifts."""

    member_id: str
    branch_id: str
    community_id: str | None
    """Where the member is registered or waits for the answer."""
    changed: int
    """Position of the last event about it."""
    document: bytes


@dataclass(slots=True)
class Entry:
    """One participation: where it belongs, and a document of all that was said about it."""

    participation_id: str
    member_id: str
    position: int
    """Of the first recording: of two that overlap the one recorded first keeps the minutes."""
    starts_at: datetime
    ends_at: datetime
    changed: int
    """Position of the last event about it."""
    document: bytes


@dataclass(slots=True)
class BranchTimetable:
    """The hours a branch adopted, as a JSON list of pairs of local times."""

    timetable_id: str
    branch_id: str
    position: int
    valid_from: date
    hours: bytes


MEMBERS = Table(
    "off_duty_member",
    Member,
    """
    member_id text PRIMARY KEY,
    branch_id text NOT NULL,
    community_id text,
    changed bigint NOT NULL,
    document bytea NOT NULL
    """,
    fence=belonging("branch_id", "community_id"),
)
ENTRIES = Table(
    "off_duty_entry",
    Entry,
    """
    participation_id text PRIMARY KEY,
    member_id text NOT NULL,
    position bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    changed bigint NOT NULL,
    document bytea NOT NULL
    """,
    ("(member_id, starts_at)", "(member_id, changed)"),
    of_member("off_duty_member", "off_duty_entry"),
)
TIMETABLES = Table(
    "off_duty_timetable",
    BranchTimetable,
    """
    timetable_id text PRIMARY KEY,
    branch_id text NOT NULL,
    position bigint NOT NULL,
    valid_from date NOT NULL,
    hours bytea NOT NULL
    """,
    ("(branch_id, position)", "(position)"),
)
TABLES: tuple[Table[Any], ...] = (MEMBERS, ENTRIES, TIMETABLES)


def registered_with(registration: Document | None) -> str | None:
    """The community a member is registered with or waits for, from the member's document."""
    if registration is None or registration["state"] not in {"waiting", "accepted"}:
        return None
    community_id: str = registration["community_id"]
    return community_id
