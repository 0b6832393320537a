"""What is read of `objections`: one, those of an organisation or a member, and what is overdue."""

from datetime import date, datetime
from enum import StrEnum

import asyncpg

from service.domain.event import SHANGHAI
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.projections.model import Answer, Sealed
from service.projections.objections import VIEW
from service.projections.view import Seen, Source, reading


class ObjectionState(StrEnum):
    """异议的状态: whether it still waits for its answer."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return {"open": "待答复", "answered": "已答复", "withdrawn": "已撤回"}[self.value]


class ObjectionAnswer(Answer):
    """对异议的答复。"""

    outcome: ObjectionOutcome
    """结果：upheld 成立，partly 部分成立，rejected 不成立。"""
    outcome_word: str
    """结果的中文名称。"""
    text: Sealed
    """答复内容。"""
    organisation_id: str
    """答复的党组织。"""
    answered_by: str
    """答复的负责人。"""
    answered_at: datetime
    """答复时间。"""


class Objection(Answer):
    """一项异议及其办理情况。"""

    objection_id: str
    """异议标识。"""
    member_id: str
    """提出异议的党员。"""
    organisation_id: str
    """被异议的党组织。"""
    against: ObjectionSubject
    """异议对象：participation 参加记录及其认定，opinion 社区意见，decision 评议考核结论，
    disqualification 取消评优评先资格，feedback 季度反馈，discrepancy 月查差异。"""
    against_word: str
    """异议对象的中文名称。"""
    subject_id: str
    """所异议的记录、意见（征求意见的标识）或者结论的标识。"""
    against_event_id: str
    """所异议的事件。"""
    notified_on: date
    """得知之日。"""
    raised_on: date
    """提出之日。"""
    answer_due_on: date
    """答复期限；提交上级的，为上级的答复期限。"""
    text: Sealed
    """异议内容。"""
    on_paper: bool
    """是否由所在支部代为登记书面异议。"""
    taken_down_by: str | None
    """代为登记的支部；本人提出的为空。"""
    raised_by: str
    """提出人，或者代为登记的办理人。"""
    state: ObjectionState
    """状态：open 待答复，answered 已答复，withdrawn 已撤回。"""
    state_word: str
    """状态名称。"""
    escalated_to: str | None
    """逾期未答复的，所提交的上级组织。"""
    escalated_on: date | None
    """提交上级之日。"""
    answer: ObjectionAnswer | None
    """答复；尚未答复的为空。"""
    withdrawn_at: datetime | None
    """撤回时间。"""


class ObjectionPage(Answer):
    """异议的一页。"""

    items: list[Objection]
    next_after: int | None
    as_of_position: int


async def of_organisation(
    seen: Seen,
    organisation_id: str,
    *,
    state: ObjectionState | None = None,
    after: int = 0,
    limit: int = 200,
) -> ObjectionPage:
    """Those against the word of an organisation and of what is below it, or taken down there."""
    condition = (
        "EXISTS (SELECT FROM log.lines l WHERE l.above = $1"
        " AND l.organisation_id IN (o.organisation_id, o.taken_by))"
    )
    return await _page(seen, condition, organisation_id, state, after, limit)


async def of_member(
    seen: Seen, member_id: str, *, after: int = 0, limit: int = 200
) -> ObjectionPage:
    """The member's own, in the sight of the member."""
    return await _page(seen, "o.member_id = $1", member_id, None, after, limit)


async def _page(
    seen: Seen, condition: str, who: str, state: ObjectionState | None, after: int, limit: int
) -> ObjectionPage:
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            f"SELECT o.* FROM views.objection o WHERE {condition} AND o.position > $2"  # noqa: S608 - our own words
            " AND ($3::text IS NULL OR o.state = $3) ORDER BY o.position LIMIT $4",
            who,
            after,
            state,
            limit + 1,
        )
    return ObjectionPage(
        items=[_shown(row) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


async def objection(seen: Seen, objection_id: str) -> tuple[Objection | None, int]:
    """One objection, None if there is none to be seen; and as of which position."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(
            "SELECT * FROM views.objection WHERE objection_id = $1", objection_id
        )
    return None if row is None else _shown(row), position


async def overdue(source: Source, today: date) -> list[str]:
    """The worker's list: unanswered past due, not gone up yet, where there is somebody above."""
    rows = await source.fetch(
        "SELECT o.objection_id FROM views.objection o"
        " WHERE o.state = 'open' AND o.answer_due_on < $1 AND o.escalated_on IS NULL"
        " AND EXISTS (SELECT FROM log.lines l"
        "  WHERE l.organisation_id = o.organisation_id AND l.above <> o.organisation_id)"
        " ORDER BY o.answer_due_on, o.position",
        today,
    )
    return [row[0] for row in rows]


def _shown(row: asyncpg.Record) -> Objection:
    state, against = ObjectionState(row["state"]), ObjectionSubject(row["against"])
    return Objection(
        objection_id=row["objection_id"],
        member_id=row["member_id"],
        organisation_id=row["organisation_id"],
        against=against,
        against_word=against.word,
        subject_id=row["subject_id"],
        against_event_id=row["against_event_id"],
        notified_on=row["notified_on"],
        raised_on=row["raised_on"],
        answer_due_on=row["answer_due_on"],
        text=row["text"],
        on_paper=row["on_paper"],
        taken_down_by=row["taken_by"],
        raised_by=row["raised_by"],
        state=state,
        state_word=state.word,
        escalated_to=row["above_id"],
        escalated_on=row["escalated_on"],
        answer=ObjectionAnswer(
            outcome=ObjectionOutcome(row["outcome"]),
            outcome_word=ObjectionOutcome(row["outcome"]).word,
            text=row["answer"],
            organisation_id=row["answering_id"],
            answered_by=row["answered_by"],
            answered_at=row["settled_at"].astimezone(SHANGHAI),
        )
        if state is ObjectionState.ANSWERED
        else None,
        withdrawn_at=row["settled_at"].astimezone(SHANGHAI)
        if state is ObjectionState.WITHDRAWN
        else None,
    )
