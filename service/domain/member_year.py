"""一名党员的一个年度: what rule packs judge and statistics add up, as of a position in the log.

Whoever fills it in takes it from events alone; here is only what it says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.domain.activity import ActivityKind
from service.domain.evidence import Grade
from service.domain.participation import Ledger


@dataclass(frozen=True, slots=True)
class Served:
    """Endorsed service of one sort within the year; the minutes are outside working time (R20)."""

    kind: ActivityKind
    category: str
    ledger: Ledger
    grade: Grade
    times: int
    """Participations."""
    outside_minutes: int


@dataclass(frozen=True, slots=True)
class MemberYear:
    """A member's year: where they belong, whether anything is demanded of them, what they did."""

    member_id: str
    branch_id: str
    community_id: str | None
    """Where the member is registered; None if nowhere."""
    year: int
    exempt: bool
    """On the day it is judged (R3)."""
    registered_at: datetime | None
    """When the member first registered; None while no community has accepted them."""
    deadline: datetime | None
    """Until when that was on time; None where no deadline was set (R8)."""
    served: tuple[Served, ...]

    def minutes(self, served: Iterable[Served] | None = None) -> int:
        """Outside minutes of the whole year, or of these parts of it."""
        return sum(each.outside_minutes for each in (self.served if served is None else served))
