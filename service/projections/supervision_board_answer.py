"""What the board shows on a day: due, done, overdue, and how old what was found is (R24)."""

from datetime import date

import asyncpg

from service.domain.organisation import OrganisationKind
from service.domain.period import Task
from service.domain.reminder import REMINDERS, title_of
from service.projections.model import Answer
from service.projections.supervision_board import VIEW
from service.projections.supervision_board_owed import DutyState, board
from service.projections.view import Connection, Seen, reading


class BoardItem(Answer):
    """一个组织一个期间的一项督查事项。"""

    organisation_id: str
    """应办理的组织。"""
    name: str
    """组织名称。"""
    kind: OrganisationKind
    """组织类别。"""
    task: Task
    """事项：inspection 月查，report 季报，consolidation 季度汇总，symposium 季度座谈会，
    summary 半年总结，feedback 季度反馈。"""
    period: str
    """期间：月如 2026-03，季度如 2026-Q1，半年如 2026-H1。"""
    title: str
    """期间与事项，如 2026年3月月查。"""
    state: DutyState
    """状态：due 应办未到期，done 已办，overdue 逾期未办。"""
    due_on: date
    """期限：最后一个按期办理的日子。"""
    done_on: date | None
    """办理之日，即记录之日；季度反馈为最后一名党员的反馈之日。未办的为空。"""
    days_late: int
    """逾期天数：已办的到办理之日，未办的到今天；按期的为零。"""
    expected: int | None
    """季度反馈应反馈的党员人数；其他事项为空。"""
    given: int | None
    """其中已反馈的人数。"""
    reminders: int
    """已督办的次数。"""
    reminded_on: date | None
    """最近一次督办的日期。"""
    for_above: bool
    """督办后仍未办理，须由上级过问。"""


class TaskTotals(Answer):
    """一项督查事项的合计：expected = done + due + overdue。"""

    task: Task
    """事项。"""
    word: str
    """事项名称。"""
    expected: int
    """本年度应办的件数。"""
    done: int
    """已办。"""
    late: int
    """已办中逾期办理的。"""
    due: int
    """应办未到期。"""
    overdue: int
    """逾期未办。"""


class OpenDiscrepancies(Answer):
    """一个支部月查发现、尚未处理的差异。"""

    branch_id: str
    """机关党支部。"""
    name: str
    """支部名称。"""
    open: int
    """尚未处理的差异数。"""
    oldest_on: date
    """其中最早的发现之日。"""
    oldest_days: int
    """最早的一项至今的天数。"""


class BoardPage(Answer):
    """督查情况的一页，附全部事项的合计。"""

    items: list[BoardItem]
    next_after: int | None
    as_of_position: int
    totals: list[TaskTotals]
    discrepancies: list[OpenDiscrepancies]


_DISCREPANCIES = """
SELECT d.branch_id, p.name, count(*) AS open, min(d.found_on) AS oldest_on
FROM views.board_discrepancy d
JOIN views.board_organisation p ON p.organisation_id = d.branch_id AND $1 = ANY (p.line)
WHERE NOT d.resolved
GROUP BY d.branch_id, p.name, p.position ORDER BY oldest_on, p.position
"""


async def fetch(
    seen: Seen,
    organisation_id: str,
    year: int,
    today: date,
    *,
    state: DutyState | None = None,
    after: int = 0,
    limit: int = 200,
) -> BoardPage:
    """What an organisation and everything under it owes for a year, as it stands ``today``.

    The items of that state, of every state where none is named, by due day; totals are of all.
    """
    async with reading(seen, VIEW) as (connection, position):
        rows, totals = await board(
            connection, organisation_id, year, today, state=state, after=after, limit=limit + 1
        )
        discrepancies = await _discrepancies(connection, organisation_id, today)
    return BoardPage(
        items=[_item(row) for row in rows[:limit]],
        next_after=rows[limit - 1]["place"] if len(rows) > limit else None,
        as_of_position=position,
        totals=[
            TaskTotals(task=task, word=task.word, **counts._asdict())
            for task, counts in totals.items()
        ],
        discrepancies=discrepancies,
    )


def _item(row: asyncpg.Record) -> BoardItem:
    task, state = Task(row["task"]), DutyState(row["state"])
    return BoardItem(
        organisation_id=row["organisation_id"],
        name=row["name"],
        kind=OrganisationKind(row["kind"]),
        task=task,
        period=row["period"],
        title=title_of(task, task.period.parse(row["period"])),
        state=state,
        due_on=row["due_on"],
        done_on=row["done_on"],
        days_late=row["days_late"],
        expected=row["expected"],
        given=row["given"],
        reminders=row["reminders"],
        reminded_on=row["reminded_on"],
        for_above=state is DutyState.OVERDUE and row["reminders"] >= REMINDERS,
    )


async def _discrepancies(
    connection: Connection, organisation_id: str, today: date
) -> list[OpenDiscrepancies]:
    rows = await connection.fetch(_DISCREPANCIES, organisation_id)
    return [OpenDiscrepancies(**row, oldest_days=(today - row["oldest_on"]).days) for row in rows]
