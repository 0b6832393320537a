"""Where every request comes in and every answer goes out.

A request: it gets a number, its path and method lead to a route (`paths.py`), the route checks it,
calls its function and gives the answer (`route.py`). Whatever is raised on the way becomes a
problem document. Each answer carries the number, with headers that keep browsers from guessing;
HEAD is answered wherever GET is. Of a failure nobody foresaw the log names where it happened and
nothing that was sent: it might be an ID number.
"""

import logging
import secrets
import time
import traceback
from collections.abc import Iterable

import asyncpg
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.api.metrics import Metrics
from service.api.paths import Methods, Paths
from service.api.problems import (
    InternalFailure,
    MethodNotAllowed,
    PathNotFound,
    TemporarilyUnavailable,
    answer,
    answer_http_exception,
    answer_rejection,
)
from service.api.request import StrictRequest
from service.api.route import Route
from service.domain.event import Rejection
from service.eventstore import LogUnavailable, Overloaded
from service.eventstore.connection import BROKEN
from service.printing.press import PressBusy

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
_OVER_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")
"""Where browsers reach the service by https: from now on they try nothing else."""

_UNAVAILABLE = (
    Overloaded,
    LogUnavailable,
    PressBusy,
    *BROKEN,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
)


class Edge:
    """The application as the server calls it."""

    def __init__(
        self, routes: Iterable[Route], metrics: Metrics, *, over_tls: bool = False
    ) -> None:
        self._paths = Paths(routes)
        self._metrics = metrics
        self._headers = (*_HEADERS, _OVER_TLS_ONLY) if over_tls else _HEADERS
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request_id = secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["method"] == "HEAD":
            # The server, which keeps its own scope, knows that it was HEAD and sends no body.
            scope = {**scope, "method": "GET"}
        request = StrictRequest(scope, receive)
        methods, values = self._paths.find(scope["path"])
        status = 0
        try:
            try:
                route = _chosen(methods, scope["method"])
                scope["path_params"] = dict(zip(route.param_convertors, values, strict=True))
                response = await route.answer(request)
            except ClientDisconnect:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
                response = _refused(request, error)
            self._mark(response, request_id)
            status = response.status_code
            await response(scope, receive, send)
        except ClientDisconnect:
            _logger.info("request %s: the caller went away", request_id)
        except Exception as failure:  # noqa: BLE001 - an answer that has begun cannot be another
            _log_failure(request_id, failure)
        finally:
            template = next(iter(methods.values())).path if methods else ""
            took = time.perf_counter() - began
            self._metrics.answered(template, scope["method"], status, took)

    def _mark(self, response: Response, request_id: str) -> None:
        headers = response.raw_headers
        said = {name for name, _ in headers}
        headers.append((b"x-request-id", request_id.encode()))
        if said.isdisjoint(self._names):
            headers += self._headers
        else:
            headers += [header for header in self._headers if header[0] not in said]


def _chosen(methods: Methods, method: str) -> Route:
    """The route for the method; PathNotFound, MethodNotAllowed."""
    if not methods:
        raise PathNotFound
    if method not in methods:
        allowed = [*sorted(methods), *(["HEAD"] if "GET" in methods else [])]
        raise MethodNotAllowed(headers={"Allow": ", ".join(allowed)})
    return methods[method]


def _refused(request: Request, error: Exception) -> Response:
    """The problem document for what was raised."""
    if isinstance(error, Rejection):
        return answer_rejection(request, error)
    if isinstance(error, HTTPException):
        return answer_http_exception(request, error)
    if isinstance(error, _UNAVAILABLE):
        ours = isinstance(error, Overloaded | LogUnavailable | PressBusy)
        words = str(type(error).__doc__) if ours else ""
        return answer(request, TemporarilyUnavailable(words, headers={"Retry-After": "1"}))
    _log_failure(request.state.request_id, error)
    return answer(request, InternalFailure())


def _log_failure(request_id: str, failure: Exception) -> None:
    # Its message and values may hold personal data.
    where = where_it_happened(failure)
    _logger.error("request %s failed: %s at %s", request_id, type(failure).__name__, where)


def where_it_happened(failure: BaseException) -> str:
    """Where a failure happened, innermost first, without its message and without any value."""
    frames = traceback.extract_tb(failure.__traceback__)[-6:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
