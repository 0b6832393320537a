"""通知: what an organisation or a member was told, when and why (R24, R31).

Who is told what stands in `notices_telling`, with the steps to add a kind. A notice tells of an
event at the moment it is recorded; nothing follows from whether anybody reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson

from service.domain.event import SHANGHAI
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.organisation import OrganisationRegistered
from service.eventstore.mapping import Recorded
from service.projections import (
    notices_of_consequences,
    notices_of_consultations,
    notices_of_decisions,
    notices_of_objections,
    notices_of_supervision,
)
from service.projections.fence import SUFFIX, belonging, of_member
from service.projections.model import Answer, Sealed
from service.projections.notices_telling import NoticeKind, Told
from service.projections.view import Build, Seen, Table, View, reading


@dataclass(slots=True)
class _Organisation:
    organisation_id: str
    name: str


@dataclass(slots=True)
class _Member:
    """A member who has not been erased."""

    member_id: str
    branch_id: str


class _Notice(NamedTuple):
    number: int
    """The position of the event, and which of its notices this is: unique, and in order."""
    organisation_id: str | None
    member_id: str | None
    event_id: str
    told_at: datetime
    kind: str
    text: str
    rule: str
    document_no: str | None
    causes: list[str]
    measured: str
    """JSON: a list of `Measured`."""
    reason: str | None


TELLING = (
    notices_of_supervision.TELLINGS.of
    | notices_of_consequences.TELLINGS.of
    | notices_of_consultations.TELLINGS.of
    | notices_of_objections.TELLINGS.of
    | notices_of_decisions.TELLINGS.of
)
_AT_MOST = 16
"""Notices of one event."""

_ORGANISATIONS = Table(
    "notice_organisation", _Organisation, "organisation_id text PRIMARY KEY, name text NOT NULL"
)
_MEMBERS = Table(
    "notice_member",
    _Member,
    "member_id text PRIMARY KEY, branch_id text NOT NULL",
    fence=belonging("branch_id"),
)
_NOTICES = Table(
    "notice",
    _Notice,
    """
    number bigint PRIMARY KEY,
    organisation_id text,
    member_id text,
    event_id text NOT NULL,
    told_at timestamptz NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    rule text NOT NULL,
    document_no text,
    causes text[] NOT NULL,
    measured text NOT NULL,
    reason text
    """,
    (
        "(organisation_id, number)",
        "(member_id, number) WHERE organisation_id IS NULL",
        "(member_id)",
    ),
    # What a member was told is seen by the member, who comes in for the branch they belong to now.
    f"{belonging(f'notice{SUFFIX}.organisation_id')}"
    f" OR organisation_id IS NULL AND {of_member('notice_member', 'notice')}",
)


_CONCERNING = {*TELLING, OrganisationRegistered, MemberEnrolled, BranchTransferAccepted}


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    telling = [each for each in batch if type(each.event) in TELLING]
    names = {
        each.event.organisation_id: _Organisation(each.event.organisation_id, each.event.name)
        for each in batch
        if type(each.event) is OrganisationRegistered
    }
    members = {
        each.event.member_id: _Member(each.event.member_id, each.event.branch_id)
        for each in batch
        if type(each.event) is MemberEnrolled
    }
    moved = [each.event for each in batch if type(each.event) is BranchTransferAccepted]
    known = names | await build.load(_ORGANISATIONS, _named(telling) - names.keys())
    about = {event.member_id for event in moved}
    about |= {found for each in telling if (found := getattr(each.event, "member_id", None))}
    of_log = await build.load(_MEMBERS, about - members.keys()) | members
    for event in moved:
        # Whoever is not there was erased.
        if event.member_id in of_log:
            of_log[event.member_id].branch_id = event.to_branch_id
            members[event.member_id] = of_log[event.member_id]
    await build.save(_ORGANISATIONS, names)
    await build.save(_MEMBERS, members)
    words = {organisation_id: each.name for organisation_id, each in known.items()}
    await build.append(
        _NOTICES,
        [
            _notice(told, each, place)
            for each in telling
            for place, told in enumerate(TELLING[type(each.event)](each.event, words, each))
            if told.member_id is None or told.member_id in of_log
        ],
    )


VIEW = View(
    "notices",
    version=2,
    tables=(_MEMBERS, _NOTICES, _ORGANISATIONS),
    apply=_apply,
    about_members=(_NOTICES, _MEMBERS),
    concerned=lambda batch: any(type(each.event) in _CONCERNING for each in batch),
)


def _named(batch: Sequence[Recorded]) -> set[str]:
    """Organisations that a text may name."""
    names = (
        "organisation_id", "branch_id", "community_id", "committee_id", "asking_id", "replying_id",
        "subdistrict_id", "above_id", "answering_id",
    )  # fmt: skip
    return {found for each in batch for name in names if (found := getattr(each.event, name, None))}


def _notice(told: Told, recorded: Recorded, place: int) -> _Notice:
    return _Notice(
        number=recorded.position * _AT_MOST + place,
        organisation_id=told.organisation_id,
        member_id=told.member_id,
        event_id=recorded.event.event_id,
        told_at=recorded.recorded_at,
        kind=told.kind.value,
        text=told.text,
        rule=told.rule,
        document_no=told.document_no,
        causes=list(told.causes),
        measured=orjson.dumps([each.model_dump() for each in told.measured]).decode(),
        reason=told.reason,
    )


class MeasuredRule(Answer):
    """考核规则中一条的衡量结果。"""

    rule_id: str
    """规则中这一条的代码。"""
    measured: str
    """实际：整分钟、分、次，或者写作 1234/1300 的比率。"""
    required: str
    """要求。"""
    passed: bool
    """是否达到。"""


class Notice(Answer):
    """一项通知。"""

    event_id: str
    """所通知的事件。"""
    told_at: datetime
    """通知时间，即事件的记录时间。"""
    kind: NoticeKind
    """类别：reminder 督办，amendment 季报更正，discrepancy 月查差异，feedback 季度反馈，
    proposal 考核建议，commendation 评优，disqualification 取消资格，role_model 先进典型，
    consultation 征求意见，decision 评议考核，objection 异议。"""
    word: str
    """类别名称。"""
    text: str
    """通知内容。"""
    member_id: str | None
    """所涉党员。"""
    rule: str
    """依据的规则。"""
    document_no: str | None
    """依据的文号。"""
    cause_event_ids: list[str]
    """导致这一通知的事件。"""
    measured: list[MeasuredRule]
    """按考核规则衡量的结果；不是考核建议的为空。"""
    reason: Sealed | None
    """办理人写明的理由。"""


class NoticePage(Answer):
    """通知的一页，最近的在前。"""

    items: list[Notice]
    next_after: int | None
    as_of_position: int


_SELECT = """
SELECT number, event_id, told_at, kind, text, member_id, rule, document_no, causes, measured, reason
FROM views.notice WHERE {told} AND ($2 = 0 OR number < $2) ORDER BY number DESC LIMIT $3
"""


async def of_organisation(
    seen: Seen, organisation_id: str, *, before: int = 0, limit: int = 200
) -> NoticePage:
    """What an organisation was told, the newest first."""
    return await _page(seen, "organisation_id = $1", organisation_id, before, limit)


async def of_member_told(
    seen: Seen, member_id: str, *, before: int = 0, limit: int = 200
) -> NoticePage:
    """What a member was told, the newest first."""
    told = "organisation_id IS NULL AND member_id = $1"
    return await _page(seen, told, member_id, before, limit)


async def _page(seen: Seen, told: str, who: str, before: int, limit: int) -> NoticePage:
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(_SELECT.format(told=told), who, before, limit + 1)
    return NoticePage(
        items=[_shown(row) for row in rows[:limit]],
        next_after=rows[limit - 1]["number"] if len(rows) > limit else None,
        as_of_position=position,
    )


def _shown(row: asyncpg.Record) -> Notice:
    kind = NoticeKind(row["kind"])
    measured: list[dict[str, Any]] = orjson.loads(row["measured"])
    return Notice(
        event_id=row["event_id"],
        told_at=row["told_at"].astimezone(SHANGHAI),
        kind=kind,
        word=kind.word,
        text=row["text"],
        member_id=row["member_id"],
        rule=row["rule"],
        document_no=row["document_no"],
        cause_event_ids=list(row["causes"]),
        measured=[MeasuredRule(**each) for each in measured],
        reason=row["reason"],
    )
