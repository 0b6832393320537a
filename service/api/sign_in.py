"""登录: a person signs in with password and one-time code, renews what they got, and signs out."""

from collections.abc import Awaitable
from datetime import datetime
from math import ceil
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from service.api.access import LIFETIME, Caller
from service.api.credentials import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Locked,
    PasswordToBeChosen,
    PasswordTooWeak,
    SignInRefused,
    require_strong,
)
from service.api.fields import Body, clean
from service.api.people import NotInForce
from service.api.problems import Fault, Refusal
from service.api.route import Route
from service.api.serving import Serving, serving
from service.api.sessions import SessionEnded
from service.api.tokens import NO_STORE, TooManyRequests
from service.domain.event import SHANGHAI

router = APIRouter(route_class=Route, tags=["登录"])

T = TypeVar("T")


class WrongCredentials(Refusal):
    """登录名、密码或动态口令不正确。"""

    status = 401


class SignInLocked(Refusal):
    """连续多次不正确，暂时锁定。"""

    status = 429


class ChoosePassword(Refusal):
    """初始密码只能用于设定自己的密码。"""

    status = 403


class WeakPassword(Refusal):
    """密码须为12至200个字符，不得包含登录名，也不得与原密码相同。"""

    status = 409


class AccountNotInForce(Refusal):
    """账号未启用或者已经停用。"""

    status = 403


class SignedOut(Refusal):
    """登录已结束，请重新登录。"""

    status = 401


_PLAIN = Field(json_schema_extra={"format": "plain-text"})
Login = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(clean), _PLAIN
]
Password = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD), AfterValidator(clean), _PLAIN
]
NewPassword = Annotated[Password, StringConstraints(min_length=SHORTEST_PASSWORD)]
Code = Annotated[str, StringConstraints(pattern="^[0-9]{6}$")]


class SignInBody(Body):
    """登录名、密码和动态口令。"""

    login: Login
    """登录名。"""
    password: Password
    """密码。"""
    code: Code
    """动态口令：身份验证器显示的 6 位数字。"""


class ChoosePasswordBody(SignInBody):
    """以现在的密码和动态口令，设定新密码。"""

    new_password: NewPassword
    """新密码：12 至 200 个字符。"""


class RenewalBody(Body):
    """续期令牌。"""

    renewal_token: Annotated[str, StringConstraints(pattern="^[!-~]{1,200}$")]
    """上次登录或续期时取得的续期令牌；只能使用一次。"""


class SignedIn(BaseModel):
    """已登录：短期的访问令牌，以及换取下一个的续期令牌。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    """有效秒数。"""
    scope: str
    """权限，以空格分隔。"""
    organisation_id: str
    """所代表的组织。"""
    person: str
    """办理人编号；党员本人登录的，为党员标识。"""
    renewal_token: str
    """续期令牌；只能使用一次。"""


class PasswordChosen(SignedIn):
    """已设定密码并登录。"""

    totp_uri: str | None = None
    """以初始密码设定的，为新的动态口令密钥，只显示这一次；发放时的那一个作废。"""


@router.post(
    "/sign-in", summary="登录", response_model=SignedIn, responses={401: {}, 403: {}, 429: {}}
)
async def sign_in(request: Request, body: SignInBody) -> Response:
    """以登录名、密码和动态口令登录。"""
    state = serving(request)
    limit(request, state, body.login)
    now = state.clock()
    account_id = await _credentials(
        state.credentials.check(body.login, body.password, body.code, now), now
    )
    return JSONResponse(await signed_in(state, account_id), headers=NO_STORE)


@router.post(
    "/sign-in/password",
    summary="设定密码",
    response_model=PasswordChosen,
    responses={401: {}, 403: {}, 409: {}, 429: {}},
)
async def choose_password(request: Request, body: ChoosePasswordBody) -> Response:
    """以现在的（或初始）密码和动态口令设定新密码，并登录；此前的登录不能再续期。"""
    state = serving(request)
    limit(request, state, body.login)
    now = state.clock()
    try:
        require_strong(body.login, body.password, body.new_password)
    except PasswordTooWeak:
        fault = Fault(detail="不符合密码要求", code="weak", pointer="/new_password")
        raise WeakPassword(errors=[fault]) from None
    proven = await _credentials(
        state.credentials.prove(body.login, body.password, body.code, now), now
    )
    # Before anything is replaced: who does not come in would not learn what their codes are now.
    await _caller(state, proven.account_id)
    totp_uri = await _credentials(state.credentials.choose(proven, body.new_password), now)
    await state.sessions.end_all(proven.account_id, now)
    answer = await signed_in(state, proven.account_id)
    return JSONResponse({**answer, "totp_uri": totp_uri}, headers=NO_STORE)


@router.post(
    "/sign-in/renewal", summary="续期", response_model=SignedIn, responses={401: {}, 403: {}}
)
async def renew(request: Request, body: RenewalBody) -> Response:
    """以续期令牌换取新的访问令牌；用过的续期令牌再次出示，登录即告结束。"""
    state = serving(request)
    try:
        account_id, renewal = await state.sessions.renew(body.renewal_token, state.clock())
    except SessionEnded:
        raise SignedOut from None
    return JSONResponse(await signed_in(state, account_id, renewal), headers=NO_STORE)


@router.post("/sign-in/end", summary="退出", status_code=204, responses={401: {}})
async def end(request: Request, body: RenewalBody) -> Response:
    """结束登录。"""
    state = serving(request)
    try:
        await state.sessions.end(body.renewal_token, state.clock())
    except SessionEnded:
        raise SignedOut from None
    return Response(status_code=204, headers=NO_STORE)


def limit(request: Request, state: Serving, login: str | None = None) -> None:
    """Tries from one place, and of one login; that one is locked after a few all the same."""
    now = state.clock().timestamp()
    host = request.client.host if request.client else ""
    wait = state.sign_in_places.wait(host, now)
    if not wait and login is not None:
        wait = state.sign_in_logins.wait(login.lower(), now)
    if wait:
        raise TooManyRequests(headers={"Retry-After": str(wait)})


async def _credentials(checked: Awaitable[T], now: datetime) -> T:
    """What right credentials give; what is wrong with others, as an answer."""
    try:
        return await checked
    except SignInRefused:
        raise WrongCredentials from None
    except Locked as locked:
        until = locked.until.astimezone(SHANGHAI)
        wait = {"Retry-After": str(ceil((until - now).total_seconds()))}
        raise SignInLocked(f"锁定至{until:%H:%M:%S}。", headers=wait) from None
    except PasswordToBeChosen:
        raise ChoosePassword from None


async def signed_in(state: Serving, account_id: str, renewal: str = "") -> dict[str, Any]:
    """What somebody gets who has shown that the account is theirs; AccountNotInForce."""
    # In this order: whoever closes the account at this moment finds the session and ends it, and
    # the token is as old as what it is refused for.
    now = state.clock()
    renewal = renewal or await state.sessions.begin(account_id, now)
    try:
        caller = await _caller(state, account_id)
    except AccountNotInForce:
        await state.sessions.end(renewal, now)
        raise
    return {
        "access_token": state.tokens.issue(caller, now),
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(sorted(caller.scopes)),
        "organisation_id": caller.organisation_id,
        "person": caller.person,
        "renewal_token": renewal,
    }


async def _caller(state: Serving, account_id: str) -> Caller:
    try:
        caller = await state.people.caller(account_id)
    except NotInForce:
        raise AccountNotInForce from None
    if state.revocations.known.includes(caller.client_id, state.clock().timestamp()):
        # A token of this moment would be refused like those that were issued before.
        words = "登录凭据刚刚发放，请过几秒再试。"
        raise AccountNotInForce(words, headers={"Retry-After": "5"})
    return caller
