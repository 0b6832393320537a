"""名册: a branch lists its members and states the head count."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Id, IdNumber, LongText, Number, Phone, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.roster import EnrolMember, PublishRoster

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["名册"])

Writing = Annotated[Write, writes(Scope.ROSTER_WRITE)]
Specialities = Annotated[list[ShortText], Field(max_length=20)]


class EnrolMemberBody(Act):
    """党员入册。"""

    member_no: Number
    """党员编号。"""
    name: ShortText
    """姓名。"""
    id_number: IdNumber
    """公民身份号码。"""
    phone: Phone
    """联系电话。"""
    specialities: Specialities = Field(default=[])
    """特长。"""


class PublishRosterBody(Act):
    """名册公布。"""

    stated_head_count: Annotated[int, Field(ge=0, le=1_000_000)]
    """填报的党员人数。"""
    difference_explained: LongText | None = None
    """与名册所列人数不一致的原因。"""


@router.post(
    "/branches/{branch_id}/members",
    status_code=201,
    response_model=recorded("MemberRecorded", "member_id"),
    summary="党员入册",
)
async def enrol_member(branch_id: Id, body: EnrolMemberBody, write: Writing) -> Response:
    """将一名党员列入本支部名册。"""
    acting_for(write.caller, branch_id)
    return await write.decide(
        EnrolMember(
            by=write.by(body),
            at=write.at(body),
            branch_id=branch_id,
            member_id=new_id(),
            member_no=body.member_no,
            person=write.serving.log.keyring.person_hash(body.id_number),
            name=body.name,
            id_number=body.id_number,
            phone=body.phone,
            specialities=tuple(body.specialities),
        ),
        ids("member_id"),
        "/api/v1/members/{member_id}",
    )


@router.post(
    "/branches/{branch_id}/roster-publications",
    status_code=201,
    response_model=recorded("RosterRecorded", "branch_id"),
    summary="名册公布",
)
async def publish_roster(branch_id: Id, body: PublishRosterBody, write: Writing) -> Response:
    """填报人数须与名册所列一致，否则说明原因。"""
    acting_for(write.caller, branch_id)
    return await write.decide(
        PublishRoster(
            by=write.by(body),
            at=write.at(body),
            branch_id=branch_id,
            stated_head_count=body.stated_head_count,
            difference_explained=body.difference_explained,
        ),
        ids("branch_id"),
    )
