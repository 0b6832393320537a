"""走访社区: which communities a unit went to (R25)."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Day, Id, LongText
from service.api.pages import EXPORTS, Page, Paged
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.community_visit import RecordVisit
from service.projections import inspections_answer
from service.projections.inspections import VIEW
from service.projections.inspections_answer import SupervisionPage, Visit

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["走访与季度反馈"])


class RecordVisitBody(Act):
    """走访社区。"""

    community_id: Id
    visited_on: Day
    """走访日期。"""
    note: LongText | None = None
    """说明；不得写入姓名等个人信息。"""


@router.post(
    "/organisations/{organisation_id}/community-visits",
    status_code=201,
    response_model=recorded("VisitRecorded", "visit_id"),
    summary="登记走访社区",
)
async def record_visit(
    organisation_id: Id,
    body: RecordVisitBody,
    write: Annotated[Write, writes(Scope.VISITS_WRITE)],
) -> Response:
    """由机关单位登记；同一单位同一天走访同一社区，只登记一次。"""
    acting_for(write.caller, organisation_id)
    return await write.decide(
        RecordVisit(
            by=write.by(body),
            at=write.at(body),
            visit_id=new_id(),
            community_id=body.community_id,
            visited_on=body.visited_on,
            note=body.note,
        ),
        ids("visit_id"),
    )


@router.get(
    "/organisations/{organisation_id}/community-visits",
    response_model=Page[Visit],
    responses=EXPORTS,
    summary="走访社区的记录",
)
async def visits_of_organisation(
    organisation_id: Id, read: Annotated[Read, reads(Scope.SUPERVISION_READ)], paging: Paged
) -> Response:
    """本组织及其下级的走访，按登记先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW)

    async def fetch(after: int, limit: int) -> SupervisionPage[Visit]:
        return await inspections_answer.visits_of(
            read.sight, organisation_id, after=after, limit=limit
        )

    async def present(page: SupervisionPage[Visit]) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(fetch, present, Visit)
