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
from service.api.serving import serving

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


class Ready(BaseModel):
    """可以提供服务。"""

    status: Literal["ready"] = "ready"
    position: int
    views: list[ViewReadiness]


@router.get("/livez", summary="进程是否在运行")
async def livez() -> Alive:
    """只说明进程在运行，不访问数据库。"""
    return Alive()


@router.get("/readyz", summary="是否可以提供服务", responses={503: {}})
async def readyz(request: Request) -> Ready:
    """数据库可用且没有停止的视图时为就绪；否则答 503 并写明原因。"""
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
    return Ready(position=head, views=views)


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
