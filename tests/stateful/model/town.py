"""Everything the model remembers: who, what, where, in the plainest form."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.stateful.model.deliberated import Deliberated
from tests.stateful.model.supervised import Supervised


@dataclass
class Transfer:
    """A member on the way from one branch to another."""

    member: str
    origin: str
    target: str
    answered: bool = False


@dataclass
class Exemption:
    """Days, both inclusive, on which nothing is demanded."""

    member: str
    first: date
    last: date

    def days(self) -> set[int]:
        """The numbers of its days."""
        return set(range(self.first.toordinal(), self.last.toordinal() + 1))


@dataclass
class Registration:
    """A member with a community; ``state`` is waiting, active or over."""

    member: str
    community: str
    moved_from: str | None = None
    state: str = "waiting"


@dataclass
class Post:
    """A service post."""

    community: str
    slots: int
    specialities: tuple[str, ...]
    closed: bool = False


@dataclass
class Claim:
    """A claim on a post; ``state`` is waiting, confirmed or over."""

    post: str
    member: str
    branch: str
    state: str = "waiting"


@dataclass
class Activity:
    """An activity; ``state`` is planned, published, cancelled or completed."""

    community: str
    kind: str
    category: str
    starts: datetime
    ends: datetime
    capacity: int | None
    unit: str | None
    uncovered: set[str]
    """What a risky activity still lacks."""
    state: str = "planned"
    signed_up: set[str] = field(default_factory=set)


@dataclass
class Signed:
    """When a member signed in and out at one activity."""

    ins: list[datetime] = field(default_factory=list)
    outs: list[datetime] = field(default_factory=list)


@dataclass
class Participation:
    """A participation as it stands."""

    member: str
    branch: str
    community: str
    activity: str | None
    kind: str
    category: str
    starts: datetime
    ends: datetime
    recorders: set[str]
    """Who recorded it and who corrected it: accounts and persons."""
    recorded_at: datetime
    answerers: set[str] = field(default_factory=set)
    """Who endorsed it or declined to, likewise."""
    voided: bool = False
    endorsement: str | None = None
    """The one in force."""


@dataclass
class Officer:
    """Somebody appointed; ``role`` is responsible or officer."""

    person: str
    role: str


@dataclass
class Delegation:
    """A duty that an officer does for the one who gave it."""

    organisation: str
    officer: str
    duty: str
    giver: str
    starts: datetime
    ends: datetime
    over: bool = False


@dataclass
class SigningKey:
    """A key that an organisation showed it holds; it counts ``since`` its approval."""

    organisation: str
    until: datetime
    proposers: set[str]
    """Account and person of whoever proposed it."""
    since: datetime | None = None
    distrusted: datetime | None = None


@dataclass
class Erasure:
    """What was asked for about a member; ``state`` is asked, confirmed, cancelled or erased."""

    member: str
    branch: str
    """The one that answers for it."""
    requester: str
    """As a natural person."""
    state: str = "asked"
    due: datetime | None = None


@dataclass
class Account:
    """Somebody who may sign in; ``state`` is opened, active or closed."""

    organisation: str
    duty: str
    person: str
    opener: str
    member: str | None
    giver: str | None = None
    """Who gave out what one signs in with, last."""
    state: str = "opened"


ERASED = ""
"""The branch of an erased member: none there is."""


@dataclass
class Town(Supervised, Deliberated):
    """The whole record as the model sees it."""

    kinds: dict[str, str] = field(default_factory=dict)
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """An organisation and all above it, the nearest first."""
    credit_codes: set[str] = field(default_factory=set)
    code_valid_from: dict[str, date] = field(default_factory=dict)
    paired: set[tuple[str, str]] = field(default_factory=set)
    deadlines: dict[str, datetime] = field(default_factory=dict)

    officers: dict[tuple[str, str], Officer] = field(default_factory=dict)
    """By organisation and officer id."""
    register: dict[str, dict[str, str]] = field(default_factory=dict)
    """Whoever was ever appointed: person by officer id, by organisation."""
    delegations: dict[str, Delegation] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """Delegations that somebody ended."""
    concluded: set[str] = field(default_factory=set)
    """Items of the watch list that were closed."""
    signing_keys: dict[str, SigningKey] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    branches: dict[str, str] = field(default_factory=dict)
    """Branch by member."""
    natural: dict[str, str] = field(default_factory=dict)
    """The natural person by member."""
    member_nos: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    stated: dict[str, set[str]] = field(default_factory=dict)
    """Specialities by member."""
    transfers: dict[str, Transfer] = field(default_factory=dict)
    exemptions: dict[str, Exemption] = field(default_factory=dict)
    timetables: dict[str, list[tuple[date, Any]]] = field(default_factory=dict)
    leaves: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    shifts: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    holders: dict[str, str] = field(default_factory=dict)
    """Member by certificate number."""
    valid: dict[str, str] = field(default_factory=dict)
    """Number of the valid certificate by member."""
    latest: dict[str, str] = field(default_factory=dict)

    registrations: dict[str, Registration] = field(default_factory=dict)
    categories: set[tuple[str, str]] = field(default_factory=set)
    """Post categories beside the nine, with the organisation that added them."""
    posts: dict[str, Post] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    signed: dict[tuple[str, str], Signed] = field(default_factory=dict)
    """By activity and member."""
    participations: dict[str, Participation] = field(default_factory=dict)
    endorsements: dict[str, str] = field(default_factory=dict)
    """Participation by endorsement, whatever became of it."""
    standing: dict[str, str] = field(default_factory=dict)
    """The event that counts by participation: an id that only the log gives, so it is told."""

    erasures: dict[str, Erasure] = field(default_factory=dict)
    sealed: int = 0
    """Up to which number readings are sealed."""

    def registration(self, member: str, state: str) -> Registration | None:
        """The member's registration that is active or waits: there is one at most."""
        found = [
            each
            for each in self.registrations.values()
            if each.member == member and each.state == state
        ]
        assert len(found) <= 1, f"{member} has {len(found)} {state} registrations"
        return found[0] if found else None

    def community_of(self, member: str) -> str | None:
        """The community that is responsible for the member."""
        active = self.registration(member, "active")
        return active.community if active else None

    def stranger(self, acting: str, community: str, member: str) -> str | None:
        """The rule against a member the community is not responsible for, if it is not.

        A community learns nothing of members who neither are nor asked to be registered with it.
        """
        if self.community_of(member) == community:
            return None
        waiting = self.registration(member, "waiting")
        asked_here = waiting is not None and waiting.community == community
        return "UnknownMember" if acting == community and not asked_here else "NotRegisteredHere"

    def holding(self, post: str) -> set[str]:
        """Members who hold a slot of the post: claims that wait and confirmed ones."""
        return {
            claim.member
            for claim in self.claims.values()
            if claim.post == post and claim.state != "over"
        }
