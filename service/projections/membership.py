"""党员归属: who belongs to which branch, who is registered with which community, and who is not.

Names, ID numbers, phones and addresses stay sealed here, as the events hold them; whoever answers
a reading opens them with the member's key.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from service.domain.event import SHANGHAI
from service.domain.registration_deadline import is_late
from service.projections.membership_tables import (
    TABLES,
    CertificateState,
    RegistrationState,
    apply,
    folds,
)
from service.projections.model import Answer, Sealed
from service.projections.view import Connection, Seen, View, reading

VIEW = View(
    "membership",
    version=2,
    tables=TABLES,
    apply=apply,
    about_members=TABLES,
    concerned=folds.concern,
)


class Certificate(Answer):
    """活动证。"""

    certificate_no: str
    """活动证编号。"""
    state: CertificateState
    """状态：valid 有效，lost 已挂失，full 已记满，withdrawn 已收回。"""


class Registration(Answer):
    """报到情况。"""

    registration_id: str
    """报到标识。"""
    community_id: str
    """报到的社区党组织。"""
    state: RegistrationState
    """状态：waiting 待接收，accepted 已接收，declined 不予接收，deregistered 已注销。"""
    registered_at: datetime
    """报到时间；转移报到不改变首次报到的时间。"""
    deadline: datetime | None
    """报到时适用的期限；未设期限的为空。"""
    late: bool
    """是否逾期报到。"""
    accepted_at: datetime | None
    """社区接收的时间。"""
    receipt_no: str | None
    """报到回执编号。"""


class Transfer(Answer):
    """正在办理的转移报到：新社区接收之前仍由原社区负责。"""

    registration_id: str
    """新的报到标识。"""
    community_id: str
    """拟转入的社区党组织。"""


class Exemption(Answer):
    """免予报到。"""

    exemption_id: str
    """免予报到标识。"""
    reason_code: str
    """原因代码。"""
    starts_on: date
    """起始日期。"""
    ends_on: date
    """截止日期（含当日）。"""


class Membership(Answer):
    """一名党员的归属：所在支部、报到社区、活动证和免予报到。"""

    member_id: str
    """党员标识。"""
    member_no: str
    """党员编号。"""
    branch_id: str
    """组织关系所在的机关党支部。"""
    joining_branch_id: str | None
    """正在办理转接的，拟转入的党支部；接收之前仍由原支部负责。"""
    name: Sealed
    """姓名。"""
    id_number: Sealed
    """公民身份号码。"""
    phone: Sealed
    """名册登记的联系电话。"""
    specialities: list[str]
    """特长。"""
    certificate: Certificate | None
    """最近一次发放的活动证；尚未发放的为空。"""
    registration: Registration | None
    """报到情况；从未报到的为空。"""
    transfer: Transfer | None
    """正在办理的转移报到。"""
    residence: Sealed | None
    """报到时填写的居住地址。"""
    contact_phone: Sealed | None
    """报到时填写的联系电话。"""
    service_intentions: list[str]
    """服务意向。"""
    exemptions: list[Exemption]
    """历次免予报到，按起始日期排列。"""

    @property
    def registered(self) -> bool:
        """Whether a community has accepted the member's registration."""
        return self.registration is not None and self.registration.state == "accepted"

    def exempt_on(self, day: date) -> bool:
        """Whether nothing is demanded of the member on a day (R3)."""
        return any(each.starts_on <= day <= each.ends_on for each in self.exemptions)


class MemberDetails(Membership):
    """一名党员的归属，截至某一位置。"""

    as_of_position: int
    """数据截至的日志位置。"""


class MemberPage(Answer):
    """党员名单的一页。"""

    items: list[Membership]
    """本页党员，按入册先后排列。"""
    next_after: int | None
    """下一页从这个位置之后开始；没有下一页的为空。"""
    as_of_position: int
    """数据截至的日志位置。"""


_EXEMPTIONS = TypeAdapter(list[Exemption])
_SELECT = """
SELECT m.*,
    (SELECT coalesce(json_agg(
         json_build_object('exemption_id', e.exemption_id, 'reason_code', e.reason_code,
             'starts_on', e.starts_on, 'ends_on', e.ends_on)
         ORDER BY e.starts_on, e.exemption_id), '[]')
     FROM views.membership_exemption e WHERE e.member_id = m.member_id) AS exemptions
FROM views.membership_member m
"""


async def member(seen: Seen, member_id: str) -> MemberDetails | None:
    """One member; None if there is no such member."""
    async with reading(seen, VIEW) as (connection, position):
        row = await connection.fetchrow(_SELECT + "WHERE m.member_id = $1", member_id)
    if row is None:
        return None
    return MemberDetails(**_fields(row), as_of_position=position)


async def members_named(seen: Seen, members: Collection[str]) -> dict[str, dict[str, str]]:
    """Number and sealed name of each of these members, as far as they may be seen."""
    async with reading(seen, VIEW) as (connection, _):
        rows = await connection.fetch(
            "SELECT member_id, member_no, name FROM views.membership_member"
            " WHERE member_id = ANY($1)",
            list(members),
        )
    return {row[0]: {"member_no": row[1], "name": row[2]} for row in rows}


async def members_of_branch(
    seen: Seen,
    branch_id: str,
    *,
    after: int = 0,
    limit: int = 200,
    registered: bool | None = None,
) -> MemberPage:
    """The members whose formal membership a branch holds; only (un)registered ones if asked."""
    async with reading(seen, VIEW) as (connection, position):
        return await _page(
            connection,
            "WHERE m.branch_id = $1 AND m.position > $2"
            " AND ($4::boolean IS NULL OR (m.registration_state = 'accepted') = $4)"
            " ORDER BY m.position LIMIT $3",
            [branch_id, after, limit + 1, registered],
            position,
        )


async def members_of_community(
    seen: Seen, community_id: str, *, after: int = 0, limit: int = 200
) -> MemberPage:
    """The members registered with a community, and those who wait for its answer."""
    async with reading(seen, VIEW) as (connection, position):
        return await _page(
            connection,
            "WHERE (m.community_id = $1 AND m.registration_state IN ('waiting', 'accepted')"
            " OR m.transfer_community_id = $1) AND m.position > $2"
            " ORDER BY m.position LIMIT $3",
            [community_id, after, limit + 1],
            position,
        )


async def _page(
    connection: Connection, condition: str, arguments: list[Any], position: int
) -> MemberPage:
    limit = arguments[2] - 1
    rows = await connection.fetch(_SELECT + condition, *arguments)
    return MemberPage(
        items=[Membership(**_fields(row)) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


def _fields(row: asyncpg.Record) -> dict[str, Any]:
    """The fields of a Membership from one row of `_SELECT`."""
    certificate = row["certificate_no"] and Certificate(
        certificate_no=row["certificate_no"], state=row["certificate_state"]
    )
    registration = row["registration_id"] and Registration(
        registration_id=row["registration_id"],
        community_id=row["community_id"],
        state=row["registration_state"],
        registered_at=row["registered_at"].astimezone(SHANGHAI),
        deadline=row["deadline"] and row["deadline"].astimezone(SHANGHAI),
        late=is_late(row["registered_at"], row["deadline"]),
        accepted_at=row["accepted_at"] and row["accepted_at"].astimezone(SHANGHAI),
        receipt_no=row["receipt_no"],
    )
    transfer = row["transfer_registration_id"] and Transfer(
        registration_id=row["transfer_registration_id"], community_id=row["transfer_community_id"]
    )
    taken_over = [name for name in Membership.model_fields if name in set(row.keys())]
    return {name: row[name] for name in taken_over} | {
        "certificate": certificate,
        "registration": registration,
        "transfer": transfer,
        "exemptions": _EXEMPTIONS.validate_json(row["exemptions"]),
    }
