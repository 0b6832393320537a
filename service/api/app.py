"""The application: every route, every convention, and what it works with while it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import Receive, Scope, Send

from service.api import capabilities, health, openapi, provider, reference, sign_in, tokens
from service.api.edge import Edge
from service.api.metrics import Metrics
from service.api.route import Route
from service.api.serving import Serving

TITLE = "八小时外 · 在职党员社区报到与表现记录"
VERSION = "1.0.0"
_DESCRIPTION = """\
八小时之内努力工作在单位，八小时之外无私奉献在社区。本接口记录党员在社区的报到、参加活动与社区的认定。

* 令牌：系统用 `POST /oauth/token`（客户端凭据），个人用 `POST /sign-in`。
* 每个接口需要一项权限；一个客户端、一个账号只代表一个组织。
* 办理人：令牌写明（sub、role），或由系统在 `acting_officer` 中写明。
* 写入须带 `Idempotency-Key`；同一请求重发，得到首次的回答，不会重复办理。
* 写入的回答带有 `position`；读取时以 `X-Position-At-Least` 指明，即可读到自己的写入。
* 出错的回答均为 `application/problem+json`（RFC 9457）；`type` 的含义见 contracts/rejections.json。
* 时间为带时区的 RFC 3339，年份为 1921 至 2099；时长为整分钟；不认识的字段与查询参数一律拒绝。
"""

_ROUTERS = (
    tokens.router,
    sign_in.router,
    provider.router,
    *capabilities.ROUTERS,
    health.router,
    reference.router,
)

Opening = Callable[[], AbstractAsyncContextManager[Serving]]


class Application(FastAPI):
    """FastAPI for what is declared and documented; requests go straight to our edge.

    The framework would take each through seven layers and search the routes one by one.
    """

    def __init__(self, *, over_tls: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.state.metrics = Metrics()
        # Their paths are whole already; included routers would be searched one inside the other.
        self.router.routes.extend(routes())
        self._edge = Edge(routes(), self.state.metrics, over_tls=over_tls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "http":
            scope["app"] = self
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

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


def create_app(opening: Opening | None = None, *, over_tls: bool = False) -> FastAPI:
    """The application; ``opening`` opens what it serves when it starts and closes it at the end.

    Without it the application is good for its OpenAPI document only. ``over_tls`` says that
    browsers reach it by https.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if opening is None:
            raise RuntimeError("an application that serves must be told what to serve")
        async with opening() as state:
            app.state.serving = state
            yield

    return Application(
        over_tls=over_tls,
        title=TITLE,
        description=_DESCRIPTION,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )


def routes() -> list[Route]:
    """Every route of the API."""
    return [each for router in _ROUTERS for each in router.routes if isinstance(each, Route)]
