"""What is read of `quarterly_feedback`: what was said about a member, and what is still due."""

from datetime import datetime

from service.domain.endorsement import Performance
from service.domain.event import SHANGHAI
from service.domain.period import Quarter
from service.projections.model import Answer, Sealed
from service.projections.quarterly_feedback import VIEW
from service.projections.view import Seen, reading


class Feedback(Answer):
    """社区对一名党员一个季度的反馈。"""

    feedback_id: str
    """反馈标识。"""
    community_id: str
    """反馈的社区党组织。"""
    branch_id: str
    """反馈时党员所在的机关党支部。"""
    quarter: str
    """季度，如 2026-Q1。"""
    performance: Performance
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    text: Sealed | None
    """反馈内容。"""
    given_by: str
    """反馈的负责人。"""
    given_at: datetime
    """反馈的时间。"""
    disputed: bool
    """是否有未决异议。"""


class FeedbackPage(Answer):
    """季度反馈的一页。"""

    items: list[Feedback]
    next_after: int | None
    as_of_position: int


class DueMember(Answer):
    """一名须反馈的党员。"""

    member_id: str
    """党员标识。"""
    records: int
    """该季度在本社区的参加记录（不含已作废的）。"""


class DuePage(Answer):
    """须反馈的党员的一页，附合计。"""

    items: list[DueMember]
    expected: int
    given: int
    next_after: int | None
    as_of_position: int


async def feedback_of_member(
    seen: Seen, member_id: str, *, after: int = 0, limit: int = 200
) -> FeedbackPage:
    """What communities said about a member, in the order given."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT * FROM views.feedback_given WHERE member_id = $1 AND position > $2"
            " ORDER BY position LIMIT $3",
            member_id,
            after,
            limit + 1,
        )
    return FeedbackPage(
        items=[
            Feedback(
                **{name: row[name] for name in Feedback.model_fields}
                | {"given_at": row["given_at"].astimezone(SHANGHAI)}
            )
            for row in rows[:limit]
        ],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


_DUE = """
WITH expected AS (
    SELECT m.member_id, m.position, r.records, EXISTS (
        SELECT FROM views.feedback_given g
        WHERE g.member_id = m.member_id AND g.community_id = $1 AND g.quarter = $2
    ) AS given
    FROM views.feedback_member m
    CROSS JOIN LATERAL (
        SELECT count(*) AS records FROM views.feedback_record r
        WHERE r.member_id = m.member_id AND r.community_id = $1
            AND r.began_on BETWEEN $3 AND $4 AND NOT r.voided
    ) r
    WHERE m.community_id = $1 AND r.records > 0
)
SELECT due.member_id, due.position, due.records, total.expected, total.given
FROM (SELECT count(*) AS expected, count(*) FILTER (WHERE given) AS given FROM expected) total
LEFT JOIN (
    SELECT * FROM expected WHERE NOT given AND position > $5 ORDER BY position LIMIT $6
) due ON true
ORDER BY due.position
"""


async def due(
    seen: Seen, community_id: str, quarter: Quarter, *, after: int = 0, limit: int = 200
) -> DuePage:
    """The members a community still owes feedback for a quarter, and how many it owed at all."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            _DUE,
            community_id,
            str(quarter),
            quarter.first_day,
            quarter.last_day,
            after,
            limit + 1,
        )
    return DuePage(
        items=[
            DueMember(member_id=row["member_id"], records=row["records"])
            for row in rows[:limit]
            if row["member_id"] is not None  # the totals stand in a row of their own then
        ],
        expected=rows[0]["expected"],
        given=rows[0]["given"],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )
