"""通知: what an organisation was told, and why; whoever it is about is written down as read."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from service.api.fields import Id
from service.api.pages import EXPORTS, Page, Paged, Paging
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.projections import notices
from service.projections.notices import Notice, NoticePage
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["通知"])


@router.get(
    "/organisations/{organisation_id}/notices",
    response_model=Page[Notice],
    responses=EXPORTS,
    summary="组织收到的通知",
)
async def notices_of(
    organisation_id: Id,
    read: Annotated[Read, reads(Scope.NOTICES_READ, Purpose.ADMINISTRATION)],
    paging: Paged,
) -> Response:
    """督办、季报更正、季度反馈、考核建议及结论、先进典型、征求意见，最近的在前；上级可以查看下级的。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(notices.VIEW)

    async def fetch(before: int, limit: int) -> NoticePage:
        return await notices.of_organisation(
            read.sight, organisation_id, before=before, limit=limit
        )

    async def present(page: NoticePage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        about: dict[str, list[dict[str, Any]]] = {}
        for item in items:
            if item["member_id"] is not None:
                about.setdefault(item["member_id"], []).append(item)
        occasion = read.occasion(page.as_of_position)
        opening = [(member_id, {"items": theirs}) for member_id, theirs in about.items()]
        await read.serving.opener.members(occasion, opening)
        return items

    return await paging.answer(fetch, present, Notice)


async def told_to_member(
    read: Read, paging: Paging, member_id: str, lawful: LawfulReading
) -> Response:
    """What a member was told, for the member."""

    async def fetch(before: int, limit: int) -> NoticePage:
        return await notices.of_member_told(read.sight, member_id, before=before, limit=limit)

    async def present(page: NoticePage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        occasion = read.occasion(page.as_of_position, lawful)
        await read.serving.opener.members(occasion, [(member_id, {"items": items})])
        return items

    return await paging.answer(fetch, present, Notice)
