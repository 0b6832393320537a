"""账号: opened by one, put into force by another, and what one signs in with."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import orjson
from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.responses import Response

from service.api.credentials import (
    LOGIN,
    AccountGone,
    LoginTaken,
    SubjectTaken,
)
from service.api.fields import Body, Id, IdNumber, Number
from service.api.problems import Fault, Refusal
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import Serving
from service.api.writes import Recorded, Write, ids, new_id, recorded, writes
from service.domain.account import AccountDuty, AccountIsClosed
from service.domain.account_keeping import (
    ActivateAccount,
    CloseAccount,
    GiveCredentials,
    OpenAccount,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["账号"])

T = TypeVar("T")

Opening = Annotated[Write, writes(Scope.ACCOUNTS_OPEN)]
Activating = Annotated[Write, writes(Scope.ACCOUNTS_ACTIVATE)]


class LoginInUse(Refusal):
    """该登录名已被使用。"""

    status = 409


class SubjectInUse(Refusal):
    """该统一身份认证标识已对应其他账号。"""

    status = 409


class NoProviderForSubject(Refusal):
    """本服务没有接入统一身份认证，不能登记统一身份认证标识。"""

    status = 409


class WhoseAccount(Refusal):
    """账号须写明属于何人：办理人编号、党员标识或公民身份号码，按职责填写其一。"""

    status = 409


_WHOSE = {AccountDuty.OFFICER: "officer_id", AccountDuty.MEMBER: "member_id"}
"""What says whose account it is; for the other duties it is the ID number."""


class OpenAccountBody(Body):
    """开设账号。"""

    organisation_id: Id
    """账号所代表的组织：本组织或其下级。"""
    duty: Annotated[AccountDuty, Field(strict=False)]
    """职责：officer 办理业务，member 党员本人，system、security、audit 系统、安全、审计管理。"""
    officer_id: Number | None = None
    """办理业务的，为已任命的办理人编号。"""
    member_id: Id | None = None
    """党员本人的，为党员标识。"""
    id_number: IdNumber | None = None
    """三类管理员的公民身份号码；只保存密钥散列，不保存号码。"""


class GiveCredentialsBody(Body):
    """发放登录凭据。"""

    login: Annotated[str, StringConstraints(pattern=LOGIN)]
    """登录名：3 至 50 个小写字母、数字、点、下划线或连字符。"""
    provider_subject: Annotated[str, StringConstraints(pattern="^[!-~]{1,255}$")] | None = None
    """此人在统一身份认证中的标识（sub）；不接入的不填。"""


class NoParticulars(Body):
    """没有其他内容。"""


class CredentialsShown(Recorded):
    """登录凭据已发放。密码和密钥只在首次回答中出现一次，重发同一请求不再显示。"""

    account_id: str
    login: str | None = None
    """登录名。"""
    password: str | None = None
    """初始密码：只能用于设定自己的密码。"""
    totp_uri: str | None = None
    """动态口令的密钥，供身份验证器扫描或输入。"""


@router.post(
    "/accounts",
    status_code=201,
    response_model=recorded("AccountOpening", "account_id"),
    summary="开设账号",
)
async def open_account(body: OpenAccountBody, write: Opening) -> Response:
    """为办理人、党员本人或管理员开设账号；由安全管理员启用之后才能登录。"""
    needed = _WHOSE.get(body.duty, "id_number")
    if {"officer_id", "member_id", "id_number"} & body.model_dump(exclude_none=True).keys() != {
        needed
    }:
        fault = Fault(detail="此职责须填写且只填写这一项", pointer=f"/{needed}")
        raise WhoseAccount(errors=[fault])
    number = body.id_number or ""
    command = OpenAccount(
        account_id=new_id(),
        organisation_id=body.organisation_id,
        duty=body.duty,
        officer_id=body.officer_id or "",
        member_id=body.member_id or "",
        person=write.serving.log.keyring.person_hash(number) if number else "",
        id_number=number,
        by=write.by_officer(None),
        at=write.serving.clock(),
    )
    return await write.decide(command, ids("account_id"), "/api/v1/accounts/{account_id}")


@router.post(
    "/accounts/{account_id}/credentials",
    status_code=201,
    response_model=CredentialsShown,
    summary="发放登录凭据",
)
async def give_credentials(account_id: Id, body: GiveCredentialsBody, write: Opening) -> Response:
    """发放初始密码和动态口令密钥；此前的凭据作废，账号须重新启用。"""
    state = write.serving
    provider = _provider(state, body.provider_subject)
    await _given(state.credentials.require_free(account_id, body.login, provider))
    command = GiveCredentials(account_id=account_id, by=write.by_officer(None), at=state.clock())
    answer = await write.decide(command, ids("account_id"))
    if "idempotency-replayed" in answer.headers:
        return answer
    # Decided: nobody signs in with the old ones any more, and now they go.
    now = state.clock()
    await state.revocations.cut_off(account_id, now)
    await state.sessions.end_all(account_id, now)
    given = await _given(state.credentials.give(account_id, body.login, provider))
    shown = {
        **orjson.loads(answer.body),
        "login": given.login,
        "password": given.password,
        "totp_uri": given.totp_uri,
    }
    headers = {key: value for key, value in answer.headers.items() if key != "content-length"}
    return Response(orjson.dumps(shown), status_code=201, headers=headers)


@router.post(
    "/accounts/{account_id}/activation",
    status_code=201,
    response_model=recorded("AccountActivation", "account_id"),
    summary="启用账号",
)
async def activate_account(account_id: Id, body: NoParticulars, write: Activating) -> Response:
    """启用账号；开设账号、发放凭据的人和账号本人不得启用。"""
    del body
    command = ActivateAccount(
        account_id=account_id, by=write.by_officer(None), at=write.serving.clock()
    )
    return await write.decide(command, ids("account_id"))


@router.post(
    "/accounts/{account_id}/closure",
    status_code=201,
    response_model=recorded("AccountClosure", "account_id"),
    summary="停用账号",
)
async def close_account(account_id: Id, body: NoParticulars, write: Activating) -> Response:
    """停用账号：立即结束其登录；不能再次启用。"""
    del body
    state = write.serving
    command = CloseAccount(account_id=account_id, by=write.by_officer(None), at=state.clock())
    answer = await write.decide(command, ids("account_id"))
    # Also when the same request is sent again: the first may have come no further than this.
    now = state.clock()
    await state.revocations.cut_off(account_id, now, for_good=True)
    await state.sessions.end_all(account_id, now)
    await state.credentials.forget(account_id)
    return answer


def _provider(state: Serving, subject: str | None) -> tuple[str, str] | None:
    """Issuer and subject of whoever may also come by way of the provider."""
    if subject is None:
        return None
    if state.openid is None:
        fault = Fault(detail="没有接入统一身份认证", pointer="/provider_subject")
        raise NoProviderForSubject(errors=[fault])
    return state.openid.issuer, subject


async def _given(giving: Awaitable[T]) -> T:
    """What comes of it; why it cannot be, as an answer."""
    try:
        return await giving
    except LoginTaken as taken:
        fault = Fault(detail=str(taken), code="taken", pointer="/login")
        raise LoginInUse(errors=[fault]) from None
    except SubjectTaken as taken:
        fault = Fault(detail=str(taken), code="taken", pointer="/provider_subject")
        raise SubjectInUse(errors=[fault]) from None
    except AccountGone:
        raise AccountIsClosed from None
