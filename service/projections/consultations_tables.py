"""The tables of `consultations`: one for each side, so that the fence itself keeps a mask (R27).

What the asking organisation said stands in a table that it and those above it see; what reached the
community in another, which never held what was masked. An opinion that counts is seen by both.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from service.projections.fence import SUFFIX, belonging
from service.projections.view import Table


@dataclass(slots=True)
class Asked:
    """The asking side of a consultation."""

    consultation_id: str
    position: int
    member_id: str
    organisation_id: str
    community_id: str
    purpose: str
    period: str
    due_on: date
    document_no: str
    document_title: str
    masked: bool
    asked_by: str
    asked_at: datetime
    state: str = "open"
    reminded_on: list[date] = field(default_factory=list)
    """The day of each reminder, the first first."""
    escalated_to: str | None = None
    escalated_on: date | None = None
    disputed: bool = False
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


@dataclass(slots=True)
class Request:
    """The community's side: of a masked one it is not said who asks, what for and on what basis."""

    consultation_id: str
    position: int
    member_id: str
    community_id: str
    due_on: date
    masked: bool
    asking_id: str | None
    purpose: str | None
    period: str | None
    document_no: str | None
    document_title: str | None
    requested_at: datetime
    recusals: bytes
    """JSON: a list of `consultations_model.Recusal`."""
    state: str = "open"
    reminded_on: list[date] = field(default_factory=list)
    """The day of each reminder, the first first."""
    escalated_to: str | None = None
    escalated_on: date | None = None
    disputed: bool = False


@dataclass(slots=True)
class Opinion:
    """What was said in answer; it counts once ``countersigned_on`` is there."""

    opinion_id: str
    position: int
    consultation_id: str
    member_id: str
    community_id: str
    replying_id: str
    figures: bytes
    """JSON: `OpinionFigures`."""
    social_morality: str
    community_pledge: str
    bearing: str
    overall: str
    comment: str | None
    replaces: str | None
    given_by: str
    given_at: datetime
    countersigned_by: str | None = None
    countersigned_at: datetime | None = None
    countersigned_on: date | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


ASKED = Table(
    "consultation",
    Asked,
    """
    consultation_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    organisation_id text NOT NULL,
    community_id text NOT NULL,
    purpose text NOT NULL,
    period text NOT NULL,
    due_on date NOT NULL,
    document_no text NOT NULL,
    document_title text NOT NULL,
    masked boolean NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL,
    reminded_on date[] NOT NULL,
    escalated_to text,
    escalated_on date,
    disputed boolean NOT NULL,
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_reason text
    """,
    ("(position)", "(organisation_id, position)", "(member_id)"),
    belonging(f"consultation{SUFFIX}.organisation_id"),
)
REQUESTS = Table(
    "opinion_request",
    Request,
    """
    consultation_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    community_id text NOT NULL,
    due_on date NOT NULL,
    masked boolean NOT NULL,
    asking_id text,
    purpose text,
    period text,
    document_no text,
    document_title text,
    requested_at timestamptz NOT NULL,
    recusals bytea NOT NULL,
    state text NOT NULL,
    reminded_on date[] NOT NULL,
    escalated_to text,
    escalated_on date,
    disputed boolean NOT NULL
    """,
    ("(position)", "(community_id, position)", "(member_id)", "(due_on) WHERE state = 'open'"),
    # Whoever it is escalated to stands above the community.
    belonging("community_id"),
)
OPINIONS = Table(
    "opinion",
    Opinion,
    """
    opinion_id text PRIMARY KEY,
    position bigint NOT NULL,
    consultation_id text NOT NULL,
    member_id text NOT NULL,
    community_id text NOT NULL,
    replying_id text NOT NULL,
    figures bytea NOT NULL,
    social_morality text NOT NULL,
    community_pledge text NOT NULL,
    bearing text NOT NULL,
    overall text NOT NULL,
    comment text,
    replaces text,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    countersigned_by text,
    countersigned_at timestamptz,
    countersigned_on date,
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_reason text
    """,
    ("(consultation_id, position)", "(member_id)"),
    # Before the second has signed it is nobody's word yet, and stays where it is written.
    f"{belonging('community_id')} OR countersigned_on IS NOT NULL AND EXISTS ("
    f"SELECT FROM views.consultation{SUFFIX} c"
    f" WHERE c.consultation_id = opinion{SUFFIX}.consultation_id)",
)
TABLES = (ASKED, REQUESTS, OPINIONS)
