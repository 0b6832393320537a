"""登录: through an OpenID provider; the browser goes there and comes back with a code."""

import logging
from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from service.api.openid import PATIENCE, OpenId, OpenIdRefused, OpenIdUnavailable
from service.api.problems import Refusal
from service.api.route import Route
from service.api.serving import Serving, serving
from service.api.sign_in import AccountNotInForce, SignedIn, limit, signed_in
from service.api.tokens import NO_STORE

router = APIRouter(route_class=Route, tags=["登录"])

T = TypeVar("T")

_logger = logging.getLogger(__name__)
_COOKIE = "eighthours-sign-in"
_COOKIE_PATH = "/sign-in/"


class ProviderRefused(Refusal):
    """统一身份认证未能确认身份。"""

    status = 401


class ProviderUnavailable(Refusal):
    """统一身份认证暂时无法使用，请稍后重试。"""

    status = 503


class NoProvider(Refusal):
    """本服务没有接入统一身份认证。"""

    status = 404


@router.get(
    "/sign-in/provider",
    summary="转到统一身份认证",
    status_code=303,
    responses={404: {}, 429: {}, 503: {}},
)
async def to_provider(request: Request) -> Response:
    """转到所接入的 OpenID Connect 统一身份认证。"""
    state = serving(request)
    openid = _provider(state)
    limit(request, state)
    place, remembered = await _vouched(openid.begin(state.clock()))
    answer = Response(status_code=303, headers={"Location": place, **NO_STORE})
    answer.set_cookie(
        _COOKIE,
        remembered,
        max_age=int(PATIENCE.total_seconds()),
        path=_COOKIE_PATH,
        secure=openid.secure,
        httponly=True,
        # The provider sends the browser back here from its own site.
        samesite="lax",
    )
    return answer


@router.get(
    "/sign-in/provider/return",
    summary="从统一身份认证返回",
    response_model=SignedIn,
    responses={401: {}, 403: {}, 404: {}, 429: {}, 503: {}},
)
async def from_provider(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    session_state: Annotated[str, Query(max_length=500)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """统一身份认证确认身份后，浏览器返回此处。"""
    del session_state, error  # said by some providers; without a code there is nothing to do
    service = serving(request)
    openid = _provider(service)
    limit(request, service)
    subject = await _vouched(
        openid.end(
            request.cookies.get(_COOKIE, ""),
            state=state,
            code=code,
            issuer=iss,
            now=service.clock(),
        )
    )
    account_id = await service.credentials.linked(openid.issuer, subject)
    if account_id is None:
        raise AccountNotInForce("这一身份没有对应的账号。")
    answer = JSONResponse(await signed_in(service, account_id), headers=NO_STORE)
    answer.delete_cookie(_COOKIE, path=_COOKIE_PATH, secure=openid.secure, httponly=True)
    return answer


def _provider(state: Serving) -> OpenId:
    if state.openid is None:
        raise NoProvider
    return state.openid


async def _vouched(asked: Awaitable[T]) -> T:
    """What the provider is asked for; what is wrong with it, as an answer."""
    try:
        return await asked
    except OpenIdRefused:
        raise ProviderRefused from None
    except OpenIdUnavailable as fault:
        _logger.warning("the OpenID provider cannot be used: %s", fault)
        raise ProviderUnavailable(headers={"Retry-After": "5"}) from None
