"""What is owed: for each organisation, task and period, what the board knows of it (R24).

The board is made of it, and so is the worker's list of what is to be reminded of.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import asyncpg
import orjson

from service.domain.period import Period, Task
from service.domain.reminder import AGAIN_AFTER, OWED_BY, REMINDERS
from service.projections.view import Connection, Source


class DutyState(StrEnum):
    """办理状态: ``due`` is what is still on time, also where its period is not over yet."""

    DUE = "due"
    DONE = "done"
    OVERDUE = "overdue"


class OverdueDuty(NamedTuple):
    """What an organisation is to be reminded of, and which reminder it would be."""

    organisation_id: str
    task: Task
    period: Period
    number: int
    member_id: str | None
    """Of feedback: a member about whom it is missing."""


_Span = tuple[Task, Period, date]
"""A task, a period it is owed for, and the last day on time."""

# $1 is the organisation at the top, or NULL for every one; $2 to $6 are the spans, one row each;
# $7 is the day on which one looks. A place on the list is by due day and stays what it is, whatever
# happens to others: positions are far below 2^34, and a year has no 64 spans.
_OWED = """
WITH owed AS MATERIALIZED (
    SELECT p.organisation_id, p.name, p.kind, s.task, s.period, s.due_on, done.done_on,
        f.expected, f.given, f.missing, coalesce(d.reminders, 0) AS reminders, d.reminded_on,
        CASE WHEN done.done_on IS NOT NULL THEN 'done' WHEN $7 <= s.due_on THEN 'due'
            ELSE 'overdue' END AS state,
        greatest(coalesce(done.done_on, $7) - s.due_on, 0) AS days_late,
        ((s.due_on - DATE '2000-01-01')::bigint << 40) + (p.position << 6) + s.number AS place
    FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::date[])
        WITH ORDINALITY AS s (task, kind, period, last_day, due_on, number)
    JOIN views.board_organisation p ON p.kind = s.kind AND p.owing_since <= s.last_day
        AND ($1::text IS NULL OR $1 = ANY (p.line))
    LEFT JOIN views.board_duty d
        ON d.duty_id = p.organisation_id || '/' || s.task || '/' || s.period
    LEFT JOIN LATERAL (
        SELECT count(*) AS expected, count(f.given_on) AS given, max(f.given_on) AS given_on,
            min(f.member_id) FILTER (WHERE f.given_on IS NULL) AS missing
        FROM views.board_feedback f
        WHERE s.task = 'feedback' AND f.quarter = s.period AND f.community_id = p.organisation_id
            AND (f.given_on IS NOT NULL OR f.entries > 0 AND EXISTS (
                SELECT FROM views.board_member m
                WHERE m.member_id = f.member_id AND m.community_id = f.community_id))
    ) f ON s.task = 'feedback'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.task <> 'feedback' THEN d.done_on
            WHEN f.given = f.expected THEN f.given_on END AS done_on
    ) done
    WHERE s.task <> 'feedback' OR f.expected > 0
)
"""
# The totals stand in a row of their own where the page is empty.
_BOARD = f"""{_OWED}
SELECT totals.totals, page.*
FROM (
    SELECT json_object_agg(task, counts) AS totals FROM (
        SELECT task, json_build_array(count(*), count(*) FILTER (WHERE state = 'done'),
            count(*) FILTER (WHERE state = 'done' AND days_late > 0),
            count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state = 'overdue')
        ) AS counts
        FROM owed GROUP BY task
    ) of_task
) totals
LEFT JOIN (
    SELECT * FROM owed WHERE place > $8 AND ($9::text IS NULL OR state = $9)
    ORDER BY place LIMIT $10
) page ON true
ORDER BY page.place
"""  # noqa: S608 - our own words
_TO_BE_REMINDED = f"""{_OWED}
SELECT organisation_id, task, period, reminders + 1, missing FROM owed
WHERE state = 'overdue' AND reminders < $8 AND (reminded_on IS NULL OR reminded_on <= $9)
ORDER BY place
"""  # noqa: S608 - our own words


def _arguments(spans: Sequence[_Span], today: date) -> list[object]:
    return [
        [task.value for task, _, _ in spans],
        [OWED_BY[task].value for task, _, _ in spans],
        [str(period) for _, period, _ in spans],
        [period.last_day for _, period, _ in spans],
        [due_on for _, _, due_on in spans],
        today,
    ]


def _of_years(years: Iterable[int]) -> list[_Span]:
    return [
        (task, period, due_on)
        for year in years
        for task in Task
        for period, due_on in task.of_year(year)
    ]


class Counts(NamedTuple):
    """Of one task: how much is owed, and how it stands."""

    expected: int = 0
    done: int = 0
    late: int = 0
    due: int = 0
    overdue: int = 0


async def board(
    connection: Connection,
    organisation_id: str,
    year: int,
    today: date,
    *,
    state: DutyState | None,
    after: int,
    limit: int,
) -> tuple[list[asyncpg.Record], dict[Task, Counts]]:
    """A page of what an organisation and everything under it owes for a year, by due day, and how
    much of each task it is in all."""
    rows = await connection.fetch(
        _BOARD, organisation_id, *_arguments(_of_years([year]), today), after, state, limit
    )
    totals: dict[str, list[int]] = orjson.loads(rows[0]["totals"] or b"{}")
    items = [row for row in rows if row["place"] is not None]
    return items, {task: Counts(*totals.get(task, ())) for task in Task}


async def to_be_reminded(source: Source, since: date, today: date) -> list[OverdueDuty]:
    """The worker's list: what was due on ``since`` or later, is overdue, and not reminded of yet,
    or once and so long ago that it is time again; the longest overdue first."""
    spans = [
        span
        for span in _of_years(range(since.year - 1, today.year + 1))
        if since <= span[2] < today
    ]
    if not spans:
        return []
    rows = await source.fetch(
        _TO_BE_REMINDED, None, *_arguments(spans, today), REMINDERS, today - AGAIN_AFTER
    )
    return [
        OverdueDuty(owner, Task(task), Task(task).period.parse(period), number, member_id)
        for owner, task, period, number, member_id in rows
    ]
