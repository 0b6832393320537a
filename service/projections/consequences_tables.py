"""The tables of `consequences`, and how each event changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.consequence import ConsequenceProposed, ProposalDismissed
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.objection import ObjectionSubject
from service.eventstore.mapping import Recorded
from service.projections.disputed import marking, objected_to
from service.projections.fence import SUFFIX, belonging, of_member
from service.projections.view import Build, Folds, Table


@dataclass(slots=True)
class _Member:
    """Where a member belongs now: whoever took them over sees what was concluded before."""

    member_id: str
    branch_id: str


@dataclass(slots=True)
class _Proposal:
    proposal_id: str
    position: int
    member_id: str | None
    organisation_id: str | None
    outcome: str
    year: int
    pack_id: str
    document_no: str
    measured: str
    """JSON: a list of `Measured`."""
    cause_event_ids: list[str]
    evaluated_as_of: int
    proposed_by: str
    proposed_at: datetime
    state: str = "open"
    answered_by: str | None = None
    answered_at: datetime | None = None
    reason_code: str | None = None
    reason: str | None = None
    conclusion_id: str | None = None


@dataclass(slots=True)
class _Conclusion:
    conclusion_id: str
    kind: str
    position: int
    member_id: str | None
    organisation_id: str | None
    title: str | None
    year: int
    proposal_id: str | None
    document_no: str
    cause_event_ids: list[str]
    reason: str | None
    concluded_by: str
    concluded_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
    disputed: bool = False


def _of_member_or_unit(table: str) -> str:
    unit = belonging(f"{table}{SUFFIX}.organisation_id")
    return f"{unit} OR {of_member('consequence_member', table)}"


MEMBERS = Table(
    "consequence_member",
    _Member,
    "member_id text PRIMARY KEY, branch_id text NOT NULL",
    fence=belonging("branch_id"),
)
PROPOSALS = Table(
    "consequence_proposal",
    _Proposal,
    """
    proposal_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text,
    organisation_id text,
    outcome text NOT NULL,
    year integer NOT NULL,
    pack_id text NOT NULL,
    document_no text NOT NULL,
    measured text NOT NULL,
    cause_event_ids text[] NOT NULL,
    evaluated_as_of bigint NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    state text NOT NULL,
    answered_by text,
    answered_at timestamptz,
    reason_code text,
    reason text,
    conclusion_id text
    """,
    ("(position)", "(member_id)"),
    _of_member_or_unit("consequence_proposal"),
)
CONCLUSIONS = Table(
    "consequence_conclusion",
    _Conclusion,
    """
    conclusion_id text PRIMARY KEY,
    kind text NOT NULL,
    position bigint NOT NULL,
    member_id text,
    organisation_id text,
    title text,
    year integer NOT NULL,
    proposal_id text,
    document_no text NOT NULL,
    cause_event_ids text[] NOT NULL,
    reason text,
    concluded_by text NOT NULL,
    concluded_at timestamptz NOT NULL,
    revoked_by text,
    revoked_at timestamptz,
    revoked_reason text,
    disputed boolean NOT NULL
    """,
    ("(kind, position)", "(member_id)"),
    _of_member_or_unit("consequence_conclusion"),
)
TABLES = (MEMBERS, PROPOSALS, CONCLUSIONS)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    proposals: dict[str, _Proposal]
    conclusions: dict[str, _Conclusion]


folds = Folds[_State]()
marking(folds, ObjectionSubject.DISQUALIFICATION, lambda state: state.conclusions)


async def apply(build: Build, batch: Sequence[Recorded]) -> None:
    """Changes the tables by a batch of events."""
    batch = folds.relevant(batch)
    ids = folds.ids
    concluded = ids(batch, "proposal_id", CommendationConcluded, DisqualificationConcluded)
    answered = concluded | ids(batch, "proposal_id", ProposalDismissed)
    revoked = ids(batch, "commendation_id", CommendationRevoked)
    revoked |= ids(batch, "disqualification_id", DisqualificationRevoked)
    disputed = objected_to(batch, ObjectionSubject.DISQUALIFICATION)
    state = _State(
        await build.load(MEMBERS, ids(batch, "member_id", BranchTransferAccepted)),
        await build.load(PROPOSALS, answered - {None}),
        await build.load(CONCLUSIONS, revoked | disputed),
    )
    folds.fold(state, batch)
    await build.save(MEMBERS, state.members)
    await build.save(PROPOSALS, state.proposals)
    await build.save(CONCLUSIONS, state.conclusions)


@folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = _Member(event.member_id, event.branch_id)


@folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    # Whoever is not there was erased.
    if event.member_id in state.members:
        state.members[event.member_id].branch_id = event.to_branch_id


@folds.on(ConsequenceProposed)
def _(state: _State, event: ConsequenceProposed, at: Recorded) -> None:
    state.proposals[event.proposal_id] = _Proposal(
        proposal_id=event.proposal_id,
        position=at.position,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        outcome=event.outcome.value,
        year=event.year,
        pack_id=event.pack_id,
        document_no=event.document_no,
        measured=orjson.dumps([each.model_dump() for each in event.measured]).decode(),
        cause_event_ids=list(event.cause_event_ids),
        evaluated_as_of=event.as_of_position,
        proposed_by=event.proposed_by,
        proposed_at=at.occurred_at,
    )


@folds.on(ProposalDismissed)
def _(state: _State, event: ProposalDismissed, at: Recorded) -> None:
    if (proposal := state.proposals.get(event.proposal_id)) is not None:
        proposal.state = "dismissed"
        proposal.answered_by, proposal.answered_at = event.dismissed_by, at.occurred_at
        proposal.reason_code = event.reason_code.value
        proposal.reason = event.reason or event.open_reason


def _conclude(
    state: _State,
    event: CommendationConcluded | DisqualificationConcluded,
    at: Recorded,
    conclusion_id: str,
    title: str | None,
) -> None:
    state.conclusions[conclusion_id] = _Conclusion(
        conclusion_id=conclusion_id,
        kind="disqualification" if title is None else "commendation",
        position=at.position,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        title=title,
        year=event.year,
        proposal_id=event.proposal_id,
        document_no=event.document_no,
        cause_event_ids=list(event.cause_event_ids),
        reason=event.reason or event.open_reason,
        concluded_by=event.concluded_by,
        concluded_at=at.occurred_at,
    )
    if (proposal := state.proposals.get(event.proposal_id or "")) is not None:
        proposal.state, proposal.conclusion_id = "concluded", conclusion_id
        proposal.answered_by, proposal.answered_at = event.concluded_by, at.occurred_at


@folds.on(CommendationConcluded)
def _(state: _State, event: CommendationConcluded, at: Recorded) -> None:
    _conclude(state, event, at, event.commendation_id, event.title)


@folds.on(DisqualificationConcluded)
def _(state: _State, event: DisqualificationConcluded, at: Recorded) -> None:
    _conclude(state, event, at, event.disqualification_id, None)


def _revoke(
    state: _State,
    event: CommendationRevoked | DisqualificationRevoked,
    at: Recorded,
    conclusion_id: str,
) -> None:
    if (conclusion := state.conclusions.get(conclusion_id)) is not None:
        conclusion.revoked_by, conclusion.revoked_at = event.revoked_by, at.occurred_at
        conclusion.revoked_reason = event.reason or event.open_reason


@folds.on(CommendationRevoked)
def _(state: _State, event: CommendationRevoked, at: Recorded) -> None:
    _revoke(state, event, at, event.commendation_id)


@folds.on(DisqualificationRevoked)
def _(state: _State, event: DisqualificationRevoked, at: Recorded) -> None:
    _revoke(state, event, at, event.disqualification_id)
