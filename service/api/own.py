"""本人的记录: what members who sign in read and do, about themselves and nobody else (R38, R39)."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from service.api.evaluations import MemberEvaluated, member_evaluated
from service.api.fields import Body, Id
from service.api.member_views import (
    MemberShownDetails,
    OfYear,
    member_shown,
    record_shown,
    visible_member,
)
from service.api.named import opened
from service.api.notices import told_to_member
from service.api.objection import RAISED, WITHDRAWN, ObjectedTo, said_of
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.readings import ReadingShown, listed
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, writes
from service.domain.objecting import RaiseObjection, WithdrawObjection
from service.projections import audit_trail, notices, objections
from service.projections.audit_answer import AuditItem, AuditPage
from service.projections.audit_trail import AuditFilter
from service.projections.notices import Notice
from service.projections.objections_answer import Objection, ObjectionPage, of_member
from service.projections.off_duty_record import OffDutyRecord
from service.projections.own_copy import of_oneself
from service.projections.view import Sight
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1/me", route_class=Route, tags=["本人"])

Own = Annotated[Read, reads(Scope.OWN_READ, Purpose.OWN_RECORD)]

OwnWrite = Annotated[Write, writes(Scope.OWN_WRITE)]

_LAWFUL = LawfulReading.SUBJECT_RIGHTS
"""What is kept about somebody they may see, also while nobody else may."""


class OwnObjectionBody(ObjectedTo):
    """提出异议。"""


class WithdrawOwnObjectionBody(Body):
    """撤回异议。"""


@router.get("", response_model=MemberShownDetails, summary="本人的归属")
async def me(read: Own) -> Response:
    """本人所在支部、报到社区、活动证和免予报到。"""
    return await member_shown(read, _myself(read), _LAWFUL)


@router.get("/off-duty-record", response_model=OffDutyRecord, summary="本人的八小时外记录")
async def my_off_duty_record(read: Own, year: OfYear = None) -> Response:
    """本人一个年度的记录，精确到分钟；不填年度为今年。"""
    return await record_shown(read, _myself(read), year, _LAWFUL)


@router.get("/evaluations", response_model=MemberEvaluated, summary="本人的考核结果")
async def my_evaluations(read: Own, year: OfYear = None) -> Response:
    """本人一个年度按各个有效规则包考核的结果，附计入的各次认定；不填年度为今年。"""
    return await member_evaluated(read, _myself(read), year, None, _LAWFUL)


@router.get(
    "/readings",
    response_model=Page[ReadingShown],
    responses=EXPORTS,
    summary="本人个人信息的查阅记录",
)
async def my_readings(read: Own, paging: Paged) -> Response:
    """何人、为哪个组织、以何目的查阅过本人的个人信息，最近的在前；本人的查阅也在其中。"""
    found = await visible_member(read, _myself(read))
    return await listed(read, paging, found.member_id, found.as_of_position)


@router.get(
    "/notices",
    response_model=Page[Notice],
    responses=EXPORTS,
    summary="本人收到的通知",
)
async def my_notices(read: Own, paging: Paged) -> Response:
    """月查差异、季度反馈、考核建议及结论、先进典型：何时告知，依据何规则、文号和事件，最近的在前。"""
    await read.fresh(notices.VIEW)
    return await told_to_member(read, paging, _myself(read), _LAWFUL)


@router.get(
    "/audit-trail",
    response_model=Page[AuditItem],
    responses=EXPORTS,
    summary="有关本人的审计记录",
)
async def my_audit_trail(read: Own, paging: Paged) -> Response:
    """有关本人的每一个事件，依先后排列，对社区隐去的事项也在其中；事件涉及的其他党员从略。"""
    await read.fresh(audit_trail.VIEW)
    member_id = _myself(read)
    wanted = AuditFilter(member_id=member_id)

    async def fetch(after: int, limit: int) -> AuditPage:
        return await audit_trail.fetch(read.sight, wanted, after=after, limit=limit)

    async def present(page: AuditPage) -> list[dict[str, Any]]:
        occasion = read.occasion(page.as_of_position, _LAWFUL)
        await read.serving.opener.facts(occasion, [member_id])
        return [of_oneself(item, member_id) for item in page.items]

    return await paging.answer(fetch, present, AuditItem)


@router.get(
    "/objections",
    response_model=Page[Objection],
    responses=EXPORTS,
    summary="本人提出的异议",
)
async def my_objections(read: Own, paging: Paged) -> Response:
    """本人提出的异议及其办理情况，含由支部代为登记的，按先后排列。"""
    await read.fresh(objections.VIEW)
    member_id = _myself(read)
    # The branch a member comes in for does not see what they object to elsewhere.
    oneself = Sight(read.sight.pool, member_id)

    async def fetch(after: int, limit: int) -> ObjectionPage:
        return await of_member(oneself, member_id, after=after, limit=limit)

    async def present(page: ObjectionPage) -> list[dict[str, Any]]:
        return await opened(read, page.items, page.as_of_position, lawful=_LAWFUL)

    return await paging.answer(fetch, present, Objection)


@router.post("/objections", status_code=201, response_model=RAISED, summary="提出异议")
async def raise_own_objection(body: OwnObjectionBody, write: OwnWrite) -> Response:
    """自得知之日起30日内提出，第30日仍可提出；被异议的党组织须在30日内答复，逾期提交上级。"""
    by = write.caller.actor()
    said = await said_of(write.serving.log, body.against, body.subject_id, by.person)
    return await write.decide(
        RaiseObjection(
            by=by,
            at=write.serving.clock(),
            objection_id=new_id(),
            member_id=by.person,
            against=body.against,
            subject_id=body.subject_id,
            said=said,
            text=body.text,
        ),
        ids("objection_id"),
    )


@router.post(
    "/objections/{objection_id}/withdrawal",
    status_code=201,
    response_model=WITHDRAWN,
    summary="撤回异议",
)
async def withdraw_own_objection(
    objection_id: Id, body: WithdrawOwnObjectionBody, write: OwnWrite
) -> Response:
    """答复之前可以撤回。"""
    del body
    return await write.decide(
        WithdrawObjection(
            by=write.caller.actor(), at=write.serving.clock(), objection_id=objection_id
        ),
        ids("objection_id"),
    )


def _myself(read: Read) -> str:
    """Who signed in: only members hold the scope, and their token names them."""
    return str(read.caller.person)
