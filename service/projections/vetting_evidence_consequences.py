"""What followed for the member, for better or worse, and whether they are a role model (R31, R33).

Proposals of rule packs are left out: nobody decided on them (R28).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
)
from service.eventstore.mapping import Recorded
from service.projections.vetting_evidence_statement import Item, ended, said
from service.projections.view import Folds


@dataclass(slots=True)
class _State:
    commendations: dict[str, Item] = field(default_factory=dict)
    disqualifications: dict[str, Item] = field(default_factory=dict)
    role_models: dict[str, Item] = field(default_factory=dict)


folds = Folds[_State]()


def consequences(recorded: Iterable[Recorded]) -> Item:
    """The sections ``commendations``, ``disqualifications`` and ``role_models``."""
    state = _State()
    folds.fold(state, folds.relevant(list(recorded)))
    return {
        "commendations": list(state.commendations.values()),
        "disqualifications": list(state.disqualifications.values()),
        "role_models": list(state.role_models.values()),
    }


@folds.on(CommendationConcluded)
def _(state: _State, event: CommendationConcluded, at: Recorded) -> None:
    state.commendations[event.commendation_id] = {
        "commendation_id": event.commendation_id,
        "title": event.title,
        **_concluded(event, at),
    }


@folds.on(DisqualificationConcluded)
def _(state: _State, event: DisqualificationConcluded, at: Recorded) -> None:
    state.disqualifications[event.disqualification_id] = {
        "disqualification_id": event.disqualification_id,
        **_concluded(event, at),
    }


def _concluded(event: CommendationConcluded | DisqualificationConcluded, at: Recorded) -> Item:
    return {
        "year": event.year,
        "document_no": event.document_no,
        "cause_event_ids": event.cause_event_ids,
        "reason": event.reason,
        "concluded": said(at),
        "revoked": None,
    }


@folds.on(CommendationRevoked)
def _(state: _State, event: CommendationRevoked, at: Recorded) -> None:
    state.commendations[event.commendation_id]["revoked"] = ended(at)


@folds.on(DisqualificationRevoked)
def _(state: _State, event: DisqualificationRevoked, at: Recorded) -> None:
    state.disqualifications[event.disqualification_id]["revoked"] = ended(at)


@folds.on(RoleModelNominated)
def _(state: _State, event: RoleModelNominated, at: Recorded) -> None:
    state.role_models[event.role_model_id] = {
        "role_model_id": event.role_model_id,
        "community_id": event.community_id,
        "deeds": event.deeds,
        "state": "nominated",
        "nominated": said(at),
        "answered": None,
        "publicised": None,
    }


@folds.on(RoleModelAgreed)
def _(state: _State, event: RoleModelAgreed, at: Recorded) -> None:
    state.role_models[event.role_model_id] |= {"state": "agreed", "answered": ended(at)}


@folds.on(RoleModelRefused)
def _(state: _State, event: RoleModelRefused, at: Recorded) -> None:
    state.role_models[event.role_model_id] |= {"state": "refused", "answered": ended(at)}


@folds.on(RoleModelPublicised)
def _(state: _State, event: RoleModelPublicised, at: Recorded) -> None:
    state.role_models[event.role_model_id] |= {"state": "publicised", "publicised": said(at)}
