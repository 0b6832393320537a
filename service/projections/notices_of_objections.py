"""Notices of objections: to the member, and to whoever owes the answer (R39).

What was written, and answered, is read where objections are. The member's branch is told nothing
that is not addressed to it.
"""

from collections.abc import Iterator
from typing import Any

from service.domain.objection import (
    ObjectionAnswered,
    ObjectionEscalated,
    ObjectionRaised,
    ObjectionWithdrawn,
)
from service.eventstore.mapping import Recorded
from service.projections.audit_words import day
from service.projections.notices_telling import Names, NoticeKind, Tellings, Told

TELLINGS = Tellings()


def _told(text: str, member_id: str, **facts: Any) -> Told:
    return Told(kind=NoticeKind.OBJECTION, rule="R39", text=text, member_id=member_id, **facts)


@TELLINGS.on(ObjectionRaised)
def _(event: ObjectionRaised, names: Names, _at: Recorded) -> Iterator[Told]:
    until, what = f"最迟应于{day(event.answer_due_on)}答复", event.against.word
    causes = (event.against_event_id,)
    yield _told(
        f"一名党员对你单位的{what}提出异议，{until}；作出者本人不得答复。",
        event.member_id,
        organisation_id=event.organisation_id,
        causes=causes,
    )
    yield _told(
        f"你对{names[event.organisation_id]}的{what}的异议已经收到，该单位{until}。",
        event.member_id,
        causes=causes,
    )


@TELLINGS.on(ObjectionEscalated)
def _(event: ObjectionEscalated, names: Names, _at: Recorded) -> Iterator[Told]:
    below, above = names[event.organisation_id], names[event.above_id]
    until, what = f"最迟应于{day(event.answer_due_on)}答复", event.against.word
    yield _told(
        f"一名党员对{below}的{what}的异议逾期未答复，提请你单位答复，{until}。",
        event.member_id,
        organisation_id=event.above_id,
    )
    yield _told(
        f"一名党员对你单位的{what}的异议逾期未答复，已提请{above}答复。",
        event.member_id,
        organisation_id=event.organisation_id,
    )
    yield _told(
        f"你对{below}的{what}的异议逾期未获答复，已提请{above}答复，{until}。", event.member_id
    )


@TELLINGS.on(ObjectionAnswered)
def _(event: ObjectionAnswered, names: Names, _at: Recorded) -> Iterator[Told]:
    what, outcome = event.against.word, event.outcome.word
    answering = names[event.answering_id]
    yield _told(
        f"{answering}答复了你对{names[event.organisation_id]}的{what}的异议：{outcome}。",
        event.member_id,
    )
    if event.answering_id != event.organisation_id:
        yield _told(
            f"{answering}答复了一名党员对你单位的{what}的异议：{outcome}。",
            event.member_id,
            organisation_id=event.organisation_id,
        )


@TELLINGS.on(ObjectionWithdrawn)
def _(event: ObjectionWithdrawn, _names: Names, _at: Recorded) -> Iterator[Told]:
    yield _told(
        f"一名党员撤回了对你单位的{event.against.word}的异议，不必答复。",
        event.member_id,
        organisation_id=event.organisation_id,
    )
    if event.on_paper:
        yield _told(f"你对{event.against.word}的异议已经撤回。", event.member_id)
