"""评议考核: selections, appraisals and assessments, and how far each has come (R26, R39).

Vettings are not here: these only their authority sees (`vettings.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.decision import (
    DecisionConcluded,
    DecisionOpened,
    DecisionRevised,
    GateOverridden,
)
from service.domain.event import SHANGHAI, Event
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging, of_member
from service.projections.view import Build, Folds, Table, View

_Document = dict[str, Any]


@dataclass(slots=True)
class _Member:
    """Where a member belongs now: whoever took them over sees what was decided before."""

    member_id: str
    branch_id: str


@dataclass(slots=True)
class DecisionRow:
    decision_id: str
    position: int
    member_id: str
    purpose: str
    period: str
    concluded: bool
    document: bytes
    """What `decisions_answer.Decision` declares, but for what stands in the other columns."""


_MEMBERS = Table(
    "decision_member",
    _Member,
    "member_id text PRIMARY KEY, branch_id text NOT NULL",
    fence=belonging("branch_id"),
)
_DECISIONS = Table(
    "decision",
    DecisionRow,
    """
    decision_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    purpose text NOT NULL,
    period text NOT NULL,
    concluded boolean NOT NULL,
    document bytea NOT NULL
    """,
    ("(position)", "(member_id)"),
    of_member("decision_member", "decision"),
)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    rows: dict[str, DecisionRow]
    documents: dict[str, _Document]


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    ids = _folds.ids
    rows = await build.load(_DECISIONS, {found for at in batch if (found := _decision(at.event))})
    state = _State(
        await build.load(_MEMBERS, ids(batch, "member_id", BranchTransferAccepted)),
        rows,
        {key: orjson.loads(row.document) for key, row in rows.items()},
    )
    _folds.fold(state, batch)
    for key, document in state.documents.items():
        state.rows[key].document = orjson.dumps(document)
    await build.save(_MEMBERS, state.members)
    await build.save(_DECISIONS, state.rows)


VIEW = View(
    "decisions",
    version=1,
    # The fence of one asks the other, which therefore has to be there.
    tables=(_MEMBERS, _DECISIONS),
    apply=_apply,
    about_members=(_DECISIONS, _MEMBERS),
    concerned=_folds.concern,
)


def _decision(event: Event) -> str | None:
    """The decision an event is about; None of an objection to something else."""
    fields = vars(event)
    if "against" not in fields:
        return fields.get("decision_id")
    return fields["subject_id"] if fields["against"] is ObjectionSubject.DECISION else None


def _document(state: _State, event: Event) -> _Document:
    """What is known of the decision; of vettings and erased members nothing is kept."""
    return state.documents.get(_decision(event) or "", {})


def _said(at: Recorded) -> _Document:
    return {
        "organisation_id": at.actor.organisation_id,
        "by": at.actor.person,
        "at": at.occurred_at.astimezone(SHANGHAI),
    }


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = _Member(event.member_id, event.branch_id)


@_folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    # Whoever is not there was erased.
    if event.member_id in state.members:
        state.members[event.member_id].branch_id = event.to_branch_id


@_folds.on(DecisionOpened)
def _(state: _State, event: DecisionOpened, at: Recorded) -> None:
    state.rows[event.decision_id] = DecisionRow(
        event.decision_id,
        at.position,
        event.member_id,
        event.purpose.value,
        event.period,
        concluded=False,
        document=b"",
    )
    state.documents[event.decision_id] = {
        "opened": _said(at),
        "overrides": [],
        "conclusion": None,
        "revisions": [],
        "result": None,
        "disputed": False,
    }


@_folds.on(GateOverridden)
def _(state: _State, event: GateOverridden, at: Recorded) -> None:
    if document := _document(state, event):
        document["overrides"].append(
            _said(at)
            | {
                "override_id": event.override_id,
                "conditions": event.conditions,
                "reason": event.reason,
            }
        )


@_folds.on(DecisionConcluded)
def _(state: _State, event: DecisionConcluded, at: Recorded) -> None:
    if document := _document(state, event):
        state.rows[event.decision_id].concluded = True
        document["result"] = event.result
        document["conclusion"] = _said(at) | {
            "result": event.result,
            "document_no": event.document_no,
            "reason": event.reason,
            "opinion_ids": event.opinion_ids,
            "notices": event.notices,
            "overridden": event.overridden,
            "override_ids": event.override_ids,
        }


@_folds.on(DecisionRevised)
def _(state: _State, event: DecisionRevised, at: Recorded) -> None:
    if document := _document(state, event):
        document["result"] = event.result
        document["revisions"].append(
            _said(at)
            | {
                "result": event.result,
                "reason": event.reason,
                "objection_id": event.objection_id,
            }
        )


@_folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, _at: Recorded) -> None:
    if document := _document(state, event):
        document["disputed"] = True


def _settle(state: _State, event: ObjectionAnswered | ObjectionWithdrawn, _at: Recorded) -> None:
    # There is one undecided objection to a decision at a time.
    if document := _document(state, event):
        document["disputed"] = False


_folds.on(ObjectionAnswered)(_settle)
_folds.on(ObjectionWithdrawn)(_settle)
