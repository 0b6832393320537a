"""报到: a member registers with the community where they live; the community answers."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Act, Body, Id, LongText, Number, Phone, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.event import SHANGHAI
from service.domain.registration import Basis, DeclineReason, DeregistrationReason
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import DeregisterMember, RequestTransfer

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["报到"])

Writing = Annotated[Write, writes(Scope.REGISTRATIONS_WRITE)]
Words = Annotated[list[ShortText], Field(max_length=20)]
_ANSWERED = ("registration_id", "member_id")


class IntakeForm(Body):
    """信息采集表。"""

    residence: ShortText
    """居住地址。"""
    phone: Phone
    """联系电话。"""
    specialities: Words = Field(default=[])
    """特长。"""
    service_intentions: Words = Field(default=[])
    """服务意向。"""


class RegisterMemberBody(Act):
    """党员报到。"""

    member_id: Id
    community_id: Id
    """居住地的社区党组织。"""
    certificate_no: Number
    """活动证编号。"""
    intake: IntakeForm
    basis: Annotated[Basis, Field(strict=False)] = Basis.RESIDENCE
    """报到依据：居住地，或居住地未设社区而由单位结对。"""


class AcceptRegistrationBody(Act):
    """接收报到。"""

    note: LongText | None = None


class DeclineRegistrationBody(Act):
    """不予接收。"""

    reason_code: Annotated[DeclineReason, Field(strict=False)]
    """原因。"""
    note: LongText | None = None


class TransferRegistrationBody(Act):
    """转移报到。"""

    community_id: Id
    """迁入地的社区党组织。"""
    residence: ShortText
    """新的居住地址。"""
    phone: Phone
    """联系电话。"""


class DeregisterMemberBody(Act):
    """注销报到。"""

    reason_code: Annotated[DeregistrationReason, Field(strict=False)]
    """原因。"""
    note: LongText | None = None


@router.post(
    "/registrations",
    status_code=201,
    response_model=recorded("RegistrationRecorded", "registration_id"),
    summary="党员报到",
)
async def register_member(body: RegisterMemberBody, write: Writing) -> Response:
    """持有效活动证和信息采集表报到；逾期的照常受理，记为逾期。"""
    return await write.decide(
        RegisterMember(
            by=write.by(body),
            at=write.at(body),
            registration_id=new_id(),
            member_id=body.member_id,
            community_id=body.community_id,
            certificate_no=body.certificate_no,
            residence=body.intake.residence,
            phone=body.intake.phone,
            specialities=tuple(body.intake.specialities),
            service_intentions=tuple(body.intake.service_intentions),
            basis=body.basis,
        ),
        ids("registration_id"),
        "/api/v1/registrations/{registration_id}",
    )


@router.post(
    "/registrations/{registration_id}/acceptance",
    status_code=201,
    response_model=recorded("RegistrationAcceptanceRecorded", *_ANSWERED, "receipt_no"),
    summary="接收报到",
)
async def accept_registration(
    registration_id: Id, write: Writing, body: AcceptRegistrationBody
) -> Response:
    """社区接收报到或转移；报到回执发给所在党支部。"""
    at = write.at(body)
    return await write.decide(
        AcceptRegistration(
            by=write.by(body),
            at=at,
            registration_id=registration_id,
            receipt_no=f"HZ{at.astimezone(SHANGHAI):%Y%m%d}-{uuid4().hex[:10].upper()}",
            note=body.note,
        ),
        ids(*_ANSWERED, "receipt_no"),
    )


@router.post(
    "/registrations/{registration_id}/declination",
    status_code=201,
    response_model=recorded("RegistrationDeclinationRecorded", *_ANSWERED),
    summary="不予接收",
)
async def decline_registration(
    registration_id: Id, body: DeclineRegistrationBody, write: Writing
) -> Response:
    """社区不予接收，须有原因；转移不予接收的，仍由原社区负责。"""
    return await write.decide(
        DeclineRegistration(
            by=write.by(body),
            at=write.at(body),
            registration_id=registration_id,
            reason_code=body.reason_code,
            note=body.note,
        ),
        ids(*_ANSWERED),
    )


@router.post(
    "/registrations/{registration_id}/transfer",
    status_code=201,
    response_model=recorded("RegistrationTransferRecorded", "registration_id", "transferred_from"),
    summary="转移报到",
)
async def transfer_registration(
    registration_id: Id, body: TransferRegistrationBody, write: Writing
) -> Response:
    """党员迁居；新社区接收之前由原社区负责。所答编号是新的报到。"""
    return await write.decide(
        RequestTransfer(
            by=write.by(body),
            at=write.at(body),
            registration_id=new_id(),
            transferred_from=registration_id,
            community_id=body.community_id,
            residence=body.residence,
            phone=body.phone,
        ),
        ids("registration_id", "transferred_from"),
        "/api/v1/registrations/{registration_id}",
    )


@router.post(
    "/registrations/{registration_id}/deregistration",
    status_code=201,
    response_model=recorded("DeregistrationRecorded", *_ANSWERED),
    summary="注销报到",
)
async def deregister_member(
    registration_id: Id, body: DeregisterMemberBody, write: Writing
) -> Response:
    """退休、调离、去世等；注销之后可以再次报到。"""
    return await write.decide(
        DeregisterMember(
            by=write.by(body),
            at=write.at(body),
            registration_id=registration_id,
            reason_code=body.reason_code,
            note=body.note,
        ),
        ids(*_ANSWERED),
    )
