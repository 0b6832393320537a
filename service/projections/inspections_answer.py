"""What is read of `inspections`: inspections, discrepancies and visits, a page at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

import asyncpg
import orjson

from service.domain.event import SHANGHAI
from service.domain.inspection import DiscrepancyKind, DismissalReason, Resolution, TalkOutcome
from service.domain.period import Month, Task
from service.projections.inspections import VIEW
from service.projections.model import Answer, Sealed
from service.projections.view import Seen, reading

DiscrepancyState = Literal["open", "resolved", "dismissed"]
Item = TypeVar("Item", bound=Answer)


class Talk(Answer):
    """与社区的一次联系。"""

    community_id: str
    """社区党组织。"""
    held_on: date
    """联系日期。"""
    outcome: TalkOutcome
    """结果：consistent 与记录一致，differs 与记录有出入，concern 社区反映问题须跟进。"""
    note: str | None
    """说明。"""


class Inspection(Answer):
    """一次月查。"""

    inspection_id: str
    """月查标识。"""
    branch_id: str
    """办理月查的党支部。"""
    month: str
    """所查月份，如 2026-03。"""
    due_on: date
    """应于何日之前完成，含当日。"""
    confirmed_at: datetime
    """完成的时间。"""
    confirmed_by: str
    """办理人。"""
    certificates: int
    """查验的活动证（有效的）。"""
    entries: int
    """查验的参加记录。"""
    unendorsed: int
    """其中社区尚未答复的。"""
    exempt: int
    """当月最后一日免予报到的党员。"""
    talks: list[Talk]
    """与社区的联系。"""
    found: int
    """发现的差异。"""
    dismissed: int
    """清单所列、不作差异处理的。"""
    open: int
    """发现的差异中尚未处理的。"""
    list_position: int
    """查验清单截至的日志位置：以上各数可由日志到此为止的事件重新算出。"""


class DiscrepancyResolution(Answer):
    """差异的处理。"""

    resolution: Resolution
    """结果：corrected 已更正，endorsed 已补办认定，voided 已作废，explained 查明属实，reminded
    已提醒本人。"""
    note: Sealed | None
    """说明。"""
    resolved_by: str
    """办理人。"""
    resolved_at: datetime
    """处理的时间。"""


class Discrepancy(Answer):
    """月查发现的一项差异。"""

    discrepancy_id: str
    """差异标识。"""
    inspection_id: str
    """发现差异的月查。"""
    month: str
    """所查月份。"""
    member_id: str
    """所涉党员。"""
    participation_id: str | None
    """所涉参加记录。"""
    kind: DiscrepancyKind
    """类别：missing_sign_out 没有签退，inside_working_time 有八小时内的分钟数，overlap 时间重叠，
    late_entry 逾期补录，unendorsed 尚未认定，other 其他。"""
    state: DiscrepancyState
    """状态：open 待处理，resolved 已处理，dismissed 不作差异处理。"""
    note: Sealed | None
    """说明。"""
    found_at: datetime
    """发现的时间。"""
    reason_code: DismissalReason | None
    """不作差异处理的原因。"""
    resolution: DiscrepancyResolution | None
    """处理结果；尚未处理的为空。"""
    disputed: bool
    """是否有未决异议。"""


class Visit(Answer):
    """一次走访社区。"""

    visit_id: str
    """走访标识。"""
    organisation_id: str
    """走访的单位。"""
    community_id: str
    """所访社区。"""
    visited_on: date
    """走访日期。"""
    note: str | None
    """说明。"""
    visited_by: str
    """办理人。"""


class SupervisionPage(Answer, Generic[Item]):
    """督查情况的一页。"""

    items: list[Item]
    next_after: int | None
    as_of_position: int


async def inspections_of(
    seen: Seen, branch_id: str, *, after: int = 0, limit: int = 200
) -> SupervisionPage[Inspection]:
    """The inspections of a branch in the order confirmed."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT i.*, (SELECT count(*) FROM views.inspection_discrepancy d"
            "  WHERE d.inspection_id = i.inspection_id AND d.state = 'open') AS open"
            " FROM views.inspection i WHERE i.branch_id = $1 AND i.position > $2"
            " ORDER BY i.position LIMIT $3",
            branch_id,
            after,
            limit + 1,
        )
    return SupervisionPage[Inspection](
        items=[
            Inspection(
                **_fields(row, Inspection)
                | {
                    "due_on": Task.INSPECTION.due_on(Month.parse(row["month"])),
                    "talks": [Talk.model_validate(each) for each in orjson.loads(row["talks"])],
                }
            )
            for row in rows[:limit]
        ],
        next_after=_next(rows, limit),
        as_of_position=position,
    )


async def discrepancies_of(
    seen: Seen,
    branch_id: str,
    *,
    state: DiscrepancyState | None = None,
    after: int = 0,
    limit: int = 200,
) -> SupervisionPage[Discrepancy]:
    """What the branch's inspections found, the oldest first; only those in this state if asked."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT d.*, i.month FROM views.inspection_discrepancy d"
            " JOIN views.inspection i USING (inspection_id)"
            " WHERE d.branch_id = $1 AND ($2::text IS NULL OR d.state = $2) AND d.position > $3"
            " ORDER BY d.position LIMIT $4",
            branch_id,
            state,
            after,
            limit + 1,
        )
    return SupervisionPage[Discrepancy](
        items=[_discrepancy(row) for row in rows[:limit]],
        next_after=_next(rows, limit),
        as_of_position=position,
    )


async def visits_of(
    seen: Seen, organisation_id: str, *, after: int = 0, limit: int = 200
) -> SupervisionPage[Visit]:
    """The visits of an organisation and of everything under it, in the order recorded."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT v.* FROM views.community_visit v"
            " JOIN log.lines l ON l.organisation_id = v.organisation_id AND l.above = $1"
            " WHERE v.position > $2 ORDER BY v.position LIMIT $3",
            organisation_id,
            after,
            limit + 1,
        )
    return SupervisionPage[Visit](
        items=[Visit(**_fields(row, Visit)) for row in rows[:limit]],
        next_after=_next(rows, limit),
        as_of_position=position,
    )


def _discrepancy(row: asyncpg.Record) -> Discrepancy:
    resolution = row["resolution"] and DiscrepancyResolution(
        resolution=row["resolution"],
        note=row["resolution_note"],
        resolved_by=row["resolved_by"],
        resolved_at=row["resolved_at"].astimezone(SHANGHAI),
    )
    return Discrepancy(**_fields(row, Discrepancy) | {"resolution": resolution})


def _fields(row: asyncpg.Record, kind: type[Answer]) -> dict[str, Any]:
    """The fields of an answer that are columns; moments in Beijing time."""
    return {
        name: value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
        for name, value in row.items()
        if name in kind.model_fields
    }


def _next(rows: Sequence[asyncpg.Record], limit: int) -> int | None:
    return rows[limit - 1]["position"] if len(rows) > limit else None
