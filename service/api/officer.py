"""任免与委托: who may act for an organisation, by appointment from above or by delegation."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api.access import Caller, acting_for, needs
from service.api.fields import Body, Id, IdNumber, Moment, NamedOfficer, Number
from service.api.history import history
from service.api.reads import answer
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import serving
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.delegation import DelegateDuty, EndDelegation
from service.domain.event import SHANGHAI, Selector
from service.domain.officer import (
    DelegatedDuty,
    DelegationEnded,
    DutyDelegated,
    OfficerAppointed,
    OfficerDismissed,
    OfficerRole,
    Officers,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["任免与委托"])

Appointing = Annotated[Write, writes(Scope.OFFICERS_WRITE)]
Delegating = Annotated[Write, writes(Scope.DELEGATIONS_WRITE)]
_OFFICER = ("organisation_id", "officer_id")


class OfficerAct(Body):
    """An act on the register: it holds from now on and from no other time."""

    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""


class AppointOfficerBody(OfficerAct):
    """任命。"""

    officer_id: Number
    """办理人在本组织内的编号；不得使用身份证号码。"""
    id_number: IdNumber
    """公民身份号码；只保存密钥散列，不保存号码。"""
    role: Annotated[OfficerRole, Field(strict=False)]
    """职责：responsible 负责人，officer 经办人。"""


class DismissOfficerBody(OfficerAct):
    """免职。"""


class DelegateDutyBody(OfficerAct):
    """委托。"""

    officer_id: Number
    """受托的经办人。"""
    duty: Annotated[DelegatedDuty, Field(strict=False)]
    """委托事项：recording 记录参加情况，endorsing 办理认定。"""
    ends_at: Moment
    """委托至何时为止，至多92天；自提交之时起。"""


class EndDelegationBody(OfficerAct):
    """终止委托。"""


class DelegationShown(BaseModel):
    """一项在期的委托。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    delegation_id: str
    duty: DelegatedDuty
    """委托事项。"""
    delegated_by: str
    """委托的负责人。"""
    starts_at: datetime
    ends_at: datetime


class OfficerShown(BaseModel):
    """一名在任的办理人；不含姓名与身份证号码。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    officer_id: str
    """办理人的编号。"""
    role: OfficerRole
    """职责。"""
    appointed_at: datetime
    """任命的时间。"""
    delegations: list[DelegationShown]
    """受托办理的事项。"""


class OfficersShown(BaseModel):
    """一个组织在任的全部办理人。"""

    items: list[OfficerShown]


@router.post(
    "/organisations/{organisation_id}/officers",
    status_code=201,
    response_model=recorded("AppointmentRecorded", *_OFFICER),
    summary="任命负责人或经办人",
)
async def appoint_officer(
    organisation_id: Id, body: AppointOfficerBody, write: Appointing
) -> Response:
    """由上级组织任命；没有上级的组织自行任命。未经任命的，不能记录和认定。"""
    return await write.decide(
        AppointOfficer(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            organisation_id=organisation_id,
            officer_id=body.officer_id,
            person=write.serving.log.keyring.person_hash(body.id_number),
            id_number=body.id_number,
            role=body.role,
        ),
        ids(*_OFFICER),
    )


@router.post(
    "/organisations/{organisation_id}/officers/{officer_id}/dismissal",
    status_code=201,
    response_model=recorded("DismissalRecorded", *_OFFICER),
    summary="免去负责人或经办人",
)
async def dismiss_officer(
    organisation_id: Id, officer_id: Number, body: DismissOfficerBody, write: Appointing
) -> Response:
    """由上级组织免职；其所作的委托同时终止，以前的记录与认定不受影响。"""
    return await write.decide(
        DismissOfficer(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            organisation_id=organisation_id,
            officer_id=officer_id,
        ),
        ids(*_OFFICER),
    )


@router.post(
    "/organisations/{organisation_id}/delegations",
    status_code=201,
    response_model=recorded("DelegationRecorded", "delegation_id"),
    summary="委托经办人",
)
async def delegate_duty(organisation_id: Id, body: DelegateDutyBody, write: Delegating) -> Response:
    """由负责人委托本组织的经办人；不得转委托，委托人不得办理的，受托人也不得办理。"""
    acting_for(write.caller, organisation_id)
    return await write.decide(
        DelegateDuty(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            delegation_id=new_id(),
            officer_id=body.officer_id,
            duty=body.duty,
            ends_at=body.ends_at,
        ),
        ids("delegation_id"),
    )


@router.post(
    "/delegations/{delegation_id}/termination",
    status_code=201,
    response_model=recorded("DelegationEndRecorded", "delegation_id"),
    summary="终止委托",
)
async def end_delegation(delegation_id: Id, body: EndDelegationBody, write: Delegating) -> Response:
    """由本组织的负责人提前终止。"""
    return await write.decide(
        EndDelegation(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            delegation_id=delegation_id,
        ),
        ids("delegation_id"),
    )


@router.get(
    "/organisations/{organisation_id}/officers",
    response_model=OfficersShown,
    summary="负责人与经办人",
)
async def officers_of(
    organisation_id: Id,
    request: Request,
    caller: Annotated[Caller, needs(Scope.OFFICERS_READ)],
) -> Response:
    """本组织及上级可以查看。"""
    state = serving(request)
    await state.places.within(caller, organisation_id)
    register = Selector(
        [OfficerAppointed, OfficerDismissed, DutyDelegated, DelegationEnded],
        [f"organisation:{organisation_id}"],
    )
    officers, appointed_at, position = Officers(), dict[str, datetime](), 0
    for each in await history(state.log, register):
        each.event.mutate(officers)
        position = each.position
        if isinstance(each.event, OfficerAppointed):
            appointed_at[each.event.officer_id] = each.occurred_at.astimezone(SHANGHAI)
    now = state.clock()
    shown = [
        OfficerShown(
            officer_id=officer_id,
            role=appointment.role,
            appointed_at=appointed_at[officer_id],
            delegations=[
                DelegationShown(
                    delegation_id=delegation_id,
                    duty=held.duty,
                    delegated_by=held.delegated_by,
                    starts_at=held.starts_at,
                    ends_at=held.ends_at,
                )
                for delegation_id, held in officers.delegated.get((of, officer_id), {}).items()
                if held.in_force(now)
            ],
        )
        for (of, officer_id), appointment in officers.appointed.items()
    ]
    return answer(OfficersShown(items=shown).model_dump(mode="json"), position)
