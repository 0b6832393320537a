"""本人的记录: what members who sign in may read, about themselves and nobody else (R38)."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from service.api.evaluations import MemberEvaluated, member_evaluated
from service.api.member_views import (
    MemberShownDetails,
    OfYear,
    member_shown,
    record_shown,
    visible_member,
)
from service.api.notices import told_to_member
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.readings import ReadingShown, listed
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.projections import notices
from service.projections.notices import Notice
from service.projections.off_duty_record import OffDutyRecord
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1/me", route_class=Route, tags=["本人"])

Own = Annotated[Read, reads(Scope.OWN_READ, Purpose.OWN_RECORD)]

_LAWFUL = LawfulReading.SUBJECT_RIGHTS
"""What is kept about somebody they may see, also while nobody else may."""


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


def _myself(read: Read) -> str:
    """Who signed in: only members hold the scope, and their token names them."""
    return str(read.caller.person)
