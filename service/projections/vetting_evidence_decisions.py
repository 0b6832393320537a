"""What was decided about the member, on what, and what they objected to (R29, R31, R39)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.domain.decision import (
    DecisionConcluded,
    DecisionOpened,
    DecisionRevised,
    GateOverridden,
)
from service.domain.decision_purpose import DecisionPurpose
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionEscalated,
    ObjectionRaised,
    ObjectionWithdrawn,
)
from service.domain.vetting import FieldInquiryAdded, PublicNoticePosted, VettingOpened
from service.eventstore.mapping import Recorded
from service.projections.vetting_evidence_statement import Item, said
from service.projections.view import Folds


@dataclass(slots=True)
class _State:
    decisions: dict[str, Item] = field(default_factory=dict)
    objections: dict[str, Item] = field(default_factory=dict)
    field_inquiries: list[Item] = field(default_factory=list)


folds = Folds[_State]()


def decisions(recorded: Iterable[Recorded]) -> Item:
    """The sections ``decisions``, ``objections`` and ``field_inquiries``."""
    state = _State()
    folds.fold(state, folds.relevant(list(recorded)))
    return {
        "decisions": list(state.decisions.values()),
        "objections": list(state.objections.values()),
        "field_inquiries": state.field_inquiries,
    }


def _opened(event: DecisionOpened | VettingOpened, purpose: DecisionPurpose, at: Recorded) -> Item:
    return {
        "decision_id": event.decision_id,
        "purpose": purpose,
        "period": event.period,
        "result": None,
        "opened": said(at),
        "overrides": [],
        "public_notices": [],
        "conclusion": None,
        "revisions": [],
    }


@folds.on(DecisionOpened)
def _(state: _State, event: DecisionOpened, at: Recorded) -> None:
    state.decisions[event.decision_id] = _opened(event, event.purpose, at)


@folds.on(VettingOpened)
def _(state: _State, event: VettingOpened, at: Recorded) -> None:
    state.decisions[event.decision_id] = _opened(event, DecisionPurpose.VETTING, at)


@folds.on(GateOverridden)
def _(state: _State, event: GateOverridden, at: Recorded) -> None:
    state.decisions[event.decision_id]["overrides"].append(
        {
            "override_id": event.override_id,
            "conditions": event.conditions,
            "reason": event.reason,
            "stated": said(at),
        }
    )


@folds.on(PublicNoticePosted)
def _(state: _State, event: PublicNoticePosted, at: Recorded) -> None:
    state.decisions[event.decision_id]["public_notices"].append(
        {
            "starts_on": event.starts_on,
            "ends_on": event.ends_on,
            "calendars": event.calendars,
            "place": event.place,
            "stated": said(at),
        }
    )


@folds.on(DecisionConcluded)
def _(state: _State, event: DecisionConcluded, at: Recorded) -> None:
    state.decisions[event.decision_id] |= {
        "result": event.result,
        "conclusion": {
            "result": event.result,
            "document_no": event.document_no,
            "reason": event.reason,
            "opinion_ids": event.opinion_ids,
            "notices": event.notices,
            "overridden": event.overridden,
            "override_ids": event.override_ids,
            "stated": said(at),
        },
    }


@folds.on(DecisionRevised)
def _(state: _State, event: DecisionRevised, at: Recorded) -> None:
    decision = state.decisions[event.decision_id]
    decision["result"] = event.result
    decision["revisions"].append(
        {
            "result": event.result,
            "objection_id": event.objection_id,
            "reason": event.reason,
            "stated": said(at),
        }
    )


@folds.on(FieldInquiryAdded)
def _(state: _State, event: FieldInquiryAdded, at: Recorded) -> None:
    state.field_inquiries.append(
        {
            "inquiry_id": event.inquiry_id,
            "decision_id": event.decision_id,
            "held_on": event.held_on,
            "inquirers": event.inquirers,
            "interviewees": event.interviewees,
            "findings": event.findings,
            "stated": said(at),
        }
    )


@folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, at: Recorded) -> None:
    state.objections[event.objection_id] = {
        "objection_id": event.objection_id,
        "against": event.against,
        "subject_id": event.subject_id,
        "against_event_id": event.against_event_id,
        "state": "open",
        "text": event.text,
        "notified_on": event.notified_on,
        "raised_on": event.raised_on,
        "answer_due_on": event.answer_due_on,
        "on_paper": event.on_paper,
        "raised": said(at),
        "escalated": None,
        "answer": None,
        "withdrawn": None,
    }


@folds.on(ObjectionEscalated)
def _(state: _State, event: ObjectionEscalated, at: Recorded) -> None:
    state.objections[event.objection_id] |= {
        "state": "escalated",
        "answer_due_on": event.answer_due_on,
        "escalated": said(at),
    }


@folds.on(ObjectionAnswered)
def _(state: _State, event: ObjectionAnswered, at: Recorded) -> None:
    state.objections[event.objection_id] |= {
        "state": "answered",
        "answer": said(at)
        | {
            "answering_id": event.answering_id,
            "outcome": event.outcome,
            "text": event.text,
        },
    }


@folds.on(ObjectionWithdrawn)
def _(state: _State, event: ObjectionWithdrawn, at: Recorded) -> None:
    state.objections[event.objection_id] |= {"state": "withdrawn", "withdrawn": said(at)}
