"""The application: every route, every convention, and what it works with while it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from service.api import capabilities, health, openapi, reference, tokens
from service.api.edge import Edge
from service.api.metrics import Metrics
from service.api.problems import (
    TemporarilyUnavailable,
    answer,
    answer_http_exception,
    answer_rejection,
)
from service.api.route import Route
from service.api.serving import Serving
from service.api.validation import answer_invalid
from service.domain.event import Rejection
from service.eventstore import LogUnavailable, Overloaded
from service.eventstore.connection import BROKEN

TITLE = "八小时外 · 在职党员社区报到与表现记录"
VERSION = "1.0.0"
_DESCRIPTION = """\
八小时之内努力工作在单位，八小时之外无私奉献在社区。本接口记录党员在社区的报到、参加活动与社区的认定。

* 令牌：`POST /oauth/token`（客户端凭据）；每个接口需要一项权限；一个客户端只代表一个组织。
* 办理人：令牌写明（sub、role），或由系统在 `acting_officer` 中写明。
* 写入须带 `Idempotency-Key`；同一请求重发，得到首次的回答，不会重复办理。
* 写入的回答带有 `position`；读取时以 `X-Position-At-Least` 指明，即可读到自己的写入。
* 出错的回答均为 `application/problem+json`（RFC 9457）；`type` 的含义见 contracts/rejections.json。
* 时间为带时区的 RFC 3339；时长为整分钟；不认识的字段与查询参数一律拒绝。
"""

_ROUTERS = (tokens.router, *capabilities.ROUTERS, health.router, reference.router)

_BUSIEST = {
    "endorse_participation",
    "record_participation",
    "sign_attendance",
    "off_duty_record_of",
    "issue_token",
}

Opening = Callable[[], AbstractAsyncContextManager[Serving]]


class Application(FastAPI):
    """FastAPI with our conventions in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            schema = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                routes=self.routes,
                tags=[dict(tag) for tag in capabilities.TAGS],
            )
            self.openapi_schema = openapi.complete(schema, routes())
        return self.openapi_schema


def create_app(opening: Opening | None = None) -> FastAPI:
    """The application; ``opening`` opens what it serves when it starts and closes it at the end.

    Without it the application is good for its OpenAPI document only.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if opening is None:
            raise RuntimeError("an application that serves must be told what to serve")
        async with opening() as state:
            app.state.serving = state
            yield

    app = Application(
        title=TITLE,
        description=_DESCRIPTION,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        # An act without fields may be sent without a body, and so without a type of it.
    )
    app.state.metrics = Metrics()
    # Their paths are whole already; included routers would be searched one inside the other.
    app.router.routes.extend(routes())
    app.add_middleware(Edge, metrics=app.state.metrics)
    _handle_refusals(app)
    return app


def routes() -> list[Route]:
    """Every route of the API, the busiest first: the framework tries them one after another."""
    declared = [each for router in _ROUTERS for each in router.routes if isinstance(each, Route)]
    return sorted(declared, key=lambda route: route.name not in _BUSIEST)


def _handle_refusals(app: FastAPI) -> None:
    app.exception_handler(Rejection)(answer_rejection)
    app.exception_handler(RequestValidationError)(answer_invalid)
    app.exception_handler(HTTPException)(_answer_http_exception)
    for unavailable in (
        Overloaded,
        LogUnavailable,
        *BROKEN,
        asyncpg.InsufficientResourcesError,
        asyncpg.QueryCanceledError,
    ):
        app.exception_handler(unavailable)(_answer_unavailable)


def _answer_http_exception(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        # The framework names the methods of the first route with this path only.
        allowed = sorted(
            {
                method
                for route in routes()
                if route.matches(dict(request.scope))[0] is not Match.NONE
                for method in route.methods or ()
            }
        )
        if "GET" in allowed:
            allowed.append("HEAD")
        error = HTTPException(405, headers={"Allow": ", ".join(allowed)})
    return answer_http_exception(request, error)


def _answer_unavailable(request: Request, error: Exception) -> Response:
    words = str(type(error).__doc__) if isinstance(error, Overloaded | LogUnavailable) else ""
    return answer(request, TemporarilyUnavailable(words, headers={"Retry-After": "1"}))
