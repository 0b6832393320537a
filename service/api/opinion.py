"""社区意见: what the community, or whoever it is escalated to, says when it is asked (R27)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.consultation import ConsultationsRead
from service.api.fields import Act, Id, LongText, OfficerId
from service.api.named import Named, opened
from service.api.opinion_statement import figures_of
from service.api.own_signature import SignatureBody, own_signature, signed_id
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import ResourceNotFound
from service.api.reads import answer
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, recorded, writes
from service.domain.consultation import RecusalGround
from service.domain.opinion import Conduct
from service.domain.recusing import DeclareRecusal
from service.domain.replying import (
    CountersignOpinion,
    GiveOpinion,
    WithdrawOpinion,
)
from service.projections import consultations_answer, membership
from service.projections.consultations import VIEW
from service.projections.consultations_model import (
    ConsultationPage,
    OpinionRequest,
    RequestState,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["征求意见"])

Writing = Annotated[Write, writes(Scope.OPINIONS_WRITE)]
ConductField = Annotated[Conduct, Field(strict=False)]
_OPINION = ("opinion_id", "consultation_id")


class GiveOpinionBody(Act):
    """出具意见；报到情况和参加记录的数据由服务填写。"""

    social_morality: ConductField
    """社会公德：good 好，fair 一般，poor 差，no_basis 无从评价（下同）。"""
    community_pledge: ConductField
    """社区公约。"""
    bearing: ConductField
    """作风形象。"""
    overall: ConductField
    """总体评价。"""
    comment: LongText | None = None
    """意见。"""
    signature: SignatureBody | None = None
    """本单位自己的签名；没有自己的密钥的不填，由服务代签。"""


class CountersignOpinionBody(Act):
    """会签意见。"""

    signature: SignatureBody | None = None
    """本单位自己的签名；没有自己的密钥的不填，由服务代签。"""


class WithdrawOpinionBody(Act):
    """撤回意见。"""

    reason: LongText
    """原因。"""


class DeclareRecusalBody(Act):
    """回避。"""

    officer_id: OfficerId
    """回避的人的编号：本人，或者由负责人指定的本单位的人。"""
    ground: Annotated[RecusalGround, Field(strict=False)]
    """情形：related 与该党员有亲属关系，supervised 受该党员领导。"""


class OpinionRequestShown(OpinionRequest, Named):
    """一次转请出具意见，以及党员的编号和姓名。"""


@router.post(
    "/consultations/{consultation_id}/opinions",
    status_code=201,
    response_model=recorded("OpinionRecorded", *_OPINION),
    responses={425: {}},
    summary="出具意见",
)
async def give_opinion(consultation_id: Id, body: GiveOpinionBody, write: Writing) -> Response:
    """由社区党组织（提请督办后也可以由街道党工委）的一名负责人签署，经另一人会签后生效。"""
    own = own_signature(body.signature, write, body.comment)
    return await write.decide(
        GiveOpinion(
            by=write.by(body),
            at=write.at(body),
            opinion_id=signed_id(own, "opinion_id"),
            consultation_id=consultation_id,
            figures=await figures_of(
                write.serving, write.caller.organisation_id, consultation_id, own
            ),
            social_morality=body.social_morality,
            community_pledge=body.community_pledge,
            bearing=body.bearing,
            overall=body.overall,
            comment=body.comment,
            own=own,
        ),
        ids(*_OPINION),
    )


@router.post(
    "/opinions/{opinion_id}/countersignature",
    status_code=201,
    response_model=recorded("OpinionCountersignatureRecorded", *_OPINION),
    summary="会签意见",
)
async def countersign_opinion(
    opinion_id: Id, body: CountersignOpinionBody, write: Writing
) -> Response:
    """由同一单位的另一名负责人会签，自此生效，并告知征求意见的组织。"""
    return await write.decide(
        CountersignOpinion(
            by=write.by(body),
            at=write.at(body),
            opinion_id=opinion_id,
            own=own_signature(body.signature, write),
        ),
        ids(*_OPINION),
    )


@router.post(
    "/opinions/{opinion_id}/withdrawal",
    status_code=201,
    response_model=recorded("OpinionWithdrawalRecorded", *_OPINION),
    summary="撤回意见",
)
async def withdraw_opinion(opinion_id: Id, body: WithdrawOpinionBody, write: Writing) -> Response:
    """由出具意见的单位的负责人撤回，须有原因；此后可以另行出具。"""
    return await write.decide(
        WithdrawOpinion(
            by=write.by(body), at=write.at(body), opinion_id=opinion_id, reason=body.reason
        ),
        ids(*_OPINION),
    )


@router.post(
    "/consultations/{consultation_id}/recusals",
    status_code=201,
    response_model=recorded("RecusalRecorded", "consultation_id"),
    summary="回避",
)
async def declare_recusal(
    consultation_id: Id, body: DeclareRecusalBody, write: Writing
) -> Response:
    """与该党员有亲属关系或者受其领导的人，不得签署或者会签对该党员的意见。"""
    return await write.decide(
        DeclareRecusal(
            by=write.by(body),
            at=write.at(body),
            consultation_id=consultation_id,
            officer_id=body.officer_id,
            ground=body.ground,
        ),
        ids("consultation_id"),
    )


@router.get(
    "/opinion-requests",
    response_model=Page[OpinionRequestShown],
    responses=EXPORTS,
    summary="转请出具的意见",
)
async def opinion_requests(
    read: ConsultationsRead,
    paging: Paged,
    organisation_id: Annotated[Id, Query(description="社区党组织，或者其上级。")],
    state: Annotated[
        RequestState | None,
        Query(description="只列：open 尚无生效的意见，answered 已有，cancelled 不再需要。"),
    ] = None,
) -> Response:
    """供社区及其上级查看，按转请先后排列；不告知所办事项的，征求的组织、事项、期间和依据为空。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW, membership.VIEW)

    async def fetch(after: int, limit: int) -> ConsultationPage[OpinionRequest]:
        return await consultations_answer.requests(
            read.sight, organisation_id, state=state, after=after, limit=limit
        )

    async def present(page: ConsultationPage[OpinionRequest]) -> list[dict[str, Any]]:
        # Whoever is asked about somebody is told about whom, registered with them or not any more.
        everybody = read.serving.log.pool
        return await opened(read, page.items, page.as_of_position, names=everybody)

    return await paging.answer(fetch, present, OpinionRequestShown)


@router.get(
    "/opinion-requests/{consultation_id}",
    response_model=OpinionRequestShown,
    summary="一次转请出具意见",
)
async def opinion_request(consultation_id: Id, read: ConsultationsRead) -> Response:
    """供社区及其上级查看。"""
    await read.fresh(VIEW, membership.VIEW)
    found, position = await consultations_answer.request(read.sight, consultation_id)
    if found is None:
        await read.certain(VIEW)
        found, position = await consultations_answer.request(read.sight, consultation_id)
    if found is None:
        raise ResourceNotFound
    await read.serving.places.sees_any(read.caller, found.community_id)
    [shown] = await opened(read, [found], position, names=read.serving.log.pool)
    return answer(shown, position)
