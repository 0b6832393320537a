"""账号: which there are, for whoever looks after security; who did what with them, for audits."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.fields import Id, Moment, WholeNumber
from service.api.history import history
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.views import trail
from service.domain.account import (
    Account,
    AccountActivated,
    AccountClosed,
    AccountDuty,
    AccountOpened,
    Accounts,
    CredentialsGiven,
)
from service.domain.event import Selector
from service.domain.membership import SubjectErased
from service.projections.audit_answer import AuditItem
from service.projections.audit_trail import AuditFilter

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["账号"])

_ACTS = (AccountOpened, CredentialsGiven, AccountActivated, AccountClosed)

State = Literal["opened", "credentials_given", "active", "closed"]


class AccountShown(BaseModel):
    """一个账号。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    account_id: str
    organisation_id: str
    duty: AccountDuty
    """职责。"""
    officer_id: str | None
    """办理业务的，为办理人编号。"""
    member_id: str | None
    """党员本人的，为党员标识。"""
    state: State
    """已开设、已发放凭据待启用、已启用、已停用。"""
    opened_by: str
    """开设人。"""
    given_by: str | None
    """最近一次发放登录凭据的人。"""


class AccountsShown(BaseModel):
    """一个组织的账号，按开设先后排列。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[AccountShown]


@router.get(
    "/organisations/{organisation_id}/accounts", response_model=AccountsShown, summary="账号"
)
async def accounts_of(
    organisation_id: Id, read: Annotated[Read, reads(Scope.ACCOUNTS_READ)]
) -> Response:
    """本组织或下级组织的账号及其状态，停用的也列出。"""
    await read.serving.places.within(read.caller, organisation_id)
    # The head before the events: what is said to be included is.
    head = await read.serving.log.head()
    accounts = Accounts()
    about = Selector(_ACTS, [f"organisation:{organisation_id}"])
    for recorded in await history(read.serving.log, about):
        recorded.event.mutate(accounts)
    members = dict.fromkeys(each.member_id for each in accounts.known.values() if each.member_id)
    erased = [Selector([SubjectErased], [f"member:{member_id}"]) for member_id in members]
    for recorded in await history(read.serving.log, *erased) if erased else ():
        recorded.event.mutate(accounts)
    await read.serving.opener.facts(read.occasion(head), members)
    items = [
        AccountShown(
            account_id=account_id,
            organisation_id=account.organisation_id,
            duty=account.duty,
            officer_id=account.officer_id,
            member_id=account.member_id,
            state=_state(account),
            opened_by=account.opened_by,
            given_by=account.given_by,
        )
        for account_id, account in accounts.known.items()
    ]
    return answer(AccountsShown(items=items).model_dump(mode="json"), head)


def _state(account: Account) -> State:
    if account.closed:
        return "closed"
    if account.active:
        return "active"
    return "opened" if account.given_by is None else "credentials_given"


@router.get(
    "/account-acts",
    response_model=Page[AuditItem],
    responses=EXPORTS,
    summary="账号的审计记录",
)
async def account_acts(
    read: Annotated[Read, reads(Scope.ACCOUNTS_AUDIT, Purpose.OVERSIGHT)],
    paging: Paged,
    *,
    organisation_id: Annotated[Id | None, Query(description="所属组织，含其下级。")] = None,
    since: Annotated[Moment | None, Query(description="在此时或之后记录的。")] = None,
    until: Annotated[Moment | None, Query(description="在此时之前记录的。")] = None,
    after: Annotated[WholeNumber | None, Query(description="在此日志位置之后的。")] = None,
) -> Response:
    """本组织及下级组织的账号：何人何时开设、发放凭据、启用、停用。"""
    wanted = AuditFilter(
        visible_to=read.caller.organisation_id,
        organisation_id=organisation_id,
        types=[act.event_type for act in _ACTS],
        since=since,
        until=until,
    )
    return await trail(read, paging, wanted, after or 0)
