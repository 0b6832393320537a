"""关注事项与复核: what a person should look at, and what came of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Body, Id, LongText, NamedOfficer
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, recorded, writes
from service.domain.review import ConcludeReview, ReviewOutcome
from service.projections import review_answer
from service.projections.review_answer import ReviewItem, ReviewPage
from service.projections.review_list import VIEW
from service.projections.view import Sight

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["关注事项"])


class ConcludeReviewBody(Body):
    """复核完毕。"""

    organisation_id: Id
    """在哪一组织的关注事项中。"""
    outcome: Annotated[ReviewOutcome, Field(strict=False)]
    """结果：explained 情况属实已作说明，reminded 已提醒改进，referred 已移送有关方面处理。"""
    note: LongText
    """说明；不得写入姓名等个人信息。"""
    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""


@router.get(
    "/review-list",
    response_model=Page[ReviewItem],
    responses=EXPORTS,
    summary="关注事项",
)
async def review_list(
    read: Annotated[Read, reads(Scope.REVIEW_LIST_READ, Purpose.OVERSIGHT)],
    paging: Paged,
    organisation_id: Annotated[Id, Query(description="所查看的组织，含其下级。")],
) -> Response:
    """值得由人查看的认定情况；不是结论，不自动产生任何后果。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW)

    async def fetch(position: int, limit: int) -> ReviewPage:
        return await review_answer.fetch(read.sight, organisation_id, after=position, limit=limit)

    async def present(page: ReviewPage) -> list[dict[str, Any]]:
        members = dict.fromkeys(each for item in page.items for each in item.member_ids)
        await read.serving.opener.facts(read.occasion(page.as_of_position), members)
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(fetch, present, ReviewItem)


@router.post(
    "/review-list/{review_id}/conclusion",
    status_code=201,
    response_model=recorded("ReviewConclusionRecorded", "review_id"),
    summary="复核完毕",
)
async def conclude_review(
    review_id: Id,
    body: ConcludeReviewBody,
    write: Annotated[Write, writes(Scope.REVIEWS_WRITE)],
) -> Response:
    """由上级组织的负责人查看之后办结，须写明结果。"""
    await write.serving.places.within(write.caller, body.organisation_id)
    sight = Sight(write.serving.log.fenced, write.caller.organisation_id)
    item = await review_answer.find(sight, body.organisation_id, review_id)
    if item is None:
        raise ResourceNotFound
    return await write.decide(
        ConcludeReview(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            review_id=review_id,
            community_id=item.community_ids[0],
            outcome=body.outcome,
            note=body.note,
        ),
        ids("review_id"),
    )
