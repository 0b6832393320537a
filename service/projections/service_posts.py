"""服务岗: the posts of a community, their claims (人次) and their members (人) (R12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from service.domain.claim import ClaimConfirmed, ClaimDeclined, ClaimReleased, PostClaimed
from service.domain.service_post import ServicePostClosed, ServicePostOpened, post_category_word
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging
from service.projections.model import Answer
from service.projections.view import Build, Folds, Seen, Table, View, reading

PostState = Literal["open", "closed"]
ClaimState = Literal["waiting", "confirmed", "declined", "released"]


@dataclass(slots=True)
class _Post:
    service_post_id: str
    position: int
    community_id: str
    title: str
    category: str
    slots: int
    specialities: list[str]
    state: str = "open"


@dataclass(slots=True)
class _Claim:
    claim_id: str
    position: int
    service_post_id: str
    community_id: str
    member_id: str
    branch_id: str
    state: str = "waiting"


_POSTS = Table(
    "service_post",
    _Post,
    """
    service_post_id text PRIMARY KEY,
    position bigint NOT NULL,
    community_id text NOT NULL,
    title text NOT NULL,
    category text NOT NULL,
    slots integer NOT NULL,
    specialities text[] NOT NULL,
    state text NOT NULL
    """,
    ("(community_id, position)",),
)
_CLAIMS = Table(
    "service_post_claim",
    _Claim,
    """
    claim_id text PRIMARY KEY,
    position bigint NOT NULL,
    service_post_id text NOT NULL,
    community_id text NOT NULL,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    state text NOT NULL
    """,
    ("(service_post_id, position)", "(community_id)"),
    belonging("community_id", "branch_id"),
)


@dataclass(slots=True)
class _State:
    posts: dict[str, _Post]
    claims: dict[str, _Claim]


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    answers = (ClaimConfirmed, ClaimDeclined, ClaimReleased)
    state = _State(
        await build.load(_POSTS, _folds.ids(batch, "service_post_id", ServicePostClosed)),
        await build.load(_CLAIMS, _folds.ids(batch, "claim_id", *answers)),
    )
    _folds.fold(state, batch)
    await build.save(_POSTS, state.posts)
    await build.save(_CLAIMS, state.claims)


VIEW = View(
    "service_posts", version=2, tables=(_POSTS, _CLAIMS), apply=_apply, concerned=_folds.concern
)


@_folds.on(ServicePostOpened)
def _(state: _State, event: ServicePostOpened, at: Recorded) -> None:
    state.posts[event.service_post_id] = _Post(
        event.service_post_id,
        at.position,
        event.community_id,
        event.title,
        event.category,
        event.slots,
        list(event.specialities),
    )


@_folds.on(ServicePostClosed)
def _(state: _State, event: ServicePostClosed, _at: Recorded) -> None:
    state.posts[event.service_post_id].state = "closed"


@_folds.on(PostClaimed)
def _(state: _State, event: PostClaimed, at: Recorded) -> None:
    state.claims[event.claim_id] = _Claim(
        event.claim_id,
        at.position,
        event.service_post_id,
        event.community_id,
        event.member_id,
        event.branch_id,
    )


@_folds.on(ClaimConfirmed)
def _(state: _State, event: ClaimConfirmed, _at: Recorded) -> None:
    state.claims[event.claim_id].state = "confirmed"


@_folds.on(ClaimDeclined)
def _(state: _State, event: ClaimDeclined, _at: Recorded) -> None:
    state.claims[event.claim_id].state = "declined"


@_folds.on(ClaimReleased)
def _(state: _State, event: ClaimReleased, _at: Recorded) -> None:
    state.claims[event.claim_id].state = "released"


class Claim(Answer):
    """一次认岗。"""

    claim_id: str
    """认岗标识。"""
    member_id: str
    """认岗党员。"""
    branch_id: str
    """认岗时党员所在的机关党支部。"""
    state: ClaimState
    """状态：waiting 待确认，confirmed 已确认，declined 不同意，released 已退岗。"""


class ServicePost(Answer):
    """一个服务岗及其认岗情况。"""

    service_post_id: str
    """服务岗标识。"""
    title: str
    """岗位名称。"""
    category: str
    """岗位类别代码。"""
    category_word: str
    """岗位类别。"""
    state: PostState
    """状态：open 在设，closed 已撤。"""
    slots: int
    """名额。"""
    open_slots: int
    """尚余名额；已撤的岗位为零。"""
    specialities: list[str]
    """要求的特长。"""
    claims: int
    """认岗人次：待确认和已确认的认岗，各占一个名额。"""
    confirmed_claims: int
    """其中已确认的人次。"""
    members: int
    """认岗人数：同一名党员只计一次。"""


class ServicePostDetails(ServicePost):
    """一个服务岗及其历次认岗。"""

    community_id: str
    """设岗的社区党组织。"""
    history: list[Claim]
    """历次认岗，按先后排列。"""
    as_of_position: int
    """数据截至的日志位置。"""


class PostTotals(Answer):
    """服务岗合计。人次与人数分开统计，不得混用。"""

    posts: int
    """服务岗数（含已撤的）。"""
    slots: int
    """名额合计。"""
    claims: int
    """认岗人次：待确认和已确认的认岗。"""
    members: int
    """认岗人数：同一名党员认领几个岗位也只计一次。"""


class PostPage(Answer):
    """服务岗的一页，附全社区合计。"""

    items: list[ServicePost]
    """本页服务岗，按设立先后排列。"""
    totals: PostTotals
    """全社区合计。"""
    next_after: int | None
    """下一页从这个位置之后开始；没有下一页的为空。"""
    as_of_position: int
    """数据截至的日志位置。"""


_SELECT = """
SELECT p.position, p.community_id, p.service_post_id, p.title, p.category, p.state, p.slots,
    p.specialities, c.claims, c.confirmed_claims, c.members,
    CASE p.state WHEN 'open' THEN p.slots - c.claims ELSE 0 END AS open_slots
FROM views.service_post p
CROSS JOIN LATERAL (
    SELECT count(*) AS claims,
        count(*) FILTER (WHERE c.state = 'confirmed') AS confirmed_claims,
        count(DISTINCT c.member_id) AS members
    FROM views.service_post_claim c
    WHERE c.service_post_id = p.service_post_id AND c.state IN ('waiting', 'confirmed')
) c
"""


async def posts_of_community(
    seen: Seen, community_id: str, *, after: int = 0, limit: int = 200
) -> PostPage:
    """The posts of a community, a page of them, and the totals of all."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            _SELECT + "WHERE p.community_id = $1 AND p.position > $2 ORDER BY p.position LIMIT $3",
            community_id,
            after,
            limit + 1,
        )
        totals = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM views.service_post WHERE community_id = $1) AS posts,"
            " (SELECT coalesce(sum(slots), 0) FROM views.service_post WHERE community_id = $1)"
            "  AS slots,"
            " count(*) AS claims, count(DISTINCT member_id) AS members"
            " FROM views.service_post_claim"
            " WHERE community_id = $1 AND state IN ('waiting', 'confirmed')",
            community_id,
        )
    return PostPage(
        items=[ServicePost(**_fields(row)) for row in rows[:limit]],
        totals=PostTotals(**dict(totals or {})),
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


async def post(seen: Seen, service_post_id: str) -> ServicePostDetails | None:
    """One post with all its claims; None if there is no such post."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(_SELECT + "WHERE p.service_post_id = $1", service_post_id)
        if row is None:
            return None
        claims = await connection.fetch(
            "SELECT claim_id, member_id, branch_id, state FROM views.service_post_claim"
            " WHERE service_post_id = $1 ORDER BY position",
            service_post_id,
        )
    return ServicePostDetails(
        **_fields(row),
        community_id=row["community_id"],
        history=[Claim(**dict(claim)) for claim in claims],
        as_of_position=position,
    )


def _fields(row: asyncpg.Record) -> dict[str, Any]:
    """The fields of a ServicePost from one row of `_SELECT`."""
    shown = {name: value for name, value in row.items() if name in ServicePost.model_fields}
    return shown | {"category_word": post_category_word(row["category"])}
