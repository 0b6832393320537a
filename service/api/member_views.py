"""党员: the lists of members, one member, and the 八小时外 record of one.

Who may read what: an organisation reads what is its own, and what is its own of every organisation
below it in the tree. Everything else is answered like what does not exist.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.access import InsufficientScope
from service.api.fields import Id, Year, YesOrNo
from service.api.pages import EXPORTS, Page, Paged, Present
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, answer_json, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.projections import membership, off_duty_record
from service.projections.membership import (
    Certificate,
    Exemption,
    MemberDetails,
    MemberPage,
    Membership,
    Registration,
    Transfer,
)
from service.projections.off_duty_record import OffDutyRecord
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["查询"])

OfYear = Annotated[Year | None, Query(description="年度；不填为今年。")]
Members = Annotated[Read, reads(Scope.MEMBERS_READ)]
Lawful = Annotated[
    LawfulReading | None,
    Query(
        description="个人信息已限制处理时的查阅事由：subject_rights 本人行使查阅、复制的权利，"
        "legal_proceeding 司法、纪检监察机关依法调取；须有权限 restricted-data:read。"
    ),
]


def _require_lawful(read: Read, lawful: LawfulReading | None) -> None:
    """Whoever names a lawful reading must be allowed to."""
    if lawful is not None and Scope.RESTRICTED_READ not in read.caller.scopes:
        raise InsufficientScope(f"须有权限 {Scope.RESTRICTED_READ.value}。")


class MemberShown(BaseModel):
    """一名党员的归属。公民身份号码不提供查询。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    member_id: str
    """党员标识。"""
    member_no: str
    """党员编号。"""
    name: str
    """姓名。"""
    branch_id: str
    """组织关系所在的机关党支部。"""
    joining_branch_id: str | None
    """正在办理转接的，拟转入的党支部。"""
    phone: str | None
    """名册登记的联系电话；只供所在支部查看。"""
    specialities: list[str]
    """特长。"""
    certificate: Certificate | None
    """最近一次发放的活动证。"""
    registration: Registration | None
    """报到情况。"""
    transfer: Transfer | None
    """正在办理的转移报到。"""
    residence: str | None
    """报到时填写的居住地址；只供所在支部和报到社区查看。"""
    contact_phone: str | None
    """报到时填写的联系电话；只供所在支部和报到社区查看。"""
    service_intentions: list[str]
    """服务意向。"""
    exemptions: list[Exemption]
    """历次免予报到。"""


class MemberShownDetails(MemberShown):
    """一名党员的归属，截至某一位置。"""

    as_of_position: int
    """数据截至的日志位置。"""


async def _shown(
    read: Read, members: Sequence[Membership], as_of: int, lawful: LawfulReading | None = None
) -> list[dict[str, Any]]:
    """Members as this caller may see them: names opened, contacts for those who need them."""
    found = []
    for member in members:
        shown = member.model_dump(mode="json", exclude={"id_number", "as_of_position"})
        registered_at = member.registration and member.registration.community_id
        caller = read.caller.organisation_id
        if caller != member.branch_id:
            shown["phone"] = None
        if caller not in {member.branch_id, registered_at}:
            shown["residence"] = shown["contact_phone"] = None
        found.append((member.member_id, shown))
    await read.serving.opener.members(read.occasion(as_of, lawful), found)
    return [shown for _, shown in found]


def _presenting(read: Read) -> Present[MemberPage]:
    async def present(page: MemberPage) -> list[dict[str, Any]]:
        return await _shown(read, page.items, page.as_of_position)

    return present


async def visible_member(read: Read, member_id: str) -> MemberDetails:
    """The member, for their branch, their community and whoever is above these."""
    await read.fresh(membership.VIEW)
    found = await membership.member(read.sight, member_id)
    if found is None:
        await read.certain(membership.VIEW)
        found = await membership.member(read.sight, member_id)
    if found is None:
        raise ResourceNotFound
    registration = found.registration
    community_id = registration.community_id if registration else None
    if registration is not None and registration.state not in {"waiting", "accepted"}:
        community_id = None
    await read.serving.places.sees_any(read.caller, found.branch_id, community_id)
    return found


@router.get(
    "/branches/{branch_id}/members",
    response_model=Page[MemberShown],
    responses=EXPORTS,
    summary="支部党员名单",
)
async def members_of_branch(
    branch_id: Id,
    read: Members,
    paging: Paged,
    registered: Annotated[
        YesOrNo | None, Query(description="只列已报到（true）或未报到（false）的。")
    ] = None,
) -> Response:
    """组织关系在本支部的党员，按入册先后排列。"""
    await read.serving.places.within(read.caller, branch_id)
    await read.fresh(membership.VIEW)

    async def fetch(after: int, limit: int) -> MemberPage:
        return await membership.members_of_branch(
            read.sight, branch_id, after=after, limit=limit, registered=registered
        )

    return await paging.answer(fetch, _presenting(read), MemberShown)


@router.get(
    "/communities/{community_id}/members",
    response_model=Page[MemberShown],
    responses=EXPORTS,
    summary="社区报到党员名单",
)
async def members_of_community(community_id: Id, read: Members, paging: Paged) -> Response:
    """在本社区报到的党员，含等待接收的。"""
    await read.serving.places.within(read.caller, community_id)
    await read.fresh(membership.VIEW)

    async def fetch(after: int, limit: int) -> MemberPage:
        return await membership.members_of_community(
            read.sight, community_id, after=after, limit=limit
        )

    return await paging.answer(fetch, _presenting(read), MemberShown)


@router.get("/members/{member_id}", response_model=MemberShownDetails, summary="党员归属")
async def member(member_id: Id, read: Members, lawful_reading: Lawful = None) -> Response:
    """所在支部、报到社区、活动证和免予报到。"""
    _require_lawful(read, lawful_reading)
    return await member_shown(read, member_id, lawful_reading)


async def member_shown(read: Read, member_id: str, lawful: LawfulReading | None) -> Response:
    """The member, for whoever may see them."""
    found = await visible_member(read, member_id)
    [shown] = await _shown(read, [found], found.as_of_position, lawful)
    return answer({**shown, "as_of_position": found.as_of_position}, found.as_of_position)


@router.get(
    "/members/{member_id}/off-duty-record",
    response_model=OffDutyRecord,
    summary="八小时外记录",
)
async def off_duty_record_of(
    member_id: Id,
    read: Annotated[Read, reads(Scope.RECORDS_READ, Purpose.CONSULTATION)],
    year: OfYear = None,
    lawful_reading: Lawful = None,
) -> Response:
    """一名党员一个年度的记录，精确到分钟；不填年度为今年。"""
    _require_lawful(read, lawful_reading)
    return await record_shown(read, member_id, year, lawful_reading)


async def record_shown(
    read: Read, member_id: str, year: int | None, lawful: LawfulReading | None
) -> Response:
    """The record of a year, this one if none is named, for whoever may see it."""
    await read.fresh(off_duty_record.VIEW)
    state = read.serving
    year = state.clock().astimezone(SHANGHAI).year if year is None else year
    asking = read.caller.organisation_id
    found = await state.records.read(member_id, year, asking)
    if found is None:
        await read.certain(off_duty_record.VIEW)
        found = await state.records.read(member_id, year, asking)
    if found is None:
        raise ResourceNotFound
    await state.places.sees_any(read.caller, found.branch_id, found.community_id)
    position = found.as_of_position
    occasion = read.occasion(position, lawful)
    return answer_json(await state.opener.record(occasion, member_id, found.content), position)
