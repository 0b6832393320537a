"""What the model remembers of supervision: who checked, reported, proposed and concluded what."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass
class Discrepancy:
    """Something that a branch's inspection of a month found about a member's record."""

    branch: str
    month: str
    member: str
    resolved: bool = False


@dataclass
class Report:
    """A branch's report of a quarter, as it was amended last."""

    branch: str
    committee: str
    quarter: str
    service: Any
    position: int
    amendments: int = 0


@dataclass
class Pack:
    """A rule pack that an organisation adopted; half-open days, ``None`` for no last one."""

    organisation: str
    code: str
    starts: date
    ends: date | None
    repealed: bool = False


@dataclass
class Proposal:
    """What a rule pack proposed for a member or a unit."""

    member: str | None
    unit: str | None
    year: int
    outcome: str
    document_no: str
    answered: bool = False


@dataclass
class Conclusion:
    """A commendation, or a disqualification, which has no title."""

    member: str | None
    unit: str | None
    year: int
    title: str | None = None
    revoked: bool = False


@dataclass
class RoleModel:
    """A nomination; ``state`` is nominated, agreed, refused or publicised."""

    member: str
    community: str
    nominator: str
    """As a natural person."""
    state: str = "nominated"


@dataclass
class Supervised:
    """What came of supervision so far."""

    inspected: dict[tuple[str, str], int] = field(default_factory=dict)
    """Number of talks by branch and month."""
    discrepancies: dict[str, Discrepancy] = field(default_factory=dict)
    passed_over: set[tuple[str, str]] = field(default_factory=set)
    """Branch, and what it said needs no following up."""
    visits: set[tuple[str, str, date]] = field(default_factory=set)
    """Unit, community and day."""
    feedback: set[tuple[str, str, str]] = field(default_factory=set)
    """Community, member and quarter."""

    reports: dict[str, Report] = field(default_factory=dict)
    consolidated: set[tuple[str, str]] = field(default_factory=set)
    """Committee and quarter."""
    symposiums: set[tuple[str, str]] = field(default_factory=set)
    summaries: set[tuple[str, str]] = field(default_factory=set)
    """Unit and half-year."""
    reminders: dict[tuple[str, str, str], dict[int, date]] = field(default_factory=dict)
    """Day by number, by who owes what for which period."""

    packs: dict[str, Pack] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    commendations: dict[str, Conclusion] = field(default_factory=dict)
    disqualifications: dict[str, Conclusion] = field(default_factory=dict)
    role_models: dict[str, RoleModel] = field(default_factory=dict)
