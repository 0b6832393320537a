"""Vettings as their authority reads them; texts are left sealed."""

from datetime import date, datetime
from enum import StrEnum

import orjson

from service.domain.decision_purpose import DecisionResult, period_word
from service.projections.decision_words import put_words
from service.projections.model import Answer, Sealed
from service.projections.vettings import VIEW, VettingRow
from service.projections.view import Seen, reading


class VettingState(StrEnum):
    """任前考察的状态: whether it has been concluded."""

    OPEN = "open"
    CONCLUDED = "concluded"

    @property
    def word(self) -> str:
        return {"open": "进行中", "concluded": "已作出结论"}[self.value]


class Done(Answer):
    """由谁在何时办理。"""

    by: str
    """办理人（人员标识）。"""
    at: datetime
    """时间。"""


class FieldInquiry(Done):
    """一次实地了解。"""

    inquiry_id: str
    """标识。"""
    held_on: date
    """日期。"""
    inquirers: list[str]
    """了解人（人员标识）。"""
    interviewees: int
    """谈话人数。"""
    findings: Sealed
    """了解到的情况。"""


class Frozen(Done):
    """一次固定的考察材料。"""

    evidence_id: str
    """材料标识。"""
    position: int
    """截至的日志位置。"""
    evidence_digest: str
    """材料的 SHA-256。"""


class PublicNotice(Done):
    """一次任前公示。"""

    starts_on: date
    """起。"""
    ends_on: date
    """止：自次日起第五个工作日。"""
    calendars: list[str]
    """计算工作日所依据的放假安排。"""
    place: str
    """公示地点。"""


class Override(Done):
    """一次特批。"""

    override_id: str
    """标识。"""
    conditions: list[str]
    """特批时未满足的条件。"""
    conditions_words: list[str]
    """各项条件的名称。"""
    reason: Sealed
    """原因。"""


class VettingConclusion(Done):
    """考察结论。"""

    result: DecisionResult
    """结论：suitable 考察通过，deferred 暂缓，unsuitable 考察不通过。"""
    result_word: str
    """结论的名称。"""
    document_no: str
    """依据文号。"""
    reason: Sealed
    """理由。"""
    opinion_ids: list[str]
    """所依据的社区意见。"""
    notices: list[str]
    """作出结论时的提示，如从未报到。"""
    notices_words: list[str]
    """各项提示的名称。"""
    overridden: list[str]
    """经特批未满足的条件。"""
    overridden_words: list[str]
    """各项条件的名称。"""
    override_ids: list[str]
    """所依据的特批。"""


class Vetting(Answer):
    """一次任前考察。"""

    decision_id: str
    """任前考察标识。"""
    member_id: str
    """党员。"""
    organisation_id: str
    """启动考察的干部管理机关。"""
    period: str
    """考察期间。"""
    period_word: str
    """考察期间，如 2021年3月1日至2026年9月30日。"""
    state: VettingState
    """状态：open 进行中，concluded 已作出结论。"""
    state_word: str
    """状态名称。"""
    team: list[str]
    """考察组成员（人员标识）。"""
    opened: Done
    """启动。"""
    field_inquiries: list[FieldInquiry]
    """实地了解。"""
    evidence: list[Frozen]
    """历次固定的考察材料，最后一次的为准。"""
    public_notices: list[PublicNotice]
    """任前公示，最后一次的为准。"""
    overrides: list[Override]
    """特批。"""
    conclusion: VettingConclusion | None
    """所作结论。"""
    result: DecisionResult | None
    """现行结论；复议改变的为复议后的结论。"""
    result_word: str | None
    """现行结论的名称。"""
    disputed: bool
    """是否有未决异议。"""


class VettingPage(Answer):
    """任前考察的一页。"""

    items: list[Vetting]
    next_after: int | None
    as_of_position: int


async def vettings(
    seen: Seen,
    organisation_id: str,
    *,
    member_id: str | None = None,
    after: int = 0,
    limit: int = 200,
) -> VettingPage:
    """Those an authority opened, in the order opened; only those of a member if asked."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT * FROM views.vetting WHERE organisation_id = $1 AND position > $2"
            " AND ($3::text IS NULL OR member_id = $3) ORDER BY position LIMIT $4",
            organisation_id,
            after,
            member_id,
            limit + 1,
        )
    return VettingPage(
        items=[_shown(VettingRow(**row)) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


async def vetting(seen: Seen, decision_id: str) -> tuple[Vetting, int] | None:
    """One, and the position the view stands at; None if there is no such vetting."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(
            "SELECT * FROM views.vetting WHERE decision_id = $1", decision_id
        )
    return None if row is None else (_shown(VettingRow(**row)), position)


def _shown(row: VettingRow) -> Vetting:
    document = orjson.loads(row.document)
    put_words(document)
    return Vetting.model_validate(
        document
        | {
            "decision_id": row.decision_id,
            "member_id": row.member_id,
            "organisation_id": row.organisation_id,
            "period_word": period_word(document["period"]),
            "state_word": VettingState(document["state"]).word,
        }
    )
