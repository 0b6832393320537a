"""The outermost layer: what holds for every answer, whatever made it.

Each request gets a number; each answer carries it, with headers that keep browsers from guessing.
HEAD is answered wherever GET is. A failure nobody foresaw becomes a problem document, and the log
line about it names where it happened and nothing that was sent: it might be an ID number.
"""

import logging
import secrets
import time
import traceback

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.metrics import Metrics
from service.api.problems import InternalFailure, answer

_logger = logging.getLogger(__name__)

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    # Most answers hold personal data or speak of one moment only.
    (b"cache-control", b"no-store"),
)
"""What an answer carries unless it says otherwise itself."""


class Edge:
    """The middleware around everything else."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(16)
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": request_id}}
        if scope["method"] == "HEAD":
            # The server knows that it was HEAD and sends no body.
            scope["method"] = "GET"
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *(header for header in _HEADERS if header[0] not in said),
                ]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, send_marked)
        except ClientDisconnect:
            _logger.info("request %s: the caller went away", request_id)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the caller gets an answer
            _logger.error(  # noqa: TRY400 - its message and values may hold personal data
                "request %s failed: %s at %s", request_id, type(failure).__name__, where(failure)
            )
            if not status:
                problem = answer(Request(scope), InternalFailure())
                await problem(scope, receive, send_marked)
        finally:
            route = scope.get("route")
            self._metrics.answered(
                getattr(route, "path", ""), scope["method"], status, time.perf_counter() - began
            )


def where(failure: BaseException) -> str:
    """Where a failure happened, innermost first, without its message and without any value."""
    frames = traceback.extract_tb(failure.__traceback__)[-6:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
