"""The tables of `organisation_statistics`: every row says from which position to which it holds.

So the statistics as of any position are one query: rows with ``since <= position < until``. Only
what the log says is kept; which days are worked the reader knows from the calendars, so that one
that is published later needs no event to be looked at again (R21).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from service.domain.evidence import Grade
from service.domain.participation import Ledger
from service.projections.fence import belonging, of_member
from service.projections.view import Table

STANDS = 2**63 - 1
"""``until`` of a row that nothing has replaced."""

ERASED = "erased/"
"""What stands for a member who was erased begins with this; no member's id has such a sign."""


@dataclass(slots=True)
class Organisation:
    organisation_id: str
    name: str
    kind: str
    line: list[str]
    """Itself, its parent, and so on up to the root."""


@dataclass(slots=True)
class Member:
    member_id: str
    since: int
    branch_id: str
    community_id: str | None = None
    """Where the member is registered or waits for the answer."""
    registered: bool = False
    registered_at: datetime | None = None
    """When they presented themselves, if the community there has accepted them or has yet to."""
    deadline: datetime | None = None
    until: int = STANDS


@dataclass(slots=True)
class Exemption:
    exemption_id: str
    since: int
    member_id: str
    starts_on: date
    ends_on: date
    until: int = STANDS


class EntryRow(NamedTuple):
    """A participation as it stands, and what of it counts on one day, each minute once (R15)."""

    participation_id: str
    since: int
    until: int
    member_id: str
    position: int
    """Of the first recording: of two that overlap the one recorded first keeps the minutes."""
    recorded_at: datetime
    """Of the first recording, too."""
    branch_id: str
    community_id: str
    kind: str
    category: str
    ledger: Ledger
    grade: Grade
    """What it is worth as evidence once it is endorsed (R16)."""
    starts_at: datetime
    credited_from: datetime | None
    """What of it counts were it alone; None if nothing does."""
    credited_until: datetime | None
    endorsement: str | None
    """The event that endorses it as it stands."""
    waiting: bool
    """Nobody has answered for it."""
    day: date
    times: int
    """1 on the day it began, as it was recorded."""
    minutes: int
    inside_working: int
    """How many of them are inside working time if the day is a working day (R20)."""
    inside_otherwise: int
    """The same if it is not: those on a shift."""


class ServedRow(NamedTuple):
    """What a member did in a year for a branch and a community; statistics_served.py reads it."""

    member_id: str
    year: int
    branch_id: str
    community_id: str
    since: int
    until: int
    served: bytes


@dataclass(slots=True)
class Absences:
    """When the member was on leave or on a shift, as JSON lists of pairs of moments."""

    member_id: str
    leaves: bytes
    shifts: bytes


@dataclass(slots=True)
class Timetables:
    """The hours a branch adopted, in this order: a JSON list of a date and pairs of times."""

    branch_id: str
    adopted: bytes


@dataclass(slots=True)
class Post:
    service_post_id: str
    since: int
    community_id: str
    category: str


@dataclass(slots=True)
class Claim:
    """A claim while it holds a slot: it waits or is confirmed."""

    claim_id: str
    since: int
    service_post_id: str
    member_id: str
    branch_id: str
    until: int = STANDS


ORGANISATIONS = Table(
    "statistics_organisation",
    Organisation,
    """
    organisation_id text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    line text[] NOT NULL
    """,
)
MEMBERS = Table(
    "statistics_member",
    Member,
    """
    member_id text NOT NULL,
    since bigint NOT NULL,
    branch_id text NOT NULL,
    community_id text,
    registered boolean NOT NULL,
    registered_at timestamptz,
    deadline timestamptz,
    until bigint NOT NULL,
    PRIMARY KEY (member_id, since)
    """,
    ("(branch_id)", "(community_id)"),
    belonging("branch_id", "community_id"),
)
EXEMPTIONS = Table(
    "statistics_exemption",
    Exemption,
    """
    exemption_id text NOT NULL,
    since bigint NOT NULL,
    member_id text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (exemption_id, since)
    """,
    ("(member_id)",),
    of_member("statistics_member", "statistics_exemption"),
)
# The key begins with what entries are looked for by while they are folded: also a build that has
# no indexes yet finds those of a member around a moment.
ENTRIES = Table(
    "statistics_entry",
    EntryRow,
    """
    participation_id text NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    member_id text NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    branch_id text NOT NULL,
    community_id text NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    ledger text NOT NULL,
    grade text NOT NULL,
    starts_at timestamptz NOT NULL,
    credited_from timestamptz,
    credited_until timestamptz,
    endorsement text,
    waiting boolean NOT NULL,
    day date NOT NULL,
    times smallint NOT NULL,
    minutes smallint NOT NULL,
    inside_working smallint NOT NULL,
    inside_otherwise smallint NOT NULL,
    PRIMARY KEY (member_id, starts_at, participation_id, since, day)
    """,
    ("(branch_id, day)", "(community_id, day)"),
    # What a member did elsewhere counts for the member as well.
    f"{belonging('branch_id', 'community_id')}"
    f" OR {of_member('statistics_member', 'statistics_entry')}",
)
SERVED = Table(
    "statistics_served",
    ServedRow,
    """
    member_id text NOT NULL,
    year integer NOT NULL,
    branch_id text NOT NULL,
    community_id text NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    served bytea NOT NULL,
    PRIMARY KEY (member_id, year, branch_id, community_id, since)
    """,
    tuple(
        f"({column}, year) WHERE until = {STANDS}"
        for column in ("member_id", "branch_id", "community_id")
    ),
    f"{belonging('branch_id', 'community_id')}"
    f" OR {of_member('statistics_member', 'statistics_served')}",
)
ABSENCES = Table(
    "statistics_absence",
    Absences,
    "member_id text PRIMARY KEY, leaves bytea NOT NULL, shifts bytea NOT NULL",
    fence=of_member("statistics_member", "statistics_absence"),
)
TIMETABLES = Table(
    "statistics_timetable", Timetables, "branch_id text PRIMARY KEY, adopted bytea NOT NULL"
)
POSTS = Table(
    "statistics_post",
    Post,
    """
    service_post_id text PRIMARY KEY,
    since bigint NOT NULL,
    community_id text NOT NULL,
    category text NOT NULL
    """,
    ("(community_id)",),
)
CLAIMS = Table(
    "statistics_claim",
    Claim,
    """
    claim_id text NOT NULL,
    since bigint NOT NULL,
    service_post_id text NOT NULL,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (claim_id, since)
    """,
    ("(service_post_id)", "(branch_id)"),
    belonging(
        "branch_id",
        "(SELECT p.community_id FROM views.statistics_post{suffix} p"
        " WHERE p.service_post_id = statistics_claim{suffix}.service_post_id)",
    ),
)


class Day(NamedTuple):
    """What was recorded on a day of Beijing time, of the events that count here."""

    day: date
    first: int
    last: int


DAYS = Table(
    "statistics_day", Day, "day date PRIMARY KEY, first bigint NOT NULL, last bigint NOT NULL"
)
TABLES: tuple[Table[Any], ...] = (
    ORGANISATIONS,
    MEMBERS,
    EXEMPTIONS,
    ENTRIES,
    SERVED,
    ABSENCES,
    TIMETABLES,
    POSTS,
    CLAIMS,
    DAYS,
)
