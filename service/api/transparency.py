"""The transparency log as others read it: checkpoint, proofs, tiles; C2SP formats, not JSON.

Hashes are for everybody, whole events are not. The addresses of tlog-tiles are served as well, for
existing tools: the log's prefix is ``/api/v1/log``.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from service.api.access import Caller, needs
from service.api.fields import whole_number
from service.api.problems import Refusal, ResourceNotFound
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import serving
from service.trust.transparency.proof import Proof
from service.trust.transparency.signed_note import Note
from service.trust.transparency.store import MissingTiles, Published
from service.trust.transparency.tiles import MalformedTile, Tile, entry_bundle

router = APIRouter(prefix="/api/v1/log", route_class=Route, tags=["日志的证明"])

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_ONE_READER = {"Cache-Control": "private, max-age=31536000, immutable"}

_WITNESSED = "X-Witnessed"
_AS_TEXT = {
    "content": {"text/plain": {"schema": {"type": "string"}}},
    "headers": {
        _WITNESSED: {
            "description": "true：共签的见证方达到约定数；false：不足，或没有见证方。",
            "schema": {"type": "string", "enum": ["true", "false"]},
        }
    },
}
_AS_BYTES = {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}


class NotYetPublished(Refusal):
    """尚未列入已公布的检查点，请稍后重试。"""

    status = 425


_Position = Annotated[int, Path(ge=1, lt=10**18), BeforeValidator(whole_number)]
_TilePath = Annotated[str, Path(description="层与序号，如 0/x001/234 或 1/000.p/7。")]
_BundlePath = Annotated[str, Path(description="序号，如 x001/234 或 000.p/7。")]


@router.get(
    "/checkpoint",
    summary="最新检查点",
    response_class=Response,
    responses={200: _AS_TEXT, 404: {}, 503: {}},
)
async def log_checkpoint(request: Request) -> Response:
    """已签名的树根（C2SP tlog-checkpoint），附见证方的共签。"""
    published = await serving(request).tree.published()
    if published is None:
        raise ResourceNotFound("尚未公布检查点。")
    return _text(published, published.note)


@router.get(
    "/proofs/{position}",
    summary="一条记录的存在证明",
    response_class=Response,
    responses={200: _AS_TEXT, 404: {}, 425: {}, 503: {}},
)
async def log_proof(request: Request, position: _Position) -> Response:
    """这一位置的记录在最新检查点之内的证明（C2SP tlog-proof），可离线核验。

    尚未公布的答 425，`state` 为 sequenced（已入日志）或 integrated（已入树）。
    """
    tree = serving(request).tree
    published = await tree.published()
    if published is None or position > published.size:
        raise await _not_yet(request, position)
    try:
        path = await tree.inclusion(position - 1, published.size)
    except MissingTiles:  # they were thrown away and are being computed again
        raise await _not_yet(request, position) from None
    proof = Proof(position - 1, tuple(path), Note.parse(published.note))
    return _text(published, str(proof))


def _text(published: Published, text: str) -> Response:
    headers = {_WITNESSED: str(published.witnessed).lower()}
    return Response(text, media_type=_TEXT, headers=headers)


async def _not_yet(request: Request, position: int) -> Refusal:
    served = serving(request)
    if position > await served.log.head():
        return ResourceNotFound()
    integrated = await served.tree.integrated()
    state = "integrated" if position <= integrated else "sequenced"
    return NotYetPublished(headers={"Retry-After": "1"}, state=state, position=position)


@router.get(
    "/tiles/{path:path}",
    summary="哈希瓦片",
    response_class=Response,
    responses={200: _AS_BYTES, 404: {}, 503: {}},
)
@router.get("/tile/{path:path}", include_in_schema=False)
async def log_tile(request: Request, path: _TilePath) -> Response:
    """树中相邻的 256 个哈希（C2SP tlog-tiles），不含任何记录内容；未满的瓦片须写明宽度。"""
    try:
        [hashes] = await serving(request).tree.read([Tile.parse(path)])
    except (MalformedTile, MissingTiles):
        raise ResourceNotFound from None
    return Response(hashes, media_type=_BYTES, headers=_FOR_EVER)


@router.get(
    "/tiles/entries/{path:path}",
    summary="日志原文",
    response_class=Response,
    responses={200: _AS_BYTES},
)
@router.get("/tile/entries/{path:path}", include_in_schema=False)
async def log_entries(
    request: Request, _caller: Annotated[Caller, needs(Scope.LOG_READ)], path: _BundlePath
) -> Response:
    """相邻的 256 条记录的原文（C2SP tlog-tiles 的 entry bundle）；个人信息仍为密文。"""
    try:
        entries = await serving(request).tree.entries(Tile.parse(f"entries/{path}"))
    except (MalformedTile, MissingTiles):
        raise ResourceNotFound from None
    return Response(entry_bundle(entries), media_type=_BYTES, headers=_FOR_ONE_READER)
