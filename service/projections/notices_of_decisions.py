"""Notices of decisions: the member is told each, and so is their branch where others acted (R28).

A vetting's are told to the member alone: no branch stands in its events.
"""

from collections.abc import Iterator
from typing import Any

from service.domain.decision import (
    AbsenceExplained,
    DecisionConcluded,
    DecisionRevised,
    GateOverridden,
)
from service.domain.decision_purpose import period_word
from service.domain.gate_condition import Condition
from service.eventstore.mapping import Recorded
from service.projections.notices_telling import Names, NoticeKind, Tellings, Told

TELLINGS = Tellings()


def _concerned(
    event: GateOverridden | DecisionConcluded | DecisionRevised,
    at: Recorded,
    said: str,
    rule: str,
    **facts: Any,
) -> Iterator[Told]:
    facts |= {"kind": NoticeKind.DECISION, "member_id": event.member_id, "rule": rule}
    yield Told(text=f"你{said}", reason=event.reason, **facts)
    if event.branch_id not in {None, at.actor.organisation_id}:
        text = f"你支部一名党员{said}"
        yield Told(text=text, organisation_id=event.branch_id, reason=event.reason, **facts)


def _words(conditions: tuple[str, ...]) -> str:
    return "、".join(Condition(each).word for each in conditions)


@TELLINGS.on(DecisionConcluded)
def _(event: DecisionConcluded, _names: Names, at: Recorded) -> Iterator[Told]:
    said = (
        f"{period_word(event.period)}{event.purpose.word}的结论：{event.result.word}，"
        f"依据{event.document_no}"
    )
    if event.notices:
        said += f"；{_words(event.notices)}，由所在支部作出说明"
    if event.overridden:
        said += f"；{_words(event.overridden)}，经特批作出"
    document_no = event.document_no
    return _concerned(event, at, f"{said}。", "R26", document_no=document_no)


@TELLINGS.on(DecisionRevised)
def _(event: DecisionRevised, _names: Names, at: Recorded) -> Iterator[Told]:
    matter = f"{period_word(event.period)}{event.purpose.word}"
    said = f"{matter}经复议，结论为：{event.result.word}。"
    return _concerned(event, at, said, "R39", causes=(event.corrects,))


@TELLINGS.on(GateOverridden)
def _(event: GateOverridden, names: Names, at: Recorded) -> Iterator[Told]:
    by = names[event.organisation_id]
    matter = "任前考察" if event.branch_id is None else "评议考核"
    said = f"的{matter}虽有条件未满足（{_words(event.conditions)}），{by}特批可以作出结论。"
    return _concerned(event, at, said, "R26")


@TELLINGS.on(AbsenceExplained)
def _(event: AbsenceExplained, names: Names, _at: Recorded) -> Iterator[Told]:
    yield Told(
        kind=NoticeKind.DECISION,
        text=f"{names[event.branch_id]}就你从未到社区报到作出书面说明，并提出意见。",
        rule="R26",
        member_id=event.member_id,
    )
