"""组织统计: rates and counts of an organisation and everything under it (R3, R12, R19, R32).

An agency organisation is counted by the members its branches hold, a community or subdistrict by
the members registered with it. Fractions are exact: whoever compares multiplies, nobody rounds.
"""

from datetime import date

import asyncpg

from service.domain.organisation import OrganisationKind
from service.domain.participation import Ledger
from service.domain.service_post import post_category_word
from service.projections.model import Answer
from service.projections.statistics_tables import TABLES, apply
from service.projections.view import Connection, Seen, View, reading

VIEW = View("organisation_statistics", version=2, tables=TABLES, apply=apply)

CRITERION = "本年度至少有一次经认定且未作废的参加记录"
"""What completion means until a rule pack says otherwise."""

_RECEIVING = {OrganisationKind.COMMUNITY, OrganisationKind.SUBDISTRICT}


class Rate(Answer):
    """一个比率：比较时以分子、分母为准；千分比和百分比四舍五入，只供阅读。"""

    numerator: int
    """分子（人）。"""
    denominator: int
    """分母（人），不含免予报到的党员。"""
    exempt: int
    """免予报到、不计入分母的人数。"""
    permille: int | None
    """千分比（四舍五入）；分母为零时为空。"""
    percent: str | None
    """百分比（两位小数，四舍五入），如 94.74%；分母为零时为空。"""

    @classmethod
    def of(cls, numerator: int, denominator: int, exempt: int) -> "Rate":
        """The rate with its readings; whoever compares takes the exact fraction (R32)."""
        readings = (
            (_rounded(numerator * 1000, denominator), _rounded(numerator * 10_000, denominator))
            if denominator
            else None
        )
        return cls(
            numerator=numerator,
            denominator=denominator,
            exempt=exempt,
            permille=readings and readings[0],
            percent=readings and f"{readings[1] // 100}.{readings[1] % 100:02}%",
        )


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


class Count(Answer):
    """人次与人数，分开统计，不得混用。"""

    times: int
    """人次。"""
    members: int
    """人数：同一名党员只计一次。"""


class CategoryCount(Count):
    """一个类别的人次与人数。"""

    category: str
    """类别代码。"""
    word: str
    """类别。"""


class PostStatistics(Answer):
    """服务岗：机关组织统计本单位党员认领的，社区和街道统计所设的。"""

    posts: int
    """服务岗数。"""
    claims: int
    """认岗人次：待确认和已确认的认岗。"""
    members: int
    """认岗人数：同一名党员只计一次。"""
    by_category: list[CategoryCount]
    """按岗位类别。"""


class ParticipationStatistics(Answer):
    """本年度经认定且未作废的参加记录；两个台账分开统计。"""

    by_ledger: dict[Ledger, Count]
    """按台账：duty 组织安排，voluntary 自愿。"""
    by_category: list[CategoryCount]
    """按类别，两个台账合计。"""


class OrganisationStatistics(Answer):
    """一个组织及其下级组织的统计。"""

    organisation_id: str
    """组织标识。"""
    name: str
    """组织名称。"""
    kind: OrganisationKind
    """组织类别。"""
    on: date
    """统计日期：免予报到按这一天是否在期限之内计算。"""
    year: int
    """统计年度。"""
    members: int
    """党员总数：机关组织为组织关系在册的，社区和街道为在此报到（含待接收）的。"""
    registration: Rate
    """报到率：社区已接收报到的党员。"""
    completion: Rate
    """完成率，标准见 criterion。"""
    criterion: str
    """完成的标准。"""
    posts: PostStatistics
    """服务岗。"""
    participations: ParticipationStatistics
    """参加情况。"""
    as_of_position: int
    """数据截至的日志位置。"""


# {column} is the side that is counted, the branch or the community.
_MEMBERS = """
WITH counted AS (
    SELECT m.registered,
        EXISTS (SELECT FROM views.statistics_exemption e WHERE e.member_id = m.member_id
                AND $2 BETWEEN e.starts_on AND e.ends_on) AS exempt,
        EXISTS (SELECT FROM views.statistics_entry e WHERE e.member_id = m.member_id
                AND e.year = $3 AND e.endorsed) AS completed
    FROM views.statistics_member m
    WHERE m.{column} IN (
        SELECT organisation_id FROM views.statistics_organisation WHERE $1 = ANY (line))
)
SELECT count(*) AS members, count(*) FILTER (WHERE exempt) AS exempt,
    count(*) FILTER (WHERE registered AND NOT exempt) AS registered,
    count(*) FILTER (WHERE completed AND NOT exempt) AS completed
FROM counted
"""
_POSTS = """
SELECT p.category, count(DISTINCT p.service_post_id) AS posts,
    count(c.claim_id) AS times, count(DISTINCT c.member_id) AS members,
    grouping(p.category) = 1 AS in_all
FROM views.statistics_post p
{join} views.statistics_claim c ON c.service_post_id = p.service_post_id AND c.held
WHERE {owner}.{column} IN (
    SELECT organisation_id FROM views.statistics_organisation WHERE $1 = ANY (line))
GROUP BY GROUPING SETS ((p.category), ()) ORDER BY p.category
"""
_ENTRIES = """
SELECT e.ledger, e.category, count(*) AS times, count(DISTINCT e.member_id) AS members
FROM views.statistics_entry e
WHERE e.endorsed AND e.year = $2 AND e.{column} IN (
    SELECT organisation_id FROM views.statistics_organisation WHERE $1 = ANY (line))
GROUP BY GROUPING SETS ((e.ledger), (e.category)) ORDER BY e.ledger, e.category
"""


async def fetch(
    seen: Seen, organisation_id: str, on: date, year: int | None = None
) -> OrganisationStatistics | None:
    """The organisation's statistics on a date, of its year unless another is named.

    None if there is no such organisation.
    """
    year = on.year if year is None else year
    async with reading(seen, VIEW) as (connection, position):
        organisation = await connection.fetchrow(
            "SELECT name, kind FROM views.statistics_organisation WHERE organisation_id = $1",
            organisation_id,
        )
        if organisation is None:
            return None
        receiving = organisation["kind"] in _RECEIVING
        column = "community_id" if receiving else "branch_id"
        [members] = await connection.fetch(
            _MEMBERS.format(column=column), organisation_id, on, year
        )
        posts = await _posts(connection, organisation_id, receiving=receiving)
        participations = await _participations(connection, organisation_id, year, column)
    return OrganisationStatistics(
        organisation_id=organisation_id,
        name=organisation["name"],
        kind=organisation["kind"],
        on=on,
        year=year,
        members=members["members"],
        registration=_rate(members, "registered"),
        completion=_rate(members, "completed"),
        criterion=CRITERION,
        posts=posts,
        participations=participations,
        as_of_position=position,
    )


def _rate(members: asyncpg.Record, numerator: str) -> Rate:
    exempt = members["exempt"]
    return Rate.of(members[numerator], members["members"] - exempt, exempt)


async def _posts(
    connection: Connection, organisation_id: str, *, receiving: bool
) -> PostStatistics:
    # A community counts all its posts, an agency those that its members have claimed.
    side = (
        {"join": "LEFT JOIN", "owner": "p", "column": "community_id"}
        if receiving
        else {"join": "JOIN", "owner": "c", "column": "branch_id"}
    )
    rows = await connection.fetch(_POSTS.format(**side), organisation_id)
    in_all = next(row for row in rows if row["in_all"])
    return PostStatistics(
        posts=in_all["posts"],
        claims=in_all["times"],
        members=in_all["members"],
        by_category=[_category(row) for row in rows if not row["in_all"]],
    )


async def _participations(
    connection: Connection, organisation_id: str, year: int, column: str
) -> ParticipationStatistics:
    rows = await connection.fetch(_ENTRIES.format(column=column), organisation_id, year)
    by_ledger: dict[Ledger, Count] = {
        "duty": Count(times=0, members=0),
        "voluntary": Count(times=0, members=0),
    }
    for row in rows:
        if row["ledger"] is not None:
            by_ledger[row["ledger"]] = Count(times=row["times"], members=row["members"])
    return ParticipationStatistics(
        by_ledger=by_ledger,
        by_category=[_category(row) for row in rows if row["ledger"] is None],
    )


def _category(row: asyncpg.Record) -> CategoryCount:
    return CategoryCount(
        category=row["category"],
        word=post_category_word(row["category"]),
        times=row["times"],
        members=row["members"],
    )
