"""What the watch list shows: the limits, and the rings of people who endorse one another."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from service.domain.review import ReviewOutcome
from service.projections.model import Answer
from service.projections.review_list import APPROVALS, VIEW
from service.projections.view import Connection, Seen, reading

IN_A_MINUTE = 40
"""More sign-offs than this in a minute nobody has looked at one by one."""

ReviewKind = Literal["ring", "in_a_minute", "never_refused", "hasty"]
"""事项类别: 互相认定、一分钟内大量认定、从不拒绝、长时间服务随即认定."""


class Conclusion(Answer):
    """复核的结果。"""

    outcome: ReviewOutcome
    """结果。"""
    note: str
    """说明。"""
    concluded_by: str
    """复核的办理人。"""
    concluded_at: datetime
    """复核的时间。"""


class ReviewItem(Answer):
    """一个须由人查看的事项。只说明有何值得留意，不是结论，不产生任何后果。"""

    review_id: str
    """事项编号。"""
    kind: ReviewKind
    """类别：ring 互相认定，in_a_minute 一分钟内大量认定而没有点名，never_refused 多次认定而从不
    拒绝，hasty 五小时以上的服务记录后随即认定。"""
    reason: str
    """值得留意之处。"""
    community_ids: list[str]
    """有关的社区党组织。"""
    officer_ids: list[str]
    """有关的办理人。"""
    member_ids: list[str]
    """有关的党员。"""
    participation_id: str | None = None
    """有关的参加记录。"""
    times: int
    """有关的认定次数。"""
    position: int
    """出现这一事项的日志位置。"""
    conclusion: Conclusion | None = None
    """复核的结果；尚未复核的为空。"""


class ReviewPage(Answer):
    """关注事项的一页。"""

    items: list[ReviewItem]
    next_after: int | None
    as_of_position: int


@dataclass(frozen=True, slots=True)
class _Word:
    """One person endorsed another."""

    endorser: str
    person: str
    community_id: str
    officer_id: str
    member_id: str
    times: int
    position: int


async def fetch(
    seen: Seen,
    organisation_id: str,
    *,
    after: int = 0,
    limit: int = 200,
) -> ReviewPage:
    """What is to be looked at in the communities under an organisation, the oldest first."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT organisation_id FROM log.lines WHERE above = $1", organisation_id
        )
        under = {row[0] for row in rows}
        items = [
            *await _in_a_minute(connection, under),
            *await _never_refused(connection, under),
            *await _hasty(connection, under),
            *await _rings(connection, under),
        ]
        concluded = {
            row["review_id"]: Conclusion(
                outcome=ReviewOutcome(row["outcome"]),
                note=row["note"],
                concluded_by=row["concluded_by"],
                concluded_at=row["concluded_at"],
            )
            for row in await connection.fetch("SELECT * FROM views.review_conclusion")
        }
    items = sorted(items, key=lambda item: (item.position, item.review_id))
    found = [item for item in items if item.position > after]
    shown = [
        item.model_copy(update={"conclusion": concluded.get(item.review_id)})
        for item in found[:limit]
    ]
    return ReviewPage(
        items=shown,
        next_after=shown[-1].position if len(found) > limit else None,
        as_of_position=position,
    )


async def find(seen: Seen, organisation_id: str, review_id: str) -> ReviewItem | None:
    """One item under an organisation; None if there is none such."""
    page = await fetch(seen, organisation_id, limit=sys.maxsize)
    return next((item for item in page.items if item.review_id == review_id), None)


def _id(kind: ReviewKind, *parts: object) -> str:
    """The same for the same item whenever the view is built."""
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, ("urn:eighthours:review", kind, *parts)))))


async def _in_a_minute(connection: Connection, under: set[str]) -> list[ReviewItem]:
    rows = await connection.fetch(
        "SELECT * FROM views.review_minute WHERE times > $1 AND community_id = ANY($2)",
        IN_A_MINUTE,
        list(under),
    )
    return [
        ReviewItem(
            review_id=_id("in_a_minute", row["minute_id"]),
            kind="in_a_minute",
            reason=f"一分钟内认定{row['times']}次，而活动没有点名。",
            community_ids=[row["community_id"]],
            officer_ids=[row["officer_id"]],
            member_ids=[],
            times=row["times"],
            position=row["position"],
        )
        for row in rows
    ]


async def _never_refused(connection: Connection, under: set[str]) -> list[ReviewItem]:
    rows = await connection.fetch(
        "SELECT * FROM views.review_endorser"
        " WHERE approved > $1 AND refused = 0 AND community_id = ANY($2)",
        APPROVALS,
        list(under),
    )
    return [
        ReviewItem(
            review_id=_id("never_refused", row["endorser_id"], (row["approved"] - 1) // APPROVALS),
            kind="never_refused",
            reason=f"认定{row['approved']}次，从未不予认定或者撤销。",
            community_ids=[row["community_id"]],
            officer_ids=[row["officer_id"]],
            member_ids=[],
            times=row["approved"],
            position=row["position"],
        )
        for row in rows
    ]


async def _hasty(connection: Connection, under: set[str]) -> list[ReviewItem]:
    rows = await connection.fetch(
        "SELECT * FROM views.review_hasty WHERE community_id = ANY($1)", list(under)
    )
    return [
        ReviewItem(
            review_id=_id("hasty", row["endorsement_id"]),
            kind="hasty",
            reason=f"五小时以上的服务，记录后{row['seconds'] // 60}分钟内即予认定。",
            community_ids=[row["community_id"]],
            officer_ids=[row["officer_id"]],
            member_ids=[row["member_id"]],
            participation_id=row["participation_id"],
            times=1,
            position=row["position"],
        )
        for row in rows
    ]


async def _rings(connection: Connection, under: set[str]) -> Iterator[ReviewItem]:
    # Only who both endorsed and was endorsed can be in a ring: few, however large the log is.
    rows = await connection.fetch(
        "SELECT w.endorser, w.person, w.community_id, w.officer_id, w.member_id, w.times,"
        " w.position FROM views.review_word w"
        " WHERE EXISTS (SELECT FROM views.review_word o WHERE o.endorser = w.person)"
        " AND EXISTS (SELECT FROM views.review_word o WHERE o.person = w.endorser)"
        " ORDER BY w.word_id"
    )
    return _ring_items([_Word(*row) for row in rows], under)


def _ring_items(words: list[_Word], under: set[str]) -> Iterator[ReviewItem]:
    for ring in rings((word.endorser, word.person) for word in words):
        within = [word for word in words if word.endorser in ring and word.person in ring]
        communities = sorted({word.community_id for word in within})
        if under.isdisjoint(communities):
            continue
        yield ReviewItem(
            review_id=_id("ring", *sorted(ring)),
            kind="ring",
            reason=f"{len(ring)}人互相认定或者轮流认定。",
            community_ids=communities,
            officer_ids=sorted({word.officer_id for word in within}),
            member_ids=sorted({word.member_id for word in within}),
            times=sum(word.times for word in within),
            position=max(word.position for word in within),
        )


def rings(edges: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """Groups of two or more of whom each is reached from each: two who endorse each other, or
    more who do so in a round."""
    ahead: dict[str, set[str]] = {}
    for one, other in edges:
        ahead.setdefault(one, set()).add(other)
        ahead.setdefault(other, set())
    behind: dict[str, set[str]] = {each: set() for each in ahead}
    for one, others in ahead.items():
        for other in others:
            behind[other].add(one)
    found, left = [], set(ahead)
    for each in sorted(ahead):
        if each in left:
            ring = _reached(each, ahead, left) & _reached(each, behind, left)
            left -= ring
            if len(ring) > 1:
                found.append(frozenset(ring))
    return found


def _reached(start: str, steps: dict[str, set[str]], within: set[str]) -> set[str]:
    reached, todo = {start}, [start]
    while todo:
        for each in steps[todo.pop()] & within - reached:
            reached.add(each)
            todo.append(each)
    return reached
