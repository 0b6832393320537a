"""先进典型: nominated by the community, agreed by the agency, then publicised (R33)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.api.access import acting_for
from service.api.consequence import ConsequencesRead, Within, opened
from service.api.fields import Act, Id, LongText
from service.api.pages import EXPORTS, Page, Paged
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.organisation import OrganisationKind
from service.domain.publicising import (
    AgreeToRoleModel,
    NominateRoleModel,
    PubliciseRoleModel,
    RefuseRoleModel,
)
from service.domain.role_model import Stage
from service.projections import role_models as view
from service.projections.role_models import RoleModel, RoleModelPage

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["先进典型"])

Writing = Annotated[Write, writes(Scope.ROLE_MODELS_WRITE)]
_ROLE_MODEL = ("role_model_id", "member_id")


class NominateRoleModelBody(Act):
    """推荐先进典型。"""

    member_id: Id
    """党员。"""
    deeds: LongText
    """事迹。"""


class AgreeToRoleModelBody(Act):
    """同意先进典型。"""


class RefuseRoleModelBody(Act):
    """不同意先进典型。"""

    reason: LongText
    """原因。"""


class PubliciseRoleModelBody(Act):
    """宣传先进典型。"""

    channel: LongText
    """在何处、以何种形式宣传；不得写入身份证号码、电话号码等个人信息。"""


@router.post(
    "/role-models",
    status_code=201,
    response_model=recorded("RoleModelNominationRecorded", *_ROLE_MODEL),
    summary="推荐先进典型",
)
async def nominate_role_model(body: NominateRoleModelBody, write: Writing) -> Response:
    """由党员报到的社区党组织负责人推荐；前一次推荐办结之前不重复推荐。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.COMMUNITY)
    return await write.decide(
        NominateRoleModel(
            by=write.by(body),
            at=write.at(body),
            role_model_id=new_id(),
            member_id=body.member_id,
            deeds=body.deeds,
        ),
        ids(*_ROLE_MODEL),
    )


@router.post(
    "/role-models/{role_model_id}/agreement",
    status_code=201,
    response_model=recorded("RoleModelAgreementRecorded", *_ROLE_MODEL),
    summary="同意先进典型",
)
async def agree_to_role_model(
    role_model_id: Id, body: AgreeToRoleModelBody, write: Writing
) -> Response:
    """由党员所在支部或者其上级的负责人同意；推荐人不得同意。"""
    return await write.decide(
        AgreeToRoleModel(by=write.by(body), at=write.at(body), role_model_id=role_model_id),
        ids(*_ROLE_MODEL),
    )


@router.post(
    "/role-models/{role_model_id}/refusal",
    status_code=201,
    response_model=recorded("RoleModelRefusalRecorded", *_ROLE_MODEL),
    summary="不同意先进典型",
)
async def refuse_role_model(
    role_model_id: Id, body: RefuseRoleModelBody, write: Writing
) -> Response:
    """由党员所在支部或者其上级的负责人答复，须有原因；此后不得宣传。"""
    return await write.decide(
        RefuseRoleModel(
            by=write.by(body),
            at=write.at(body),
            role_model_id=role_model_id,
            reason=body.reason,
        ),
        ids(*_ROLE_MODEL),
    )


@router.post(
    "/role-models/{role_model_id}/publicity",
    status_code=201,
    response_model=recorded("RoleModelPublicityRecorded", *_ROLE_MODEL),
    summary="宣传先进典型",
)
async def publicise_role_model(
    role_model_id: Id, body: PubliciseRoleModelBody, write: Writing
) -> Response:
    """由推荐的社区党组织宣传；所在单位同意之前不得宣传。"""
    return await write.decide(
        PubliciseRoleModel(
            by=write.by(body),
            at=write.at(body),
            role_model_id=role_model_id,
            channel=body.channel,
        ),
        ids(*_ROLE_MODEL),
    )


@router.get("/role-models", response_model=Page[RoleModel], responses=EXPORTS, summary="先进典型")
async def role_models(
    read: ConsequencesRead,
    paging: Paged,
    organisation_id: Within,
    stage: Annotated[
        Stage | None,
        Query(
            description="只列：nominated 已推荐，agreed 单位已同意，refused 单位不同意，"
            "publicised 已宣传。"
        ),
    ] = None,
) -> Response:
    """供党员所在支部、推荐的社区及其上级查看，按推荐先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(view.VIEW)

    async def fetch(after: int, limit: int) -> RoleModelPage:
        return await view.role_models(
            read.sight, organisation_id, stage=stage, after=after, limit=limit
        )

    async def present(page: RoleModelPage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        return await opened(read, items, page.as_of_position)

    return await paging.answer(fetch, present, RoleModel)
