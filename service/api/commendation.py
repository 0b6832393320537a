"""评优: concluded by a responsible person, on a proposal or on stated grounds (R31)."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from service.api.consequence import Consequences, ConsequencesRead, InYear, Within, opened
from service.api.fields import Act, Id, LongText, ShortText
from service.api.grounds import Conclusion, stated_grounds
from service.api.pages import EXPORTS, Page, Paged
from service.api.route import Route
from service.api.writes import ids, new_id, recorded
from service.domain.concluding import ConcludeCommendation
from service.domain.revoking import RevokeCommendation
from service.projections import consequences
from service.projections.consequences import Commendation, CommendationPage

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["评优与取消资格"])


class CommendBody(Conclusion):
    """作出评优结论。"""

    title: ShortText
    """称号。"""


class RevokeCommendationBody(Act):
    """撤销评优。"""

    reason: LongText
    """原因；对单位的，不得写入姓名等个人信息。"""


@router.post(
    "/commendations",
    status_code=201,
    response_model=recorded("CommendationRecorded", "commendation_id"),
    summary="作出评优结论",
)
async def conclude_commendation(body: CommendBody, write: Consequences) -> Response:
    """由党员所在支部或者其上级的负责人作出；对单位的，由其上级作出。须写明规则和事件。"""
    return await write.decide(
        ConcludeCommendation(
            by=write.by(body),
            at=write.at(body),
            commendation_id=new_id(),
            title=body.title,
            reason=body.reason,
            proposal_id=body.proposal_id,
            stated=await stated_grounds(write.serving.log, body),
        ),
        ids("commendation_id"),
    )


@router.get(
    "/commendations", response_model=Page[Commendation], responses=EXPORTS, summary="评优结论"
)
async def commendations(
    read: ConsequencesRead, paging: Paged, organisation_id: Within, year: InYear = None
) -> Response:
    """供党员所在支部、单位及其上级查看，含已经撤销的，按先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(consequences.VIEW)

    async def fetch(after: int, limit: int) -> CommendationPage:
        return await consequences.commendations(
            read.sight, organisation_id, year=year, after=after, limit=limit
        )

    async def present(page: CommendationPage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        return await opened(read, items, page.as_of_position)

    return await paging.answer(fetch, present, Commendation)


@router.post(
    "/commendations/{commendation_id}/revocation",
    status_code=201,
    response_model=recorded("CommendationRevocationRecorded", "commendation_id"),
    summary="撤销评优",
)
async def revoke_commendation(
    commendation_id: Id, body: RevokeCommendationBody, write: Consequences
) -> Response:
    """由可以作出该结论的负责人撤销，须有原因。"""
    return await write.decide(
        RevokeCommendation(
            by=write.by(body),
            at=write.at(body),
            commendation_id=commendation_id,
            reason=body.reason,
        ),
        ids("commendation_id"),
    )
