"""征求意见: who was asked about whom, and what was answered (R26, R27).

`consultations_tables` says who sees what, `consultations_answer` how it is read. Texts about
members stay sealed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationWithdrawn,
    OpinionReminded,
    OpinionRequestCancelled,
    OpinionRequested,
    RecusalDeclared,
)
from service.domain.event import SHANGHAI, Event
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import (
    OpinionCountersigned,
    OpinionGiven,
    OpinionReceived,
    OpinionWithdrawn,
)
from service.eventstore.mapping import Recorded
from service.projections.consultations_tables import (
    ASKED,
    OPINIONS,
    REQUESTS,
    TABLES,
    Asked,
    Opinion,
    Request,
)
from service.projections.view import Build, Folds, View


@dataclass(slots=True)
class _State:
    asked: dict[str, Asked]
    requests: dict[str, Request]
    opinions: dict[str, Opinion]

    def sides(self, consultation_id: str) -> list[Asked | Request]:
        """Both sides of a consultation; none if the member was erased."""
        sides = self.asked.get(consultation_id), self.requests.get(consultation_id)
        return [each for each in sides if each is not None]


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    # Of what an objection is about only consultations are found here.
    found = {_consultation(each.event) for each in batch}
    ids = _folds.ids(batch, "opinion_id", OpinionCountersigned, OpinionWithdrawn)
    state = _State(
        await build.load(ASKED, found),
        await build.load(REQUESTS, found),
        await build.load(OPINIONS, ids),
    )
    _folds.fold(state, batch)
    await build.save(ASKED, state.asked)
    await build.save(REQUESTS, state.requests)
    await build.save(OPINIONS, state.opinions)


VIEW = View(
    "consultations",
    version=1,
    tables=TABLES,
    apply=_apply,
    about_members=TABLES,
    concerned=_folds.concern,
)


def _consultation(event: Event) -> str:
    """The consultation that an event is about."""
    said: dict[str, Any] = vars(event)
    found: str = said["subject_id"] if "subject_id" in said else said["consultation_id"]
    return found


@_folds.on(ConsultationAsked)
def _(state: _State, event: ConsultationAsked, at: Recorded) -> None:
    state.asked[event.consultation_id] = Asked(
        consultation_id=event.consultation_id,
        position=at.position,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        community_id=event.to_community_id,
        purpose=event.purpose.value,
        period=event.period,
        due_on=event.due_on,
        document_no=event.document_no,
        document_title=event.document_title,
        masked=event.masked,
        asked_by=event.asked_by,
        asked_at=at.occurred_at,
    )


@_folds.on(OpinionRequested)
def _(state: _State, event: OpinionRequested, at: Recorded) -> None:
    state.requests[event.consultation_id] = Request(
        consultation_id=event.consultation_id,
        position=at.position,
        member_id=event.member_id,
        community_id=event.community_id,
        due_on=event.due_on,
        masked=event.masked,
        asking_id=event.asking_id,
        purpose=None if event.purpose is None else event.purpose.value,
        period=event.period,
        document_no=event.document_no,
        document_title=event.document_title,
        requested_at=at.occurred_at,
        recusals=b"[]",
    )


@_folds.on(OpinionReminded)
def _(state: _State, event: OpinionReminded, _at: Recorded) -> None:
    for side in state.sides(event.consultation_id):
        side.reminded_on = [*side.reminded_on, event.reminded_on]


@_folds.on(ConsultationEscalated)
def _(state: _State, event: ConsultationEscalated, _at: Recorded) -> None:
    for side in state.sides(event.consultation_id):
        side.escalated_to, side.escalated_on = event.subdistrict_id, event.escalated_on


@_folds.on(RecusalDeclared)
def _(state: _State, event: RecusalDeclared, at: Recorded) -> None:
    if (request := state.requests.get(event.consultation_id)) is not None:
        declared = {
            "officer_id": event.officer_id,
            "ground": event.ground.value,
            "declared_by": event.declared_by,
            "declared_at": at.occurred_at.astimezone(SHANGHAI).isoformat(),
        }
        request.recusals = orjson.dumps([*orjson.loads(request.recusals), declared])


@_folds.on(ConsultationWithdrawn)
def _(state: _State, event: ConsultationWithdrawn, at: Recorded) -> None:
    if (asked := state.asked.get(event.consultation_id)) is not None:
        asked.state, asked.withdrawn_reason = "withdrawn", event.reason
        asked.withdrawn_by, asked.withdrawn_at = event.withdrawn_by, at.occurred_at


@_folds.on(OpinionRequestCancelled)
def _(state: _State, event: OpinionRequestCancelled, _at: Recorded) -> None:
    if (request := state.requests.get(event.consultation_id)) is not None:
        request.state = "cancelled"


@_folds.on(OpinionGiven)
def _(state: _State, event: OpinionGiven, at: Recorded) -> None:
    if event.consultation_id not in state.requests:  # about an erased member
        return
    state.opinions[event.opinion_id] = Opinion(
        opinion_id=event.opinion_id,
        position=at.position,
        consultation_id=event.consultation_id,
        member_id=event.member_id,
        community_id=event.community_id,
        replying_id=event.replying_id,
        figures=orjson.dumps(event.figures.model_dump()),
        social_morality=event.social_morality.value,
        community_pledge=event.community_pledge.value,
        bearing=event.bearing.value,
        overall=event.overall.value,
        comment=event.comment,
        replaces=event.replaces,
        given_by=event.given_by,
        given_at=at.occurred_at,
    )


@_folds.on(OpinionCountersigned)
def _(state: _State, event: OpinionCountersigned, at: Recorded) -> None:
    if (opinion := state.opinions.get(event.opinion_id)) is not None:
        opinion.countersigned_by, opinion.countersigned_at = event.countersigned_by, at.occurred_at
        opinion.countersigned_on = event.countersigned_on
        state.requests[event.consultation_id].state = "answered"


@_folds.on(OpinionReceived)
def _(state: _State, event: OpinionReceived, _at: Recorded) -> None:
    if (asked := state.asked.get(event.consultation_id)) is not None:
        asked.state = "answered"


@_folds.on(OpinionWithdrawn)
def _(state: _State, event: OpinionWithdrawn, at: Recorded) -> None:
    opinion = state.opinions.get(event.opinion_id)
    if opinion is None:
        return
    opinion.withdrawn_by, opinion.withdrawn_at = event.withdrawn_by, at.occurred_at
    opinion.withdrawn_reason = event.reason
    if opinion.countersigned_on is not None:
        for side in state.sides(event.consultation_id):
            side.state = "open"


def _dispute(
    state: _State,
    event: ObjectionRaised | ObjectionAnswered | ObjectionWithdrawn,
    *,
    disputed: bool,
) -> None:
    if event.against is ObjectionSubject.OPINION:
        for side in state.sides(event.subject_id):
            side.disputed = disputed


@_folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, _at: Recorded) -> None:
    _dispute(state, event, disputed=True)


@_folds.on(ObjectionAnswered)
def _(state: _State, event: ObjectionAnswered, _at: Recorded) -> None:
    _dispute(state, event, disputed=False)


@_folds.on(ObjectionWithdrawn)
def _(state: _State, event: ObjectionWithdrawn, _at: Recorded) -> None:
    _dispute(state, event, disputed=False)
