"""转接组织关系: a member moves to another branch, which answers."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Act, Id, LongText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.branch_transfer import (
    AcceptBranchTransfer,
    BranchTransferRefusal,
    RefuseBranchTransfer,
    RequestBranchTransfer,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["转接组织关系"])

Writing = Annotated[Write, writes(Scope.BRANCH_TRANSFERS_WRITE)]


class RequestBranchTransferBody(Act):
    """申请转接组织关系。"""

    to_branch_id: Id
    """接收的机关党支部。"""


class AcceptBranchTransferBody(Act):
    """接收组织关系。"""


class RefuseBranchTransferBody(Act):
    """退回组织关系。"""

    reason_code: Annotated[BranchTransferRefusal, Field(strict=False)]
    """退回原因。"""
    note: LongText | None = None


@router.post(
    "/members/{member_id}/branch-transfers",
    status_code=201,
    response_model=recorded("BranchTransferRecorded", "transfer_id"),
    summary="申请转接组织关系",
)
async def request_branch_transfer(
    member_id: Id, body: RequestBranchTransferBody, write: Writing
) -> Response:
    """接收支部答复之前，仍由原支部负责。"""
    return await write.decide(
        RequestBranchTransfer(
            by=write.by(body),
            at=write.at(body),
            transfer_id=new_id(),
            member_id=member_id,
            to_branch_id=body.to_branch_id,
        ),
        ids("transfer_id"),
    )


@router.post(
    "/branch-transfers/{transfer_id}/acceptance",
    status_code=201,
    response_model=recorded("BranchTransferAcceptanceRecorded", "transfer_id", "member_id"),
    summary="接收组织关系",
)
async def accept_branch_transfer(
    transfer_id: Id, write: Writing, body: AcceptBranchTransferBody
) -> Response:
    """由接收支部办理。"""
    return await write.decide(
        AcceptBranchTransfer(by=write.by(body), at=write.at(body), transfer_id=transfer_id),
        ids("transfer_id", "member_id"),
    )


@router.post(
    "/branch-transfers/{transfer_id}/refusal",
    status_code=201,
    response_model=recorded("BranchTransferRefusalRecorded", "transfer_id", "member_id"),
    summary="退回组织关系",
)
async def refuse_branch_transfer(
    transfer_id: Id, body: RefuseBranchTransferBody, write: Writing
) -> Response:
    """由接收支部办理，须有原因。"""
    return await write.decide(
        RefuseBranchTransfer(
            by=write.by(body),
            at=write.at(body),
            transfer_id=transfer_id,
            reason_code=body.reason_code,
            note=body.note,
        ),
        ids("transfer_id", "member_id"),
    )
