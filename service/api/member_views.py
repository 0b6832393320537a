"""党员: the lists of members, one member, and the 八小时外 record of one.

Who may read what: an organisation reads what is its own, and what is its own of every organisation
below it in the tree. Everything else is answered like what does not exist.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.fields import Id, Year, YesOrNo
from service.api.opening import open_all, open_object
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import ResourceNotFound
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

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["查询"])

OfYear = Annotated[Year | None, Query(description="年度；不填为今年。")]
Members = Annotated[Read, reads(Scope.MEMBERS_READ)]


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


async def _shown(read: Read, members: Sequence[Membership]) -> list[dict[str, Any]]:
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
    await open_all(read.serving.log.keyring, found)
    return [shown for _, shown in found]


async def _member(read: Read, member_id: str) -> MemberDetails:
    """The member, for their branch, their community and whoever is above these."""
    await read.fresh(membership.VIEW)
    found = await membership.member(read.serving.log.pool, member_id)
    if found is None:
        await read.certain(membership.VIEW)
        found = await membership.member(read.serving.log.pool, member_id)
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
    pool = read.serving.log.pool

    async def fetch(after: int, limit: int) -> MemberPage:
        return await membership.members_of_branch(
            pool, branch_id, after=after, limit=limit, registered=registered
        )

    return await paging.answer(fetch, lambda page: _shown(read, page.items), MemberShown)


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
    pool = read.serving.log.pool

    async def fetch(after: int, limit: int) -> MemberPage:
        return await membership.members_of_community(pool, community_id, after=after, limit=limit)

    return await paging.answer(fetch, lambda page: _shown(read, page.items), MemberShown)


@router.get("/members/{member_id}", response_model=MemberShownDetails, summary="党员归属")
async def member(member_id: Id, read: Members) -> Response:
    """所在支部、报到社区、活动证和免予报到。"""
    found = await _member(read, member_id)
    [shown] = await _shown(read, [found])
    return answer({**shown, "as_of_position": found.as_of_position}, found.as_of_position)


@router.get(
    "/members/{member_id}/off-duty-record",
    response_model=OffDutyRecord,
    summary="八小时外记录",
)
async def off_duty_record_of(
    member_id: Id,
    read: Annotated[Read, reads(Scope.RECORDS_READ)],
    year: OfYear = None,
) -> Response:
    """一名党员一个年度的记录，精确到分钟；不填年度为今年。"""
    await read.fresh(off_duty_record.VIEW)
    state = read.serving
    year = state.clock().astimezone(SHANGHAI).year if year is None else year
    found = await state.records.read(member_id, year)
    if found is None:
        await read.certain(off_duty_record.VIEW)
        found = await state.records.read(member_id, year)
    if found is None:
        raise ResourceNotFound
    await state.places.sees_any(read.caller, found.branch_id, found.community_id)
    position = found.as_of_position
    opened = await open_object(state.log.keyring, member_id, found.content, as_of_position=position)
    return answer_json(opened, position)
