"""Notices of consultations: to the community, whoever is above it, whoever asked, and the member.

What the community and those above it are told comes from the community's own side of a consultation
alone, which does not hold what is masked (R27).
"""

from collections.abc import Iterator
from typing import Any

from service.domain.consultation import (
    ConsultationEscalated,
    OpinionReminded,
    OpinionRequestCancelled,
    OpinionRequested,
)
from service.domain.decision_purpose import period_word
from service.domain.opinion import OpinionCountersigned, OpinionReceived, OpinionWithdrawn
from service.eventstore.mapping import Recorded
from service.projections.audit_words import day
from service.projections.notices_telling import Names, NoticeKind, Tellings, Told

TELLINGS = Tellings()


def _told(rule: str, text: str, **facts: Any) -> Told:
    return Told(kind=NoticeKind.CONSULTATION, rule=rule, text=text, **facts)


@TELLINGS.on(OpinionRequested)
def _(event: OpinionRequested, names: Names, _at: Recorded) -> Iterator[Told]:
    until = f"最迟应于{day(event.due_on)}出具"
    if event.asking_id is None or event.purpose is None or event.period is None:
        text = f"请你社区对一名党员出具意见，{until}；所办事项不予告知。"
    else:
        matter = f"{event.purpose.word}（{period_word(event.period)}）"
        text = f"{names[event.asking_id]}就{matter}征求你社区对一名党员的意见，{until}。"
    yield _told(
        "R27",
        text,
        organisation_id=event.community_id,
        member_id=event.member_id,
        document_no=event.document_no,
    )


@TELLINGS.on(OpinionReminded)
def _(event: OpinionReminded, _names: Names, _at: Recorded) -> Iterator[Told]:
    text = f"你社区对一名党员的意见最迟应于{day(event.due_on)}出具，现已逾期，请抓紧出具。"
    yield _told("R26", text, organisation_id=event.community_id, member_id=event.member_id)


@TELLINGS.on(ConsultationEscalated)
def _(event: ConsultationEscalated, names: Names, _at: Recorded) -> Iterator[Told]:
    community, above = names[event.community_id], names[event.subdistrict_id]
    about = event.member_id
    overdue = "对一名党员的意见经催办仍未出具"
    yield _told(
        "R26",
        f"{community}{overdue}，提请督办；你党工委也可以出具意见。",
        organisation_id=event.subdistrict_id,
        member_id=about,
    )
    yield _told(
        "R26",
        f"你社区{overdue}，已提请{above}督办。",
        organisation_id=event.community_id,
        member_id=about,
    )


@TELLINGS.on(OpinionRequestCancelled)
def _(event: OpinionRequestCancelled, _names: Names, _at: Recorded) -> Iterator[Told]:
    yield _told(
        "R27",
        "不再需要你社区对一名党员出具意见。",
        organisation_id=event.community_id,
        member_id=event.member_id,
    )


@TELLINGS.on(OpinionReceived)
def _(event: OpinionReceived, _names: Names, _at: Recorded) -> Iterator[Told]:
    yield _told(
        "R26",
        "已收到社区对一名党员的意见。",
        organisation_id=event.organisation_id,
        member_id=event.member_id,
    )


@TELLINGS.on(OpinionCountersigned)
def _(event: OpinionCountersigned, names: Names, _at: Recorded) -> Iterator[Told]:
    text = f"{names[event.replying_id]}出具了对你的意见，总体评价：{event.overall.word}。"
    yield _told("R38", text, member_id=event.member_id)


@TELLINGS.on(OpinionWithdrawn)
def _(event: OpinionWithdrawn, names: Names, _at: Recorded) -> Iterator[Told]:
    text = f"{names[event.replying_id]}撤回了对你的意见。"
    yield _told("R38", text, member_id=event.member_id, reason=event.reason)
