"""/livez, /readyz, /metrics: is it alive, may it be asked, what has it done; without a token."""

from asyncio import timeout
from typing import Literal

import asyncpg
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.metrics import Metrics
from service.api.problems import Fault, Refusal
from service.api.route import Route
from service.api.serving import Serving, serving

router = APIRouter(route_class=Route, tags=["运行状态"])

_PATIENCE = 2.0
"""Seconds a database may take to say that it is there."""


class NotReady(Refusal):
    """服务尚未就绪。"""

    status = 503


class Alive(BaseModel):
    """进程在运行。"""

    status: Literal["alive"] = "alive"


class ViewReadiness(BaseModel):
    """一个视图的状态。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    view: str
    state: str
    """starting、rebuilding、following、waiting 或 stopped。"""
    position: int
    lag: int
    """落后于日志多少个事件。"""
    reason: str = ""


class LogReadiness(BaseModel):
    """日志的公布与见证。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    state: str
    """starting、publishing、standby（由另一进程公布）、waiting 或 stopped。"""
    integrated: int
    """已入树多少条记录。"""
    published: int
    """最新检查点包含多少条记录。"""
    witnesses: int
    """见证方的数量。"""
    cosignatures: int
    """最新检查点有多少见证方共签。"""
    witnessed: bool
    """共签的见证方是否达到约定数；没有见证方时为 false。"""
    reason: str = ""


class SupervisionReadiness(BaseModel):
    """自动督办、自动更正季报的状态。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    state: str
    """starting、working、standby（由另一进程办理）或 waiting（出错，稍后再试）。"""
    reason: str = ""


class Ready(BaseModel):
    """可以提供服务。"""

    status: Literal["ready"] = "ready"
    position: int
    views: list[ViewReadiness]
    log: LogReadiness | None = None
    supervision: SupervisionReadiness | None = None


@router.get("/livez", summary="进程是否在运行")
async def livez() -> Alive:
    """只说明进程在运行，不访问数据库。"""
    return Alive()


@router.get("/readyz", summary="是否可以提供服务", responses={503: {}})
async def readyz(request: Request) -> Ready:
    """数据库可用，视图与日志的公布均未停止时为就绪；否则答 503 并写明原因。

    共签的见证方不足约定数时仍为就绪，`log.witnessed` 为 false；自动督办受阻时也仍为就绪。
    """
    head = await _head(request)
    views = [
        ViewReadiness(
            view=each.view,
            state=each.state,
            position=each.position,
            lag=max(0, head - each.position),
            reason=each.reason,
        )
        for each in serving(request).runner.states()
    ]
    stopped = [view for view in views if view.state == "stopped"]
    if stopped:
        raise NotReady(
            "、".join(f"视图 {view.view} 已停止" for view in stopped) + "。",
            errors=[Fault(code="view_stopped", detail=f"{v.view}：{v.reason}") for v in stopped],
            views=[view.model_dump() for view in views],
        )
    log = await _log(serving(request))
    if log is not None and log.state == "stopped":
        raise NotReady(
            "日志已停止公布。",
            errors=[Fault(code="log_stopped", detail=log.reason)],
            log=log.model_dump(),
        )
    return Ready(position=head, views=views, log=log, supervision=_supervision(serving(request)))


def _supervision(served: Serving) -> SupervisionReadiness | None:
    if served.worker is None:
        return None
    state = served.worker.state
    return SupervisionReadiness(state=state.state, reason=state.reason)


async def _log(served: Serving) -> LogReadiness | None:
    if served.publisher is None:
        return None
    published = await served.tree.published()
    return LogReadiness(
        state=served.publisher.state.state,
        integrated=await served.tree.integrated(),
        published=published.size if published else 0,
        witnesses=served.publisher.witnesses,
        cosignatures=published.cosignatures if published else 0,
        witnessed=published is not None and published.witnessed,
        reason=served.publisher.state.reason,
    )


async def _head(request: Request) -> int:
    try:
        async with timeout(_PATIENCE):
            return await serving(request).log.head()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        fault = Fault(code="database_unavailable", detail="数据库不可用")
        raise NotReady("数据库不可用。", errors=[fault]) from None


@router.get(
    "/metrics",
    summary="运行指标",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, 503: {}},
)
async def metrics(request: Request) -> Response:
    """Prometheus 文本格式。"""
    counted: Metrics = request.app.state.metrics
    text = counted.text(await _head(request), serving(request).runner.states())
    return Response(text, media_type="text/plain; version=1.0.0; charset=utf-8")
