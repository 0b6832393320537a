"""A witness as a small HTTP server: one address to submit to, one to read from."""

import logging

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.trust.transparency.add_checkpoint import LONGEST_REQUEST, PATH
from service.trust.transparency.witness import NotCosigned, Witness

_logger = logging.getLogger(__name__)


def application(witness: Witness) -> Starlette:
    """The witness's addresses, below whatever prefix it is served at."""

    # Both run in the event loop, one after another: what has to be atomic is, and the disk it waits
    # for is the reason why it cannot be quicker.
    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_REQUEST:
                return PlainTextResponse("请求过长", 413)
        try:
            return PlainTextResponse(witness.add_checkpoint(body))
        except NotCosigned as error:
            if error.status == 422:
                _logger.warning("拒绝共签：%s", error)
            return Response(str(error), error.status, {"content-type": error.content_type})

    async def checkpoint(request: Request) -> Response:
        note = witness.checkpoint(request.path_params["origin_hash"])
        if note is None:
            return PlainTextResponse("尚未见证这一日志", 404)
        return PlainTextResponse(note)

    return Starlette(
        routes=[
            Route(PATH, add_checkpoint, methods=["POST"]),
            Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


def configuration(witness: Witness) -> uvicorn.Config:
    """How a witness is served."""
    return uvicorn.Config(
        application(witness),
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=5,
    )
