"""Notices of what follows from rule packs, and of role models (R31-R33).

Nothing follows from a notice. What is sealed in an event is passed on sealed.
"""

from collections.abc import Iterator
from typing import Any

from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.consequence import ConsequenceProposed, ProposalDismissed
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
)
from service.eventstore.mapping import Recorded
from service.projections.notices_telling import Names, NoticeKind, Tellings, Told

TELLINGS = Tellings()

# What follows from rule packs: the member or the unit is told, and the member's branch (R31, R32).

_Consequence = (
    ConsequenceProposed
    | ProposalDismissed
    | CommendationConcluded
    | CommendationRevoked
    | DisqualificationConcluded
    | DisqualificationRevoked
)


def _concerned(event: _Consequence, at: Recorded, kind: NoticeKind, said: str) -> Iterator[Told]:
    # What an event does not speak of is left out of the notice.
    facts: dict[str, Any] = {
        "kind": kind,
        "rule": "R31" if event.member_id is not None else "R32",
        "document_no": getattr(event, "document_no", None),
        "causes": getattr(event, "cause_event_ids", ()),
        "measured": getattr(event, "measured", ()),
        "reason": getattr(event, "reason", None) or getattr(event, "open_reason", None),
    }
    if event.member_id is None:
        yield Told(organisation_id=event.organisation_id, text=f"你单位{said}", **facts)
        return
    yield Told(member_id=event.member_id, text=f"你{said}", **facts)
    if event.branch_id != at.actor.organisation_id:
        yield Told(
            organisation_id=event.branch_id,
            member_id=event.member_id,
            text=f"你支部一名党员{said}",
            **facts,
        )


@TELLINGS.on(ConsequenceProposed)
def _(event: ConsequenceProposed, _names: Names, at: Recorded) -> Iterator[Told]:
    said = (
        f"{event.year}年度按考核规则（{event.document_no}）衡量，建议{event.outcome.word}；"
        "是否采纳由党组织负责人决定。"
    )
    return _concerned(event, at, NoticeKind.PROPOSAL, said)


@TELLINGS.on(ProposalDismissed)
def _(event: ProposalDismissed, _names: Names, at: Recorded) -> Iterator[Told]:
    said = f"的考核建议经党组织负责人审查，不予采纳：{event.reason_code.word}。"
    return _concerned(event, at, NoticeKind.PROPOSAL, said)


@TELLINGS.on(CommendationConcluded)
def _(event: CommendationConcluded, _names: Names, at: Recorded) -> Iterator[Told]:
    said = f"被评为{event.year}年度“{event.title}”，依据{event.document_no}。"
    return _concerned(event, at, NoticeKind.COMMENDATION, said)


@TELLINGS.on(CommendationRevoked)
def _(event: CommendationRevoked, _names: Names, at: Recorded) -> Iterator[Told]:
    return _concerned(event, at, NoticeKind.COMMENDATION, "的评优结论已经撤销。")


@TELLINGS.on(DisqualificationConcluded)
def _(event: DisqualificationConcluded, _names: Names, at: Recorded) -> Iterator[Told]:
    said = f"{event.year}年度评优评先资格被取消，依据{event.document_no}。"
    return _concerned(event, at, NoticeKind.DISQUALIFICATION, said)


@TELLINGS.on(DisqualificationRevoked)
def _(event: DisqualificationRevoked, _names: Names, at: Recorded) -> Iterator[Told]:
    return _concerned(event, at, NoticeKind.DISQUALIFICATION, "的评优评先资格已经恢复。")


# A role model: the member hears of each step, and so does the side that did not take it (R33).

_RoleModel = RoleModelNominated | RoleModelAgreed | RoleModelRefused | RoleModelPublicised


def _of_role_model(
    event: _RoleModel, organisation_id: str, said: str, yours: str
) -> Iterator[Told]:
    facts: dict[str, Any] = {
        "kind": NoticeKind.ROLE_MODEL,
        "member_id": event.member_id,
        "rule": "R33",
        "reason": event.reason if isinstance(event, RoleModelRefused) else None,
    }
    yield Told(text=yours, **facts)
    yield Told(organisation_id=organisation_id, text=said, **facts)


@TELLINGS.on(RoleModelNominated)
def _(event: RoleModelNominated, names: Names, _at: Recorded) -> Iterator[Told]:
    community = names[event.community_id]
    said = f"{community}推荐你支部一名党员为先进典型，请研究答复。"
    yours = f"{community}推荐你为先进典型，待你所在单位答复。"
    return _of_role_model(event, event.branch_id, said, yours)


@TELLINGS.on(RoleModelAgreed)
def _(event: RoleModelAgreed, names: Names, _at: Recorded) -> Iterator[Told]:
    said = (
        f"你社区推荐的一名党员，其所在单位（{names[event.branch_id]}）同意作为先进典型，可以宣传。"
    )
    yours = f"你所在单位同意{names[event.community_id]}将你作为先进典型。"
    return _of_role_model(event, event.community_id, said, yours)


@TELLINGS.on(RoleModelRefused)
def _(event: RoleModelRefused, names: Names, _at: Recorded) -> Iterator[Told]:
    said = f"你社区推荐的一名党员，其所在单位（{names[event.branch_id]}）不同意作为先进典型。"
    yours = f"你所在单位不同意{names[event.community_id]}将你作为先进典型。"
    return _of_role_model(event, event.community_id, said, yours)


@TELLINGS.on(RoleModelPublicised)
def _(event: RoleModelPublicised, names: Names, _at: Recorded) -> Iterator[Told]:
    community = names[event.community_id]
    said = f"{community}已将你支部一名党员作为先进典型宣传：{event.channel}。"
    yours = f"{community}已将你作为先进典型宣传：{event.channel}。"
    return _of_role_model(event, event.branch_id, said, yours)
