"""What became of one kind of fault."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

WITHIN = 5.0
"""Seconds from the database being there until the service is healthy again by itself."""

Report = Callable[[], None]


def unreported() -> None:
    """Tells nobody."""


@dataclass
class Outcome:
    """How often it happened, what came of it, and what was wrong afterwards."""

    fault: str
    times: int = 0
    acknowledged: int = 0
    retried: int = 0
    """How often a client asked again with the same key because it got no certain answer."""
    answers: dict[str, int] = field(default_factory=dict)
    """What clients were answered, by HTTP status or exception."""
    recoveries: list[float] = field(default_factory=list)
    """Seconds from the database being there until ready and writing."""
    database_away: list[float] = field(default_factory=list)
    """Seconds from the fault until the database was there."""
    views_compared: int = 0
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why it cannot be tried on this machine."""
    seconds: float = 0.0

    @property
    def slowest(self) -> float:
        """The longest recovery."""
        return max(self.recoveries, default=0.0)

    @property
    def held(self) -> bool:
        """Whether everything that was promised held."""
        return not self.wrong and self.slowest <= WITHIN

    def add(self, other: "Outcome") -> None:
        """Takes in another run of the same fault."""
        self.times += other.times
        self.acknowledged += other.acknowledged
        self.retried += other.retried
        self.answers = dict(Counter(self.answers) + Counter(other.answers))
        self.recoveries += other.recoveries
        self.database_away += other.database_away
        self.views_compared += other.views_compared
        self.wrong += other.wrong
        self.notes += [note for note in other.notes if note not in self.notes]
        self.seconds += other.seconds

    def recovery(self) -> str:
        """Median and longest recovery, in words."""
        if not self.recoveries:
            return ""
        return f"{median(self.recoveries):.2f} / {self.slowest:.2f} s"
