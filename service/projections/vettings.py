"""任前考察: the vettings of a personnel authority and how far each has come (R29).

Only the authority sees them. What was gathered about the member is not here: that is the evidence,
which is made from the log (`vetting_evidence.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.decision import DecisionConcluded, DecisionRevised, GateOverridden
from service.domain.event import SHANGHAI, Event
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.vetting import (
    EvidenceFrozen,
    FieldInquiryAdded,
    PublicNoticePosted,
    VettingOpened,
)
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging
from service.projections.view import Build, Folds, Table, View

_Document = dict[str, Any]


@dataclass(slots=True)
class VettingRow:
    decision_id: str
    position: int
    member_id: str
    organisation_id: str
    document: bytes
    """What `vettings_answer.Vetting` declares, but for what stands in the other columns."""


_VETTINGS = Table(
    "vetting",
    VettingRow,
    """
    decision_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    organisation_id text NOT NULL,
    document bytea NOT NULL
    """,
    ("(organisation_id, position)", "(member_id)"),
    belonging("organisation_id"),
)


@dataclass(slots=True)
class _State:
    rows: dict[str, VettingRow]
    documents: dict[str, _Document]


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    rows = await build.load(_VETTINGS, {each for at in batch if (each := _key(at.event))})
    state = _State(rows, {key: orjson.loads(row.document) for key, row in rows.items()})
    known = {*rows, *_folds.ids(batch, "decision_id", VettingOpened)}
    # What is said of other decisions, and of erased members, changes nothing here.
    _folds.fold(state, [each for each in batch if _key(each.event) in known])
    for key, document in state.documents.items():
        state.rows[key].document = orjson.dumps(document)
    await build.save(_VETTINGS, state.rows)


def _key(event: Event) -> str | None:
    """The decision an event is about; None of an objection to something else."""
    fields = vars(event)
    if "against" not in fields:
        return str(fields["decision_id"])
    return str(fields["subject_id"]) if fields["against"] is ObjectionSubject.DECISION else None


VIEW = View(
    "vettings",
    version=1,
    tables=(_VETTINGS,),
    apply=_apply,
    about_members=(_VETTINGS,),
    concerned=_folds.concern,
)


def _said(at: Recorded) -> _Document:
    return {"by": at.actor.person, "at": at.occurred_at.astimezone(SHANGHAI)}


@_folds.on(VettingOpened)
def _(state: _State, event: VettingOpened, at: Recorded) -> None:
    state.rows[event.decision_id] = VettingRow(
        event.decision_id, at.position, event.member_id, event.organisation_id, b""
    )
    state.documents[event.decision_id] = {
        "period": event.period,
        "state": "open",
        "team": event.team,
        "opened": _said(at),
        "field_inquiries": [],
        "evidence": [],
        "public_notices": [],
        "overrides": [],
        "conclusion": None,
        "result": None,
        "disputed": False,
    }


@_folds.on(FieldInquiryAdded)
def _(state: _State, event: FieldInquiryAdded, at: Recorded) -> None:
    state.documents[event.decision_id]["field_inquiries"].append(
        _said(at)
        | {
            "inquiry_id": event.inquiry_id,
            "held_on": event.held_on,
            "inquirers": event.inquirers,
            "interviewees": event.interviewees,
            "findings": event.findings,
        }
    )


@_folds.on(EvidenceFrozen)
def _(state: _State, event: EvidenceFrozen, at: Recorded) -> None:
    state.documents[event.decision_id]["evidence"].append(
        _said(at)
        | {
            "evidence_id": event.evidence_id,
            "position": event.position,
            "evidence_digest": event.evidence_digest,
        }
    )


@_folds.on(PublicNoticePosted)
def _(state: _State, event: PublicNoticePosted, at: Recorded) -> None:
    state.documents[event.decision_id]["public_notices"].append(
        _said(at)
        | {
            "starts_on": event.starts_on,
            "ends_on": event.ends_on,
            "calendars": event.calendars,
            "place": event.place,
        }
    )


@_folds.on(GateOverridden)
def _(state: _State, event: GateOverridden, at: Recorded) -> None:
    state.documents[event.decision_id]["overrides"].append(
        _said(at)
        | {
            "override_id": event.override_id,
            "conditions": event.conditions,
            "reason": event.reason,
        }
    )


@_folds.on(DecisionConcluded)
def _(state: _State, event: DecisionConcluded, at: Recorded) -> None:
    state.documents[event.decision_id] |= {
        "state": "concluded",
        "result": event.result,
        "conclusion": _said(at)
        | {
            "result": event.result,
            "document_no": event.document_no,
            "reason": event.reason,
            "opinion_ids": event.opinion_ids,
            "notices": event.notices,
            "overridden": event.overridden,
            "override_ids": event.override_ids,
        },
    }


@_folds.on(DecisionRevised)
def _(state: _State, event: DecisionRevised, _at: Recorded) -> None:
    state.documents[event.decision_id]["result"] = event.result


@_folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, _at: Recorded) -> None:
    state.documents[event.subject_id]["disputed"] = True


def _settle(state: _State, event: ObjectionAnswered | ObjectionWithdrawn, _at: Recorded) -> None:
    # There is one undecided objection to a decision at a time.
    state.documents[event.subject_id]["disputed"] = False


_folds.on(ObjectionAnswered)(_settle)
_folds.on(ObjectionWithdrawn)(_settle)
