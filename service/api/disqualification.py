"""取消资格: concluded by a responsible person, on a proposal or on stated grounds (R31, R32)."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from service.api.consequence import Consequences, ConsequencesRead, InYear, Within, opened
from service.api.fields import Act, Id, LongText
from service.api.grounds import Conclusion, stated_grounds
from service.api.pages import EXPORTS, Page, Paged
from service.api.route import Route
from service.api.writes import ids, new_id, recorded
from service.domain.concluding import ConcludeDisqualification
from service.domain.revoking import RevokeDisqualification
from service.projections import consequences
from service.projections.consequences import Disqualification, DisqualificationPage

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["评优与取消资格"])


class DisqualifyBody(Conclusion):
    """取消评优评先资格。"""


class RevokeDisqualificationBody(Act):
    """恢复资格。"""

    reason: LongText
    """原因；对单位的，不得写入姓名等个人信息。"""


@router.post(
    "/disqualifications",
    status_code=201,
    response_model=recorded("DisqualificationRecorded", "disqualification_id"),
    summary="取消评优评先资格",
)
async def conclude_disqualification(body: DisqualifyBody, write: Consequences) -> Response:
    """由党员所在支部或者其上级的负责人作出；对单位的，由其上级作出。免予报到的不得取消。"""
    return await write.decide(
        ConcludeDisqualification(
            by=write.by(body),
            at=write.at(body),
            disqualification_id=new_id(),
            reason=body.reason,
            proposal_id=body.proposal_id,
            stated=await stated_grounds(write.serving.log, body),
        ),
        ids("disqualification_id"),
    )


@router.get(
    "/disqualifications",
    response_model=Page[Disqualification],
    responses=EXPORTS,
    summary="取消资格的结论",
)
async def disqualifications(
    read: ConsequencesRead, paging: Paged, organisation_id: Within, year: InYear = None
) -> Response:
    """供党员所在支部、单位及其上级查看，含已经恢复的，按先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(consequences.VIEW)

    async def fetch(after: int, limit: int) -> DisqualificationPage:
        return await consequences.disqualifications(
            read.sight, organisation_id, year=year, after=after, limit=limit
        )

    async def present(page: DisqualificationPage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        return await opened(read, items, page.as_of_position)

    return await paging.answer(fetch, present, Disqualification)


@router.post(
    "/disqualifications/{disqualification_id}/revocation",
    status_code=201,
    response_model=recorded("DisqualificationRevocationRecorded", "disqualification_id"),
    summary="恢复评优评先资格",
)
async def revoke_disqualification(
    disqualification_id: Id, body: RevokeDisqualificationBody, write: Consequences
) -> Response:
    """由可以作出该结论的负责人恢复，须有原因。"""
    return await write.decide(
        RevokeDisqualification(
            by=write.by(body),
            at=write.at(body),
            disqualification_id=disqualification_id,
            reason=body.reason,
        ),
        ids("disqualification_id"),
    )
