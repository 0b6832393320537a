"""异议: what members object to, by when it is to be answered, and what came out of it (R39).

An objection is seen by the organisation objected to and those above it, by the branch that took it
down on paper, and by the member. The branch a member comes in for does not see the others: what is
objected to may be a vetting, which is none of its business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.domain.objection import (
    ObjectionAnswered,
    ObjectionEscalated,
    ObjectionRaised,
    ObjectionWithdrawn,
)
from service.eventstore.mapping import Recorded
from service.projections.fence import SUFFIX, belonging, of_oneself
from service.projections.view import Build, Folds, Table, View


@dataclass(slots=True)
class _Objection:
    objection_id: str
    position: int
    member_id: str
    organisation_id: str
    taken_by: str | None
    """The branch that took it down on paper."""
    against: str
    subject_id: str
    against_event_id: str
    notified_on: date
    raised_on: date
    answer_due_on: date
    text: str
    on_paper: bool
    raised_by: str
    state: str = "open"
    above_id: str | None = None
    escalated_on: date | None = None
    outcome: str | None = None
    answer: str | None = None
    answering_id: str | None = None
    answered_by: str | None = None
    settled_at: datetime | None = None
    """When it was answered or withdrawn."""


_OBJECTIONS = Table(
    "objection",
    _Objection,
    """
    objection_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    organisation_id text NOT NULL,
    taken_by text,
    against text NOT NULL,
    subject_id text NOT NULL,
    against_event_id text NOT NULL,
    notified_on date NOT NULL,
    raised_on date NOT NULL,
    answer_due_on date NOT NULL,
    text text NOT NULL,
    on_paper boolean NOT NULL,
    raised_by text NOT NULL,
    state text NOT NULL,
    above_id text,
    escalated_on date,
    outcome text,
    answer text,
    answering_id text,
    answered_by text,
    settled_at timestamptz
    """,
    ("(organisation_id, position)", "(member_id)", "(answer_due_on) WHERE state = 'open'"),
    # Whoever it goes up to stands above the organisation.
    f"{belonging(f'objection{SUFFIX}.organisation_id', 'taken_by')} OR {of_oneself('objection')}",
)

_State = dict[str, _Objection]
_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    stepped = _folds.ids(
        batch, "objection_id", ObjectionEscalated, ObjectionAnswered, ObjectionWithdrawn
    )
    state = await build.load(_OBJECTIONS, stepped)
    _folds.fold(state, batch)
    await build.save(_OBJECTIONS, state)


VIEW = View(
    "objections",
    version=1,
    tables=(_OBJECTIONS,),
    apply=_apply,
    about_members=(_OBJECTIONS,),
    concerned=_folds.concern,
)


@_folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, at: Recorded) -> None:
    state[event.objection_id] = _Objection(
        event.objection_id,
        at.position,
        event.member_id,
        event.organisation_id,
        at.actor.organisation_id if event.on_paper else None,
        event.against.value,
        event.subject_id,
        event.against_event_id,
        event.notified_on,
        event.raised_on,
        event.answer_due_on,
        event.text,
        event.on_paper,
        event.raised_by,
    )


# Whoever is not there was erased.


@_folds.on(ObjectionEscalated)
def _(state: _State, event: ObjectionEscalated, _at: Recorded) -> None:
    if (objection := state.get(event.objection_id)) is not None:
        objection.above_id, objection.escalated_on = event.above_id, event.escalated_on
        objection.answer_due_on = event.answer_due_on


@_folds.on(ObjectionAnswered)
def _(state: _State, event: ObjectionAnswered, at: Recorded) -> None:
    if (objection := state.get(event.objection_id)) is not None:
        objection.state, objection.settled_at = "answered", at.occurred_at
        objection.outcome, objection.answer = event.outcome.value, event.text
        objection.answering_id, objection.answered_by = event.answering_id, event.answered_by


@_folds.on(ObjectionWithdrawn)
def _(state: _State, event: ObjectionWithdrawn, at: Recorded) -> None:
    if (objection := state.get(event.objection_id)) is not None:
        objection.state, objection.settled_at = "withdrawn", at.occurred_at
