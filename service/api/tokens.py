"""POST /oauth/token: a short-lived access token for client credentials (RFC 6749, 4.4)."""

import binascii
from base64 import b64decode
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from service.api.access import LIFETIME, Caller
from service.api.decoding import LONGEST
from service.api.problems import Refusal
from service.api.route import Route
from service.api.serving import Serving, serving

router = APIRouter(route_class=Route, tags=["访问令牌"])

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class InvalidClient(Refusal):
    """客户端标识或密钥不正确。"""

    status = 401


class InvalidTokenRequest(Refusal):
    """令牌请求不完整或有矛盾。"""

    status = 400


class UnsupportedGrantType(Refusal):
    """只支持 client_credentials。"""

    status = 400


class InvalidScope(Refusal):
    """申请了该客户端没有的权限。"""

    status = 400


class TooManyRequests(Refusal):
    """请求过于频繁，请稍后再试。"""

    status = 429


class TokenForm(BaseModel):
    """以何凭据，申请什么令牌。"""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    grant_type: Annotated[str, Field(max_length=100)] = ""
    """client_credentials。"""
    client_id: Annotated[str | None, Field(max_length=100)] = None
    client_secret: Annotated[str | None, Field(max_length=200)] = None
    client_assertion_type: Annotated[str | None, Field(max_length=100)] = None
    client_assertion: Annotated[str | None, Field(max_length=LONGEST)] = None
    """代替密钥：以登记的公钥所对应的私钥签名（RFC 7523），一次有效。"""
    scope: Annotated[str | None, Field(max_length=2000)] = None
    """申请的权限，以空格分隔；不填则为该客户端的全部权限。"""
    sub: Annotated[str | None, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$")] = None
    """办理人编号，不是姓名。"""
    role: Literal["responsible", "officer"] | None = None
    """办理人的职责。"""


class AccessToken(BaseModel):
    """访问令牌。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    """有效秒数。"""
    scope: str
    """权限，以空格分隔。"""


@router.post(
    "/oauth/token",
    summary="领取访问令牌",
    response_model=AccessToken,
    responses={400: {}, 401: {}, 429: {}},
)
async def issue_token(request: Request, form: Annotated[TokenForm, Form()]) -> Response:
    """客户端凭据换取令牌；凭据可置于表单或 HTTP Basic 之中，登记了公钥的以签名代替（RFC 7523）。

    填写 sub 与 role 时，令牌写明本单位由何人、以何职责办理（编号，不是姓名）。
    """
    state = serving(request)
    caller = await _client(request, state, form)
    if caller is None:
        headers = {"WWW-Authenticate": 'Basic realm="eighthours", charset="UTF-8"'}
        raise InvalidClient(headers=headers, error="invalid_client")
    if form.grant_type != "client_credentials":
        raise UnsupportedGrantType(error="unsupported_grant_type")
    caller = _as_person(_narrowed(caller, form.scope), form.sub, form.role)
    token = state.tokens.issue(caller, state.clock())
    return JSONResponse(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join(sorted(caller.scopes)),
        },
        headers=NO_STORE,
    )


async def _client(request: Request, state: Serving, form: TokenForm) -> Caller | None:
    if form.client_assertion is None:
        client_id, secret = _credentials(request, form.client_id, form.client_secret)
        _limit(request, state, client_id)
        return await state.clients.authenticate(client_id, secret)
    if (
        not form.client_id
        or form.client_secret is not None
        or form.client_assertion_type != _ASSERTION
        or "authorization" in request.headers
    ):
        raise InvalidTokenRequest("以签名换取令牌的请求不完整。", error="invalid_request")
    _limit(request, state, form.client_id)
    return await state.clients.authenticate_by_key(
        form.client_id, form.client_assertion, state.clock()
    )


def _credentials(request: Request, client_id: str | None, secret: str | None) -> tuple[str, str]:
    given = request.headers.get("authorization")
    if given is None:
        if not client_id or not secret:
            raise InvalidTokenRequest("缺少客户端标识或密钥。", error="invalid_request")
        return client_id, secret
    if secret is not None:
        raise InvalidTokenRequest("凭据只能以一种方式给出。", error="invalid_request")
    scheme, _, encoded = given.partition(" ")
    try:
        pair = b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        pair = ""
    name, colon, secret = pair.partition(":")
    if scheme.lower() != "basic" or not colon or client_id not in {None, unquote_plus(name)}:
        raise InvalidTokenRequest("Authorization 请求头无效。", error="invalid_request")
    # RFC 6749, 2.3.1: both are form-encoded inside the header.
    return unquote_plus(name), unquote_plus(secret)


def _limit(request: Request, state: Serving, client_id: str) -> None:
    host = request.client.host if request.client else ""
    wait = state.token_limiter.wait(f"{host} {client_id}", state.clock().timestamp())
    if wait:
        raise TooManyRequests(headers={"Retry-After": str(wait)}, error="slow_down")


def _narrowed(caller: Caller, scope: str | None) -> Caller:
    if scope is None:
        return caller
    wanted = frozenset(scope.split())
    if not wanted or not wanted <= caller.scopes:
        raise InvalidScope(error="invalid_scope")
    return replace(caller, scopes=wanted)


def _as_person(caller: Caller, sub: str | None, role: str | None) -> Caller:
    if (sub is None) != (role is None):
        raise InvalidTokenRequest("sub 与 role 须一并给出。", error="invalid_request")
    return caller if sub is None else replace(caller, person=sub, role=role)
