"""The tables of `organisation_statistics` and how each event changes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.domain.claim import ClaimDeclined, ClaimReleased, PostClaimed
from service.domain.endorsement import EndorsementRevoked, ParticipationEndorsed
from service.domain.event import SHANGHAI
from service.domain.exemption import ExemptionEnded, MemberExempted
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.organisation import OrganisationRegistered
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
)
from service.domain.service_post import ServicePostOpened
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging, of_member
from service.projections.view import Build, Folds, Table


@dataclass(slots=True)
class _Organisation:
    organisation_id: str
    name: str
    kind: str
    line: list[str]
    """Itself, its parent, and so on up to the root."""


@dataclass(slots=True)
class _Member:
    member_id: str
    branch_id: str
    community_id: str | None = None
    """Where the member is registered or waits for the answer."""
    registered: bool = False


@dataclass(slots=True)
class _Exemption:
    exemption_id: str
    member_id: str
    starts_on: date
    ends_on: date


@dataclass(slots=True)
class _Entry:
    participation_id: str
    member_id: str
    branch_id: str
    community_id: str
    year: int
    """Of the local date of its start."""
    category: str
    ledger: str
    endorsed: bool = False
    """Endorsed as it stands, and not voided."""


@dataclass(slots=True)
class _Post:
    service_post_id: str
    community_id: str
    category: str


@dataclass(slots=True)
class _Claim:
    claim_id: str
    service_post_id: str
    member_id: str
    branch_id: str
    held: bool = True
    """Waiting or confirmed: it holds a slot."""


_ORGANISATIONS = Table(
    "statistics_organisation",
    _Organisation,
    """
    organisation_id text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    line text[] NOT NULL
    """,
)
_MEMBERS = Table(
    "statistics_member",
    _Member,
    """
    member_id text PRIMARY KEY,
    branch_id text NOT NULL,
    community_id text,
    registered boolean NOT NULL
    """,
    ("(branch_id)", "(community_id)"),
    belonging("branch_id", "community_id"),
)
_EXEMPTIONS = Table(
    "statistics_exemption",
    _Exemption,
    """
    exemption_id text PRIMARY KEY,
    member_id text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL
    """,
    ("(member_id)",),
    of_member("statistics_member", "statistics_exemption"),
)
_ENTRIES = Table(
    "statistics_entry",
    _Entry,
    """
    participation_id text PRIMARY KEY,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    community_id text NOT NULL,
    year integer NOT NULL,
    category text NOT NULL,
    ledger text NOT NULL,
    endorsed boolean NOT NULL
    """,
    ("(member_id, year)", "(branch_id, year)", "(community_id, year)"),
    # What a member did elsewhere counts for the member as well.
    f"{belonging('branch_id', 'community_id')}"
    f" OR {of_member('statistics_member', 'statistics_entry')}",
)
_POSTS = Table(
    "statistics_post",
    _Post,
    """
    service_post_id text PRIMARY KEY,
    community_id text NOT NULL,
    category text NOT NULL
    """,
    ("(community_id)",),
)
_CLAIMS = Table(
    "statistics_claim",
    _Claim,
    """
    claim_id text PRIMARY KEY,
    service_post_id text NOT NULL,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    held boolean NOT NULL
    """,
    ("(service_post_id)", "(branch_id)"),
    belonging(
        "branch_id",
        "(SELECT p.community_id FROM views.statistics_post{suffix} p"
        " WHERE p.service_post_id = statistics_claim{suffix}.service_post_id)",
    ),
)
TABLES: tuple[Table[Any], ...] = (
    _ORGANISATIONS,
    _MEMBERS,
    _EXEMPTIONS,
    _ENTRIES,
    _POSTS,
    _CLAIMS,
)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    exemptions: dict[str, _Exemption]
    entries: dict[str, _Entry]
    claims: dict[str, _Claim]
    organisations: dict[str, _Organisation] = field(default_factory=dict)
    posts: dict[str, _Post] = field(default_factory=dict)


_folds = Folds[_State]()


async def apply(build: Build, batch: Sequence[Recorded]) -> None:
    """Changes the rows that a batch touches."""
    batch = _folds.relevant(batch)
    of_members = (
        BranchTransferAccepted,
        MemberRegistered,
        RegistrationAccepted,
        RegistrationDeclined,
        MemberDeregistered,
    )
    of_entries = (
        ParticipationCorrected,
        ParticipationVoided,
        ParticipationEndorsed,
        EndorsementRevoked,
    )
    state = _State(
        await build.load(_MEMBERS, _folds.ids(batch, "member_id", *of_members)),
        await build.load(_EXEMPTIONS, _folds.ids(batch, "exemption_id", ExemptionEnded)),
        await build.load(_ENTRIES, _folds.ids(batch, "participation_id", *of_entries)),
        await build.load(_CLAIMS, _folds.ids(batch, "claim_id", ClaimDeclined, ClaimReleased)),
    )
    _folds.fold(state, batch)
    await build.save(_ORGANISATIONS, state.organisations)
    await build.save(_MEMBERS, state.members)
    await build.save(_EXEMPTIONS, state.exemptions)
    await build.save(_ENTRIES, state.entries)
    await build.save(_POSTS, state.posts)
    await build.save(_CLAIMS, state.claims)


@_folds.on(OrganisationRegistered)
def _(state: _State, event: OrganisationRegistered, _at: Recorded) -> None:
    state.organisations[event.organisation_id] = _Organisation(
        event.organisation_id,
        event.name,
        event.kind,
        [event.organisation_id, *event.ancestors],
    )


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = _Member(event.member_id, event.branch_id)


@_folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    state.members[event.member_id].branch_id = event.to_branch_id


@_folds.on(MemberRegistered)
def _(state: _State, event: MemberRegistered, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.community_id, member.registered = event.community_id, False


@_folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.community_id, member.registered = event.community_id, True


@_folds.on(RegistrationDeclined)
def _(state: _State, event: RegistrationDeclined, _at: Recorded) -> None:
    # A transfer that is declined leaves the member registered where they were.
    if event.transferred_from is None:
        state.members[event.member_id].community_id = None


@_folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.community_id, member.registered = None, False


@_folds.on(MemberExempted)
def _(state: _State, event: MemberExempted, _at: Recorded) -> None:
    state.exemptions[event.exemption_id] = _Exemption(
        event.exemption_id, event.member_id, event.starts_on, event.ends_on
    )


@_folds.on(ExemptionEnded)
def _(state: _State, event: ExemptionEnded, _at: Recorded) -> None:
    state.exemptions[event.exemption_id].ends_on = event.ended_on


def _stand(
    state: _State, event: ParticipationRecorded | ParticipationCorrected, _at: Recorded
) -> None:
    state.entries[event.participation_id] = _Entry(
        event.participation_id,
        event.member_id,
        event.branch_id,
        event.community_id,
        event.starts_at.astimezone(SHANGHAI).year,
        event.category,
        event.ledger,
    )


_folds.on(ParticipationRecorded)(_stand)
# An endorsement of the version before lapses.
_folds.on(ParticipationCorrected)(_stand)


@_folds.on(ParticipationEndorsed)
def _(state: _State, event: ParticipationEndorsed, _at: Recorded) -> None:
    state.entries[event.participation_id].endorsed = True


def _no_longer(
    state: _State, event: ParticipationVoided | EndorsementRevoked, _at: Recorded
) -> None:
    state.entries[event.participation_id].endorsed = False


_folds.on(ParticipationVoided)(_no_longer)
_folds.on(EndorsementRevoked)(_no_longer)


@_folds.on(ServicePostOpened)
def _(state: _State, event: ServicePostOpened, _at: Recorded) -> None:
    state.posts[event.service_post_id] = _Post(
        event.service_post_id, event.community_id, event.category
    )


@_folds.on(PostClaimed)
def _(state: _State, event: PostClaimed, _at: Recorded) -> None:
    state.claims[event.claim_id] = _Claim(
        event.claim_id, event.service_post_id, event.member_id, event.branch_id
    )


def _free(state: _State, event: ClaimDeclined | ClaimReleased, _at: Recorded) -> None:
    state.claims[event.claim_id].held = False


_folds.on(ClaimDeclined)(_free)
_folds.on(ClaimReleased)(_free)
