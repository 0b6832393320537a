"""查阅记录: who read what about a member, for whom and what for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.fields import Id
from service.api.member_views import visible_member
from service.api.pages import EXPORTS, Page, Paged, Paging
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.trust.readings import Reading

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["查询"])


class ReadingShown(BaseModel):
    """一次查阅：何人、为哪个组织、以何目的、查阅了什么。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    number: int
    """查阅记录的编号，自 1 起连续。"""
    at: datetime
    """时间。"""
    organisation_id: str
    """为哪个组织查阅。"""
    client_id: str
    """通过哪个客户端。"""
    person: str | None
    """查阅人编号；由系统自身查阅的为空。"""
    role: str | None
    """查阅人的身份。"""
    purpose: Purpose
    """查阅目的的代码。"""
    purpose_word: str
    """查阅目的。"""
    fields: list[str]
    """读出的个人信息；为空的，只显示了标识之下的情况，没有读出加密的内容。"""
    route: str
    """所用的接口。"""
    request_id: str
    """请求编号。"""
    position: int
    """所读数据截至的日志位置。"""


@dataclass(frozen=True, slots=True)
class _Found:
    items: list[Reading]
    next_after: int | None
    as_of_position: int


@router.get(
    "/members/{member_id}/readings",
    response_model=Page[ReadingShown],
    responses=EXPORTS,
    summary="党员个人信息的查阅记录",
)
async def readings_of_member(
    member_id: Id,
    read: Annotated[Read, reads(Scope.READINGS_READ, Purpose.OVERSIGHT)],
    paging: Paged,
) -> Response:
    """供党员所在支部及其上级查看，最近的在前；查看本身也留下记录。"""
    found = await visible_member(read, member_id)
    return await listed(read, paging, member_id, found.as_of_position)


async def listed(read: Read, paging: Paging, member_id: str, as_of: int) -> Response:
    """Readings about a member whom the caller was found to be allowed to see, or to be."""
    readings = read.serving.readings

    async def fetch(before: int, limit: int) -> _Found:
        found = await readings.of_member(member_id, before=before, limit=limit + 1)
        more = len(found) > limit
        return _Found(found[:limit], found[limit - 1].number if more else None, as_of)

    async def present(page: _Found) -> list[dict[str, Any]]:
        await read.serving.opener.facts(read.occasion(as_of), [member_id])
        return [_shown(each) for each in page.items]

    return await paging.answer(fetch, present, ReadingShown)


def _shown(reading: Reading) -> dict[str, Any]:
    stated = reading._asdict() | {"at": reading.at.astimezone(SHANGHAI)}
    shown = ReadingShown(**stated, purpose_word=Purpose(reading.purpose).word)
    return shown.model_dump(mode="json")
