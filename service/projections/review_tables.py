"""The tables of `review_list`: who endorsed whom, how many and how fast, and what was concluded."""

from dataclasses import dataclass
from datetime import datetime

from service.projections.fence import anybody, belonging
from service.projections.view import Table


@dataclass(slots=True)
class MemberRow:
    member_id: str
    person: str


@dataclass(slots=True)
class EntryRow:
    participation_id: str
    member_id: str
    community_id: str
    seconds: int
    recorded_at: datetime


@dataclass(slots=True)
class CalledRow:
    activity_id: str
    position: int


@dataclass(slots=True)
class WordRow:
    """That one natural person endorsed another's participations."""

    word_id: str
    community_id: str
    officer_id: str
    endorser: str
    member_id: str
    person: str
    times: int
    position: int


@dataclass(slots=True)
class EndorserRow:
    endorser_id: str
    community_id: str
    officer_id: str
    approved: int = 0
    refused: int = 0
    position: int = 0
    """Of the endorsement with which the last full ``APPROVALS`` were exceeded."""


@dataclass(slots=True)
class MinuteRow:
    """Endorsements of one officer recorded within one minute, those after a roll-call left out."""

    minute_id: str
    community_id: str
    officer_id: str
    times: int = 0
    position: int = 0


@dataclass(slots=True)
class HastyRow:
    endorsement_id: str
    community_id: str
    officer_id: str
    member_id: str
    participation_id: str
    seconds: int
    position: int


@dataclass(slots=True)
class ConclusionRow:
    review_id: str
    position: int
    community_id: str
    outcome: str
    note: str
    concluded_by: str
    concluded_at: datetime


_OF_COMMUNITY = "community_id text NOT NULL, officer_id text NOT NULL"
_FENCE = belonging("community_id")
MEMBERS = Table(
    "review_member", MemberRow, "member_id text PRIMARY KEY, person text NOT NULL", fence=anybody()
)
ENTRIES = Table(
    "review_entry",
    EntryRow,
    "participation_id text PRIMARY KEY, member_id text NOT NULL, community_id text NOT NULL,"
    " seconds integer NOT NULL, recorded_at timestamptz NOT NULL",
    fence=_FENCE,
)
CALLED = Table("review_called", CalledRow, "activity_id text PRIMARY KEY, position bigint NOT NULL")
WORDS = Table(
    "review_word",
    WordRow,
    f"word_id text PRIMARY KEY, {_OF_COMMUNITY}, endorser text NOT NULL, member_id text NOT NULL,"
    " person text NOT NULL, times integer NOT NULL, position bigint NOT NULL",
    ("(endorser)", "(person)"),
    # A ring goes through communities that have nothing above them in common.
    anybody(),
)
ENDORSERS = Table(
    "review_endorser",
    EndorserRow,
    f"endorser_id text PRIMARY KEY, {_OF_COMMUNITY}, approved integer NOT NULL,"
    " refused integer NOT NULL, position bigint NOT NULL",
    fence=_FENCE,
)
MINUTES = Table(
    "review_minute",
    MinuteRow,
    f"minute_id text PRIMARY KEY, {_OF_COMMUNITY}, times integer NOT NULL,"
    " position bigint NOT NULL",
    ("(times)",),
    _FENCE,
)
HASTY_WORDS = Table(
    "review_hasty",
    HastyRow,
    f"endorsement_id text PRIMARY KEY, {_OF_COMMUNITY}, member_id text NOT NULL,"
    " participation_id text NOT NULL, seconds integer NOT NULL, position bigint NOT NULL",
    fence=_FENCE,
)
CONCLUSIONS = Table(
    "review_conclusion",
    ConclusionRow,
    "review_id text PRIMARY KEY, position bigint NOT NULL, community_id text NOT NULL,"
    " outcome text NOT NULL, note text NOT NULL, concluded_by text NOT NULL,"
    " concluded_at timestamptz NOT NULL",
    # A ring has several communities, the conclusion is told wherever the ring is shown.
    fence=anybody(),
)
