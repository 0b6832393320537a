"""Decisions as the member's line reads them; texts are left sealed."""

from datetime import datetime

import asyncpg
import orjson

from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.decision_purpose import period_word as worded
from service.domain.gate_condition import Condition
from service.projections.decision_words import put_words
from service.projections.decisions import VIEW
from service.projections.model import Answer, Sealed
from service.projections.view import Seen, reading


class ActOnDecision(Answer):
    """由哪个组织的谁在何时办理。"""

    organisation_id: str
    """办理的组织。"""
    by: str
    """办理人。"""
    at: datetime
    """时间。"""


class GateOverride(ActOnDecision):
    """一次特批。"""

    override_id: str
    """特批标识。"""
    conditions: list[Condition]
    """特批时未满足的条件；此后新出现的不在其内。"""
    conditions_words: list[str]
    """各项条件的名称。"""
    reason: Sealed
    """原因。"""


class DecisionConclusion(ActOnDecision):
    """评议考核的结论。"""

    result: DecisionResult
    """当时的结论。"""
    result_word: str
    """当时结论的名称。"""
    document_no: str
    """所依据文件的文号。"""
    reason: Sealed
    """理由。"""
    opinion_ids: list[str]
    """所依据的社区意见。"""
    notices: list[Condition]
    """随结论说明的情况：never_checked_in 从未到社区报到，由所在支部作出说明。"""
    notices_words: list[str]
    """各项情况的名称。"""
    overridden: list[Condition]
    """作出结论时未满足、经特批的条件。"""
    overridden_words: list[str]
    """各项条件的名称。"""
    override_ids: list[str]
    """所依据的特批。"""


class DecisionRevision(ActOnDecision):
    """经异议改变的结论。"""

    result: DecisionResult
    """改变后的结论。"""
    result_word: str
    """改变后结论的名称。"""
    reason: Sealed
    """理由。"""
    objection_id: str
    """成立或者部分成立的异议。"""


class Decision(Answer):
    """一项评先评优、民主评议或者年度考核。"""

    decision_id: str
    """评议考核标识。"""
    member_id: str
    """党员。"""
    branch_id: str
    """党员所在的机关党支部。"""
    purpose: DecisionPurpose
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核。"""
    purpose_word: str
    """事项名称。"""
    period: str
    """年度。"""
    period_word: str
    """年度，如 2026年度。"""
    opened: ActOnDecision
    """启动。"""
    overrides: list[GateOverride]
    """历次特批。"""
    conclusion: DecisionConclusion | None
    """所作结论；尚未作出的为空。"""
    revisions: list[DecisionRevision]
    """历次改变。"""
    result: DecisionResult | None
    """现行结论；尚未作出的为空。"""
    result_word: str | None
    """现行结论的名称。"""
    disputed: bool
    """是否有尚未答复的异议。"""


class DecisionPage(Answer):
    """评议考核的一页。"""

    items: list[Decision]
    next_after: int | None
    as_of_position: int


_SELECT = (
    "SELECT d.*, m.branch_id FROM views.decision d JOIN views.decision_member m USING (member_id)"
)


async def decisions(
    seen: Seen,
    organisation_id: str,
    *,
    purpose: DecisionPurpose | None = None,
    year: int | None = None,
    concluded: bool | None = None,
    after: int = 0,
    limit: int = 200,
) -> DecisionPage:
    """About members of an organisation and everything under it, in the order they were opened."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            f"{_SELECT} WHERE d.position > $2 AND ($3::text IS NULL OR d.purpose = $3)"
            " AND ($4::text IS NULL OR d.period = $4)"
            " AND ($5::boolean IS NULL OR d.concluded = $5)"
            " AND EXISTS (SELECT FROM log.lines l WHERE l.above = $1"
            "  AND l.organisation_id = m.branch_id)"
            " ORDER BY d.position LIMIT $6",
            organisation_id,
            after,
            purpose,
            None if year is None else str(year),
            concluded,
            limit + 1,
        )
    return DecisionPage(
        items=[_shown(row) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


async def decision(seen: Seen, decision_id: str) -> tuple[Decision, int] | None:
    """One, and the position the view stands at; None if there is none in sight."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(f"{_SELECT} WHERE d.decision_id = $1", decision_id)
    return None if row is None else (_shown(row), position)


def _shown(row: asyncpg.Record) -> Decision:
    document = orjson.loads(row["document"])
    put_words(document)
    purpose = DecisionPurpose(row["purpose"])
    return Decision.model_validate(
        document
        | {
            "decision_id": row["decision_id"],
            "member_id": row["member_id"],
            "branch_id": row["branch_id"],
            "purpose": purpose,
            "purpose_word": purpose.word,
            "period": row["period"],
            "period_word": worded(row["period"]),
        }
    )
