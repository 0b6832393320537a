"""组织: registering organisations, their area codes and pairings, and registration deadlines."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import OrganisationKindNotAllowed, acting_for
from service.api.fields import Act, AreaCode, Body, Day, Id, LongText, Moment, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.area_code_reassignment import ReassignAreaCode
from service.domain.organisation import (
    CreditCodeException,
    OrganisationKind,
    RegisterOrganisation,
)
from service.domain.pairing import PairUnit
from service.domain.registration_deadline import SetRegistrationDeadline

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["组织"])

Writing = Annotated[Write, writes(Scope.ORGANISATIONS_WRITE)]


class CreditCodeExceptionBody(Body):
    """校验不符的统一社会信用代码为何仍予登记。"""

    reason: LongText
    """理由。"""
    evidence: LongText
    """依据。"""


class RegisterOrganisationBody(Act):
    """组织登记。"""

    name: ShortText
    kind: Annotated[OrganisationKind, Field(strict=False)]
    """组织类别。"""
    parent_id: Id | None
    """上级组织；最上一级为 null。"""
    district: ShortText
    """所在区县。"""
    area_code: AreaCode
    """区划代码：6 位到区县，社区为 12 位。"""
    credit_code: Annotated[str, Field(min_length=1, max_length=18)] | None = None
    """统一社会信用代码（GB 32100）。"""
    credit_code_exception: CreditCodeExceptionBody | None = None


class ReassignAreaCodeBody(Act):
    """区划代码变更。"""

    area_code: AreaCode
    district: ShortText
    valid_from: Day
    """自何日起生效。"""
    reason: LongText


class PairUnitBody(Act):
    """单位结对。"""

    community_id: Id
    projects: Annotated[list[ShortText], Field(max_length=50)] = Field(default=[])
    """单位提供的服务项目。"""


class SetDeadlineBody(Act):
    """报到期限。"""

    campaign: ShortText
    """哪一次报到活动。"""
    deadline: Moment
    """最后一刻仍为按期的时间。"""


@router.post(
    "/organisations",
    status_code=201,
    response_model=recorded("OrganisationRecorded", "organisation_id"),
    summary="组织登记",
)
async def register_organisation(body: RegisterOrganisationBody, write: Writing) -> Response:
    """登记在自己或下级组织之下；最上一级组织由组织部门登记。"""
    caller = write.caller
    if body.parent_id is not None:
        await write.serving.places.within(caller, body.parent_id, "/parent_id")
    elif caller.kind is not OrganisationKind.PERSONNEL_AUTHORITY:
        raise OrganisationKindNotAllowed("最上一级组织由组织部门登记。")
    exception = body.credit_code_exception
    return await write.decide(
        RegisterOrganisation(
            by=write.by(body),
            at=write.at(body),
            organisation_id=new_id(),
            name=body.name,
            kind=body.kind,
            parent_id=body.parent_id,
            district=body.district,
            area_code=body.area_code,
            credit_code=body.credit_code,
            credit_code_exception=None
            if exception is None
            else CreditCodeException(reason=exception.reason, evidence=exception.evidence),
        ),
        ids("organisation_id"),
    )


@router.post(
    "/organisations/{organisation_id}/area-code-reassignments",
    status_code=201,
    response_model=recorded("AreaCodeReassignmentRecorded", "organisation_id"),
    summary="区划代码变更",
)
async def reassign_area_code(
    organisation_id: Id, body: ReassignAreaCodeBody, write: Writing
) -> Response:
    """自某日起，本组织或下级组织所在地改用另一区划代码。"""
    await write.serving.places.within(write.caller, organisation_id)
    return await write.decide(
        ReassignAreaCode(
            by=write.by(body),
            at=write.at(body),
            organisation_id=organisation_id,
            area_code=body.area_code,
            district=body.district,
            valid_from=body.valid_from,
            reason=body.reason,
        ),
        ids("organisation_id"),
    )


@router.post(
    "/organisations/{organisation_id}/pairings",
    status_code=201,
    response_model=recorded("PairingRecorded", "organisation_id", "community_id"),
    summary="单位结对",
)
async def pair_unit(
    organisation_id: Id,
    body: PairUnitBody,
    write: Annotated[Write, writes(Scope.PAIRINGS_WRITE)],
) -> Response:
    """单位与社区结对；居住地未设社区的党员可到结对社区报到。"""
    acting_for(write.caller, organisation_id)
    return await write.decide(
        PairUnit(
            by=write.by(body),
            at=write.at(body),
            organisation_id=organisation_id,
            community_id=body.community_id,
            projects=tuple(body.projects),
        ),
        ids("organisation_id", "community_id"),
    )


@router.post(
    "/organisations/{organisation_id}/registration-deadlines",
    status_code=201,
    response_model=recorded("DeadlineRecorded", "organisation_id"),
    summary="设定报到期限",
)
async def set_registration_deadline(
    organisation_id: Id,
    body: SetDeadlineBody,
    write: Annotated[Write, writes(Scope.DEADLINES_WRITE)],
) -> Response:
    """适用于本单位及下级；离党支部最近的一级所设期限优先。"""
    acting_for(write.caller, organisation_id)
    return await write.decide(
        SetRegistrationDeadline(
            by=write.by(body),
            at=write.at(body),
            organisation_id=organisation_id,
            campaign=body.campaign,
            deadline=body.deadline,
        ),
        ids("organisation_id"),
    )
