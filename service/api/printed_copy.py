"""本人记录副本, for printing: the same as the copy in JSON, as PDF (R38)."""

from fastapi import APIRouter
from starlette.responses import Response

from service.api.own_copy import Own, own_copy
from service.api.purposes import Purpose
from service.api.route import Route
from service.printing.own_copy import copy_document
from service.projections.own_copy import OwnCopy

router = APIRouter(prefix="/api/v1/me", route_class=Route, tags=["本人"])

PDF = "application/pdf"
AS_PDF = {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
"""What a route that answers a PDF says of itself in the OpenAPI document."""
_NAME = "%E6%9C%AC%E4%BA%BA%E8%AE%B0%E5%BD%95%E5%89%AF%E6%9C%AC.pdf"
"""本人记录副本.pdf, as RFC 8187 writes it."""


@router.get(
    "/copy.pdf",
    summary="本人记录的副本（供打印）",
    response_class=Response,
    responses={200: AS_PDF, 503: {}},
)
async def my_printed_copy(read: Own) -> Response:
    """内容与副本相同，按公文格式排版；篇幅过长的，长文字和长表格注明其余见副本。"""
    copy = OwnCopy.model_validate(await own_copy(read))
    purposes = {each.value: each.word for each in Purpose}
    pdf = await read.serving.press.printed(copy_document(copy, purposes))
    headers = {
        "X-Position": str(copy.as_of_position),
        "Content-Disposition": f"attachment; filename*=UTF-8''{_NAME}",
    }
    return Response(pdf, headers=headers, media_type=PDF)
