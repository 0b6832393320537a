"""What the community was asked and what it said: nothing is masked to the authority (R29).

What the service tells the community of a consultation repeats the asking side and is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationWithdrawn,
    OpinionReminded,
    RecusalDeclared,
)
from service.domain.decision import AbsenceExplained
from service.domain.opinion import OpinionCountersigned, OpinionGiven, OpinionWithdrawn
from service.eventstore.mapping import Recorded
from service.projections.vetting_evidence_statement import Item, ended, said, signature
from service.projections.view import Folds


@dataclass(slots=True)
class _State:
    consultations: dict[str, Item] = field(default_factory=dict)
    opinions: dict[str, Item] = field(default_factory=dict)
    absences: list[Item] = field(default_factory=list)


folds = Folds[_State]()


def consultations(recorded: Iterable[Recorded]) -> Item:
    """The sections ``consultations`` and ``absences``."""
    state = _State()
    folds.fold(state, folds.relevant(list(recorded)))
    return {"consultations": list(state.consultations.values()), "absences": state.absences}


@folds.on(ConsultationAsked)
def _(state: _State, event: ConsultationAsked, at: Recorded) -> None:
    state.consultations[event.consultation_id] = {
        "consultation_id": event.consultation_id,
        "purpose": event.purpose,
        "period": event.period,
        "to_community_id": event.to_community_id,
        "document_no": event.document_no,
        "document_title": event.document_title,
        "masked": event.masked,
        "due_on": event.due_on,
        "state": "asked",
        "asked": said(at),
        "reminders": [],
        "escalated": None,
        "recusals": [],
        "opinions": [],
        "withdrawn": None,
    }


@folds.on(OpinionReminded)
def _(state: _State, event: OpinionReminded, at: Recorded) -> None:
    reminder = {"number": event.number, "reminded_on": event.reminded_on, "stated": said(at)}
    state.consultations[event.consultation_id]["reminders"].append(reminder)


@folds.on(ConsultationEscalated)
def _(state: _State, event: ConsultationEscalated, at: Recorded) -> None:
    state.consultations[event.consultation_id]["escalated"] = said(at)


@folds.on(RecusalDeclared)
def _(state: _State, event: RecusalDeclared, at: Recorded) -> None:
    recusal = {"officer_id": event.officer_id, "ground": event.ground, "stated": said(at)}
    state.consultations[event.consultation_id]["recusals"].append(recusal)


@folds.on(ConsultationWithdrawn)
def _(state: _State, event: ConsultationWithdrawn, at: Recorded) -> None:
    state.consultations[event.consultation_id] |= {"state": "withdrawn", "withdrawn": ended(at)}


@folds.on(OpinionGiven)
def _(state: _State, event: OpinionGiven, at: Recorded) -> None:
    opinion = state.opinions[event.opinion_id] = {
        "opinion_id": event.opinion_id,
        "replying_id": event.replying_id,
        "state": "given",
        "replaces": event.replaces,
        "figures": event.figures.model_dump(),
        "social_morality": event.social_morality,
        "community_pledge": event.community_pledge,
        "bearing": event.bearing,
        "overall": event.overall,
        "comment": event.comment,
        "given": said(at),
        "signature": signature(event.signature),
        "countersigned": None,
        "withdrawn": None,
    }
    state.consultations[event.consultation_id]["opinions"].append(opinion)


@folds.on(OpinionCountersigned)
def _(state: _State, event: OpinionCountersigned, at: Recorded) -> None:
    state.opinions[event.opinion_id] |= {
        "state": "countersigned",
        "countersigned": {
            "stated": said(at),
            "signature": signature(event.signature),
            "countersigned_on": event.countersigned_on,
        },
    }
    state.consultations[event.consultation_id]["state"] = "answered"


@folds.on(OpinionWithdrawn)
def _(state: _State, event: OpinionWithdrawn, at: Recorded) -> None:
    state.opinions[event.opinion_id] |= {"state": "withdrawn", "withdrawn": ended(at)}
    consultation = state.consultations[event.consultation_id]
    if consultation["state"] == "answered":
        consultation["state"] = "asked"


@folds.on(AbsenceExplained)
def _(state: _State, event: AbsenceExplained, at: Recorded) -> None:
    state.absences.append(
        {
            "explanation_id": event.explanation_id,
            "explained_on": event.explained_on,
            "explanation": event.explanation,
            "unit_view": event.unit_view,
            "stated": said(at),
        }
    )
