"""删除个人信息: two persons, a legal basis, a window in which it may be cancelled, a receipt."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service.api.erasure_receipt import ErasurePreview, ErasureReceipt, preview, receipt
from service.api.fields import Body, Id, NamedOfficer, ShortText, YesOrNo
from service.api.history import history, learn
from service.api.problems import ResourceNotFound
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.erasing import CancelErasure, ConfirmErasure, RequestErasure
from service.domain.erasure import (
    ErasureCancelled,
    ErasureConfirmed,
    ErasureRequested,
    LegalBasis,
)
from service.domain.event import Event, Selector
from service.domain.membership import SubjectErased

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["删除个人信息"])

Writing = Annotated[Write, writes(Scope.ERASURES_WRITE)]

_ERASURE = (ErasureRequested, ErasureConfirmed, ErasureCancelled, SubjectErased)


class ErasureAct(Body):
    """办理删除；时间一律为提交之时，不得另行填写。"""

    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""


class RequestErasureBody(ErasureAct):
    """申请删除个人信息。"""

    member_id: Id
    legal_basis: Annotated[LegalBasis, Field(strict=False)]
    """法定情形（个人信息保护法第四十七条）。"""
    document_no: ShortText
    """批准文件的文号，如“琼组发〔2026〕12号”；不得含有个人信息。"""


@router.post(
    "/erasures",
    status_code=201,
    response_model=recorded("ErasureRecorded", "erasure_id"),
    responses={200: {"model": ErasurePreview, "description": "试办的结果"}},
    summary="申请删除个人信息",
)
async def request_erasure(
    body: RequestErasureBody,
    write: Writing,
    *,
    dry_run: Annotated[
        YesOrNo, Query(description="只列出将不能再读出和将清除的内容，不申请。")
    ] = False,
) -> Response:
    """由党员所在支部或其上级申请，另一人确认；确认后限制处理，可以撤销的期限届满即执行。"""
    command = RequestErasure(
        by=write.by_officer(body.acting_officer),
        at=write.serving.clock(),
        erasure_id=new_id(),
        member_id=body.member_id,
        legal_basis=body.legal_basis,
        document_no=body.document_no,
    )
    if dry_run:
        log = write.serving.log
        (await learn(log, command)).execute()
        return JSONResponse((await preview(log, body.member_id)).model_dump(mode="json"))
    return await write.decide(command, ids("erasure_id"), "/api/v1/erasures/{erasure_id}")


@router.post(
    "/erasures/{erasure_id}/confirmation",
    status_code=201,
    response_model=recorded("ErasureConfirmationRecorded", "erasure_id", "due_at"),
    summary="确认删除个人信息",
)
async def confirm_erasure(erasure_id: Id, body: ErasureAct, write: Writing) -> Response:
    """须由申请人之外的另一名负责人确认；确认之后限制处理该党员的个人信息。"""
    command = ConfirmErasure(
        by=write.by_officer(body.acting_officer),
        at=write.serving.clock(),
        erasure_id=erasure_id,
    )
    return await write.decide(command, _due)


@router.post(
    "/erasures/{erasure_id}/cancellation",
    status_code=201,
    response_model=recorded("ErasureCancellationRecorded", "erasure_id"),
    summary="撤销删除申请",
)
async def cancel_erasure(erasure_id: Id, body: ErasureAct, write: Writing) -> Response:
    """可以撤销的期限之内；撤销之后恢复处理。"""
    command = CancelErasure(
        by=write.by_officer(body.acting_officer),
        at=write.serving.clock(),
        erasure_id=erasure_id,
    )
    return await write.decide(command, ids("erasure_id"))


@router.get("/erasures/{erasure_id}", response_model=ErasureReceipt, summary="删除回执")
async def erasure(erasure_id: Id, read: Annotated[Read, reads(Scope.ERASURES_READ)]) -> Response:
    """办理到哪一步，销毁了哪些密钥；供党员所在支部及其上级留存。"""
    log = read.serving.log
    events = await history(log, Selector(_ERASURE, [f"erasure:{erasure_id}"]))
    shown = await receipt(log, events)
    if shown is None:
        raise ResourceNotFound
    branches = {getattr(each.event, "branch_id", None) for each in events}
    await read.serving.places.sees_any(read.caller, *branches)
    position = events[-1].position
    await read.serving.opener.facts(read.occasion(position), [shown.member_id])
    return answer(shown.model_dump(mode="json"), position)


def _due(events: Sequence[Event]) -> dict[str, Any]:
    found = ids("erasure_id", "due_at")(events)
    return {**found, "due_at": found["due_at"].isoformat()}
