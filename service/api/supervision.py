"""督查情况: what an organisation and everything under it owes, has done, and is late with (R24)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from starlette.responses import Response

from service.api.fields import Id, Year
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.projections import supervision_board_answer
from service.projections.supervision_board import VIEW
from service.projections.supervision_board_answer import (
    BoardItem,
    BoardPage,
    OpenDiscrepancies,
    TaskTotals,
)
from service.projections.supervision_board_owed import DutyState

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["督查"])


class BoardShown(Page[BoardItem]):
    """督查情况的一页，附合计；合计不受 state 和分页的影响。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    year: int
    """年度：期间所属的年度。"""
    on: date
    """按这一天计算是否逾期：今天。"""
    totals: list[TaskTotals]
    """各项督查事项的合计。"""
    discrepancies: list[OpenDiscrepancies]
    """各支部月查发现、尚未处理的差异，最早的在前。"""


@router.get(
    "/supervision-board",
    response_model=BoardShown,
    responses=EXPORTS,
    summary="督查情况",
)
async def supervision_board(
    read: Annotated[Read, reads(Scope.SUPERVISION_READ, Purpose.INSPECTION)],
    paging: Paged,
    organisation_id: Annotated[Id, Query(description="所查看的组织，含其下级。")],
    year: Annotated[Year | None, Query(description="年度；不填为今年。")] = None,
    state: Annotated[
        DutyState | None,
        Query(description="只列：due 应办未到期，done 已办，overdue 逾期未办。"),
    ] = None,
) -> Response:
    """月查、季报、汇总、座谈会、半年总结和季度反馈：应办、已办、逾期及逾期天数，按期限排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW)
    today = read.serving.clock().astimezone(SHANGHAI).date()
    of_year = today.year if year is None else year

    async def fetch(after: int, limit: int) -> BoardPage:
        return await supervision_board_answer.fetch(
            read.sight, organisation_id, of_year, today, state=state, after=after, limit=limit
        )

    async def present(page: BoardPage) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in page.items]

    def beside(page: BoardPage) -> dict[str, Any]:
        totals = page.model_dump(mode="json", include={"totals", "discrepancies"})
        return {"year": of_year, "on": today, **totals}

    return await paging.answer(fetch, present, BoardItem, beside)
