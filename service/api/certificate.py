"""活动证: issued by the branch, reported lost or full, renewed, withdrawn."""

import secrets
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Id, Number
from service.api.own_signature import SignatureBody, own_signature
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, recorded, writes
from service.domain.certificate import (
    IssueCertificate,
    RenewCertificate,
    WithdrawalReason,
    WithdrawCertificate,
)
from service.domain.certificate_number import certificate_number
from service.domain.certificate_report import ReportCertificateFull, ReportCertificateLost
from service.domain.event import SHANGHAI
from service.domain.organisation import OrganisationKind

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["活动证"])

Writing = Annotated[Write, writes(Scope.CERTIFICATES_WRITE)]
_CERTIFICATE = ("certificate_no", "member_id")


class IssueCertificateBody(Act):
    """活动证发放。"""

    certificate_no: Number | None = None
    """统一编号（17 位，末位为校验码）；不填则由服务编号。"""
    signature: SignatureBody | None = None
    """本单位自己的签名（须填写编号）；没有自己的密钥的不填，由服务代签。"""


class ReportCertificateBody(Act):
    """活动证挂失、记满。"""


class RenewCertificateBody(Act):
    """活动证换发。"""

    new_certificate_no: Number | None = None
    """新证的统一编号；不填则由服务编号。"""
    signature: SignatureBody | None = None
    """本单位自己的签名（须填写编号）；没有自己的密钥的不填，由服务代签。"""


class WithdrawCertificateBody(Act):
    """活动证收回。"""

    reason_code: Annotated[WithdrawalReason, Field(strict=False)]
    """原因。"""


async def _next_number(write: Write) -> str:
    """A number of the branch's county and this year with a serial drawn by lot.

    Two branches of one county need not agree on who is next, and a number tells nothing about how
    many there are. One that is taken already is refused like any other, and asked for again.
    """
    place = await write.serving.places.find(write.caller.organisation_id)
    area_code = place.area_code if place else ""
    year = write.serving.clock().astimezone(SHANGHAI).year
    return certificate_number(area_code, year, secrets.randbelow(1_000_000))


@router.post(
    "/members/{member_id}/certificates",
    status_code=201,
    response_model=recorded("CertificateRecorded", *_CERTIFICATE),
    summary="活动证发放",
)
async def issue_certificate(member_id: Id, write: Writing, body: IssueCertificateBody) -> Response:
    """由组织关系所在支部发放，每人一本有效。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        IssueCertificate(
            by=write.by(body),
            at=write.at(body),
            certificate_no=body.certificate_no or await _next_number(write),
            member_id=member_id,
            own=own_signature(body.signature, write),
        ),
        ids(*_CERTIFICATE),
    )


@router.post(
    "/certificates/{certificate_no}/loss-reports",
    status_code=201,
    response_model=recorded("LossReportRecorded", *_CERTIFICATE),
    summary="活动证挂失",
)
async def report_certificate_lost(
    certificate_no: Number, write: Writing, body: ReportCertificateBody
) -> Response:
    """此后不能再记入；由原发证支部换发。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        ReportCertificateLost(by=write.by(body), at=write.at(body), certificate_no=certificate_no),
        ids(*_CERTIFICATE),
    )


@router.post(
    "/certificates/{certificate_no}/full-reports",
    status_code=201,
    response_model=recorded("FullReportRecorded", *_CERTIFICATE),
    summary="活动证记满",
)
async def report_certificate_full(
    certificate_no: Number, write: Writing, body: ReportCertificateBody
) -> Response:
    """由支部，或由党员报到的社区报告。"""
    return await write.decide(
        ReportCertificateFull(by=write.by(body), at=write.at(body), certificate_no=certificate_no),
        ids(*_CERTIFICATE),
    )


@router.post(
    "/certificates/{certificate_no}/renewals",
    status_code=201,
    response_model=recorded("RenewalRecorded", *_CERTIFICATE),
    summary="活动证换发",
)
async def renew_certificate(
    certificate_no: Number, write: Writing, body: RenewCertificateBody
) -> Response:
    """挂失、记满或收回之后换发；已有的记录随人。所答编号是新证。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        RenewCertificate(
            by=write.by(body),
            at=write.at(body),
            certificate_no=certificate_no,
            new_certificate_no=body.new_certificate_no or await _next_number(write),
            own=own_signature(body.signature, write),
        ),
        ids(*_CERTIFICATE),
    )


@router.post(
    "/certificates/{certificate_no}/withdrawal",
    status_code=201,
    response_model=recorded("WithdrawalRecorded", *_CERTIFICATE),
    summary="活动证收回",
)
async def withdraw_certificate(
    certificate_no: Number, body: WithdrawCertificateBody, write: Writing
) -> Response:
    """由发证支部收回，须有原因。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        WithdrawCertificate(
            by=write.by(body),
            at=write.at(body),
            certificate_no=certificate_no,
            reason_code=body.reason_code,
        ),
        ids(*_CERTIFICATE),
    )
