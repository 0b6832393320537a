"""评优与取消资格: what rule packs proposed, and what people concluded (R28, R31, R32)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg
import orjson

from service.domain.consequence import DismissalReason, Outcome
from service.domain.event import SHANGHAI
from service.projections.consequences_tables import TABLES, apply, folds
from service.projections.model import Answer, Sealed
from service.projections.notices import MeasuredRule
from service.projections.view import Seen, View, reading

VIEW = View(
    "consequences",
    version=2,
    tables=TABLES,
    apply=apply,
    about_members=TABLES,
    concerned=folds.concern,
)


class ProposalState(StrEnum):
    """建议的状态: whether somebody has decided on it."""

    OPEN = "open"
    DISMISSED = "dismissed"
    CONCLUDED = "concluded"


class Dismissal(Answer):
    """不予采纳的情况。"""

    reason_code: DismissalReason
    """原因代码。"""
    reason_word: str
    """原因。"""
    reason: Sealed | None
    """说明。"""
    dismissed_by: str
    """办理人。"""
    dismissed_at: datetime
    """时间。"""


class Revocation(Answer):
    """撤销的情况。"""

    reason: Sealed | None
    """原因。"""
    revoked_by: str
    """办理人。"""
    revoked_at: datetime
    """时间。"""


class _About(Answer):
    member_id: str | None
    """党员；对单位的为空。"""
    branch_id: str | None
    """党员所在的机关党支部；对单位的为空。"""
    organisation_id: str | None
    """单位；对党员的为空。"""
    year: int
    """年度。"""
    document_no: str
    """所依据规则的文号。"""
    cause_event_ids: list[str]
    """导致它的事件。"""


class Proposal(_About):
    """考核规则提出的一项建议；只是建议，是否采纳由人决定。"""

    proposal_id: str
    """建议标识。"""
    outcome: Outcome
    """建议：recommended 推荐评优评先，ineligible 取消评优评先资格。"""
    outcome_word: str
    """建议的名称。"""
    pack_id: str
    """规则包。"""
    measured: list[MeasuredRule]
    """逐条规则的衡量结果。"""
    evaluated_as_of: int
    """考核所依据的日志位置。"""
    proposed_by: str
    """办理人。"""
    proposed_at: datetime
    """提出的时间。"""
    state: ProposalState
    """状态：open 待决定，dismissed 不予采纳，concluded 已作出结论。"""
    dismissal: Dismissal | None
    """不予采纳的情况。"""
    conclusion_id: str | None
    """所作的评优或者取消资格的结论。"""


class _Concluded(_About):
    proposal_id: str | None
    """所依据的建议；不依据建议的为空。"""
    reason: Sealed
    """理由。"""
    concluded_by: str
    """作出结论的负责人。"""
    concluded_at: datetime
    """时间。"""
    revocation: Revocation | None
    """撤销的情况；有效的为空。"""


class Commendation(_Concluded):
    """一项评优结论。"""

    commendation_id: str
    """评优标识。"""
    title: str
    """称号。"""


class Disqualification(_Concluded):
    """一项取消评优评先资格的结论。"""

    disqualification_id: str
    """取消资格标识。"""
    disputed: bool
    """是否有未决异议。"""


class ProposalPage(Answer):
    """建议的一页。"""

    items: list[Proposal]
    next_after: int | None
    as_of_position: int


class CommendationPage(Answer):
    """评优结论的一页。"""

    items: list[Commendation]
    next_after: int | None
    as_of_position: int


class DisqualificationPage(Answer):
    """取消资格结论的一页。"""

    items: list[Disqualification]
    next_after: int | None
    as_of_position: int


_SELECT = """
SELECT t.*, m.branch_id
FROM views.{table} t LEFT JOIN views.consequence_member m USING (member_id)
WHERE t.position > $2
    AND ($3::integer IS NULL OR t.year = $3) AND ($4::text IS NULL OR t.{column} = $4)
    AND EXISTS (
        SELECT FROM log.lines l
        WHERE l.above = $1 AND l.organisation_id = coalesce(m.branch_id, t.organisation_id)
    )
ORDER BY t.position LIMIT $5
"""
_PROPOSED = _SELECT.format(table="consequence_proposal", column="state")
_CONCLUDED = _SELECT.format(table="consequence_conclusion", column="kind")


async def proposals(
    seen: Seen,
    organisation_id: str,
    *,
    year: int | None = None,
    state: ProposalState | None = None,
    after: int = 0,
    limit: int = 200,
) -> ProposalPage:
    """About members and units of an organisation and everything under it, the oldest first."""
    question = organisation_id, after, year, state, limit
    rows, more, position = await _page(seen, _PROPOSED, question)
    return ProposalPage(
        items=[_proposal(r) for r in rows], next_after=more, as_of_position=position
    )


async def commendations(
    seen: Seen, organisation_id: str, *, year: int | None = None, after: int = 0, limit: int = 200
) -> CommendationPage:
    """Of members and units of an organisation and everything under it, revoked ones as well."""
    question = organisation_id, after, year, "commendation", limit
    rows, more, position = await _page(seen, _CONCLUDED, question)
    items = [
        Commendation(commendation_id=row["conclusion_id"], title=row["title"], **_concluded(row))
        for row in rows
    ]
    return CommendationPage(items=items, next_after=more, as_of_position=position)


async def disqualifications(
    seen: Seen, organisation_id: str, *, year: int | None = None, after: int = 0, limit: int = 200
) -> DisqualificationPage:
    """Of members and units of an organisation and everything under it, revoked ones as well."""
    question = organisation_id, after, year, "disqualification", limit
    rows, more, position = await _page(seen, _CONCLUDED, question)
    items = [
        Disqualification(
            disqualification_id=row["conclusion_id"],
            disputed=row["disputed"],
            **_concluded(row),
        )
        for row in rows
    ]
    return DisqualificationPage(items=items, next_after=more, as_of_position=position)


async def _page(
    seen: Seen, select: str, question: tuple[str, int, int | None, str | None, int]
) -> tuple[list[asyncpg.Record], int | None, int]:
    """The rows of a page, after which position the next begins, and as of which position it is."""
    *asked, limit = question
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(select, *asked, limit + 1)
    return rows[:limit], rows[limit - 1]["position"] if len(rows) > limit else None, position


def _about(row: asyncpg.Record) -> dict[str, Any]:
    return {name: row[name] for name in _About.model_fields}


def _proposal(row: asyncpg.Record) -> Proposal:
    outcome, state = Outcome(row["outcome"]), ProposalState(row["state"])
    dismissal = None
    if state is ProposalState.DISMISSED:
        reason_code = DismissalReason(row["reason_code"])
        dismissal = Dismissal(
            reason_code=reason_code,
            reason_word=reason_code.word,
            reason=row["reason"],
            dismissed_by=row["answered_by"],
            dismissed_at=row["answered_at"].astimezone(SHANGHAI),
        )
    return Proposal(
        **_about(row),
        proposal_id=row["proposal_id"],
        outcome=outcome,
        outcome_word=outcome.word,
        pack_id=row["pack_id"],
        measured=[MeasuredRule(**each) for each in orjson.loads(row["measured"])],
        evaluated_as_of=row["evaluated_as_of"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"].astimezone(SHANGHAI),
        state=state,
        dismissal=dismissal,
        conclusion_id=row["conclusion_id"],
    )


def _concluded(row: asyncpg.Record) -> dict[str, Any]:
    revocation = None
    if row["revoked_at"] is not None:
        revocation = Revocation(
            reason=row["revoked_reason"],
            revoked_by=row["revoked_by"],
            revoked_at=row["revoked_at"].astimezone(SHANGHAI),
        )
    return {
        **_about(row),
        "proposal_id": row["proposal_id"],
        "reason": row["reason"],
        "concluded_by": row["concluded_by"],
        "concluded_at": row["concluded_at"].astimezone(SHANGHAI),
        "revocation": revocation,
    }
