"""What the model remembers of consultations, opinions, decisions, vettings and objections."""

from dataclasses import dataclass, field
from datetime import date

Views = tuple[str, str, str, str]
"""On the three axes and overall."""


@dataclass
class Consultation:
    """A question that somebody asks a community about a member."""

    member: str
    asker: str
    community: str
    purpose: str
    period: str
    due: date
    masked: bool
    reminders: list[date] = field(default_factory=list)
    escalated_to: str | None = None
    withdrawn: bool = False
    signers: set[str] = field(default_factory=set)
    """Natural persons who signed first, of whatever became of it."""
    countersigners: set[str] = field(default_factory=set)
    recused: set[str] = field(default_factory=set)
    said: list[Views] = field(default_factory=list)
    """What those opinions said that ever counted, in this order."""


@dataclass
class Opinion:
    """An answer; ``state`` is waiting, counts or withdrawn."""

    consultation: str
    replying: str
    views: Views
    digest: str | None
    state: str = "waiting"
    since: date | None = None
    """From when on it counted, be it withdrawn or not."""


@dataclass
class Decision:
    """A decision about a member, a vetting as well; without a result until it is concluded."""

    member: str
    purpose: str
    period: str
    authority: str | None = None
    """Whose vetting it is."""
    result: str | None = None
    concluders: set[str] = field(default_factory=set)
    overriders: set[str] = field(default_factory=set)
    overridden: dict[str, str] = field(default_factory=dict)
    """By condition the override that let it pass."""


@dataclass
class Vetting:
    """What only a vetting has."""

    team: tuple[str, ...]
    frozen: tuple[str, ...] | None = None
    """The opinions in what was frozen last."""
    public_until: date | None = None


@dataclass
class Objection:
    """A member's objection; ``state`` is open, withdrawn or how it was answered."""

    member: str
    organisation: str
    against: str
    subject: str
    event: str
    due: date
    first: int = 0
    """Which of the opinions of a consultation it was to, from 0."""
    escalated: bool = False
    state: str = "open"
    followed: bool = False
    """Whether the decision was revised because of it."""


@dataclass
class Deliberated:
    """What was asked, said, decided and objected to so far."""

    checked_in: dict[str, str] = field(default_factory=dict)
    """The community that accepted the member last."""
    explained: dict[str, date] = field(default_factory=dict)
    """When the unit explained last why a member never checked in."""
    consultations: dict[str, Consultation] = field(default_factory=dict)
    opinions: dict[str, Opinion] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    vettings: dict[str, Vetting] = field(default_factory=dict)
    """By decision."""
    objections: dict[str, Objection] = field(default_factory=dict)
    judges: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Natural persons whose word it was, by what a member may object to, but for consultations and
    decisions, which know theirs."""

    def answer_to(self, consultation: str) -> str | None:
        """The opinion that counts."""
        for name, each in self.opinions.items():
            if (each.consultation, each.state) == (consultation, "counts"):
                return name
        return None

    def is_disputed(self, against: str, subject: str) -> bool:
        """Whether an objection to this waits for its answer."""
        return any(
            (each.against, each.subject, each.state) == (against, subject, "open")
            for each in self.objections.values()
        )

    def judged(self, against: str, subject: str, *persons: str) -> None:
        """These had their word on what a member may object to."""
        self.judges.setdefault((against, subject), set()).update(persons)
