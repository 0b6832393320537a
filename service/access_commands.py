"""Who may come in, on the command line: `eighthours clients`, `accounts` and `token-keys`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import asyncpg
import typer
import uvloop
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from rich.table import Table

from service import administrators
from service.api.clients import Clients
from service.api.scopes import Scope
from service.command_line import console, explained, fail, opened
from service.domain.account import KEPT_APART, AccountDuty
from service.domain.organisation import OrganisationKind
from service.installation import Installation

T = TypeVar("T")

clients = typer.Typer(no_args_is_help=True, help="接口客户端：一个客户端代表一个组织。")
accounts = typer.Typer(no_args_is_help=True, help="个人账号：此处只开设首批管理员。")
token_keys = typer.Typer(no_args_is_help=True, help="签发访问令牌的密钥：更换与作废。")


@clients.command("add")
def add_client(
    name: Annotated[str, typer.Argument(help="客户端名称，例如“市直机关系统”。")],
    organisation: Annotated[str, typer.Option(help="所代表组织的编号。")],
    kind: Annotated[OrganisationKind, typer.Option(help="组织类别。")],
    scope: Annotated[
        list[str] | None, typer.Option(help="权限，可重复；不指定则为该类组织可有的全部权限。")
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            help="以 Ed25519 公钥（PEM 文件）代替密钥，由客户端签名证明身份。",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """新增客户端；密钥只显示这一次。"""
    with explained(), opened() as installed:
        scopes = [_scope(each) for each in scope] if scope else None
        key = _ed25519(public_key) if public_key else None
        client_id, secret = uvloop.run(
            _with_clients(installed, lambda found: found.add(name, organisation, kind, scopes, key))
        )
        console.print(f"client_id      {client_id}")
        if secret:
            console.print(f"client_secret  {secret}")


@clients.command("list")
def list_clients() -> None:
    """列出客户端，已停用的也列出。"""
    with explained(), opened() as installed:
        found = uvloop.run(_with_clients(installed, lambda each: each.list()))
    table = Table("客户端", "名称", "组织类别", "组织编号", "权限数", "状态")
    for client in found:
        state = "已停用" if client.revoked_at else "有效"
        table.add_row(
            client.client_id,
            client.name,
            client.kind.word,
            client.organisation_id,
            str(len(client.scopes)),
            state,
        )
    console.print(table)


@clients.command("revoke")
def revoke_client(client_id: Annotated[str, typer.Argument(help="客户端编号。")]) -> None:
    """停用客户端；已发出的令牌数秒之内失效。"""
    with explained(), opened() as installed:
        if not uvloop.run(_with_clients(installed, lambda found: found.revoke(client_id))):
            fail(f"没有编号为 {client_id} 的有效客户端。")
        console.print(f"已停用 {client_id}。")


@accounts.command("first")
def first_account(
    organisation: Annotated[str, typer.Argument(help="组织编号。")],
    duty: Annotated[AccountDuty, typer.Argument(help="system、security 或 audit。")],
    login: Annotated[str, typer.Argument(help="登录名。")],
) -> None:
    """开设一个组织的首个系统、安全或审计管理员；其余账号由他们开设和启用。"""
    if duty not in KEPT_APART:
        fail("此处只开设 system、security、audit 三类管理员。")
    number = typer.prompt("此人的公民身份号码（不回显，只保存密钥散列）", hide_input=True)
    with explained(), opened() as installed:
        given = uvloop.run(
            administrators.first_administrator(installed, organisation, duty, login, number)
        )
        console.print("以下内容只显示这一次：")
        console.print(f"  登录名    {given.login}\n  初始密码  {given.password}", markup=False)
        console.print(f"  动态口令  {given.totp_uri}", soft_wrap=True, markup=False)
        console.print("请本人先以 POST /sign-in/password 设定自己的密码。")


@token_keys.command("rotate")
def rotate_token_key() -> None:
    """换用新的密钥签发令牌；已发出的令牌在到期前仍有效。"""
    with explained(), opened() as installed:
        generation = uvloop.run(administrators.next_generation(installed))
        console.print(f"已换用第 {generation} 代密钥。")


@token_keys.command("revoke")
def revoke_token_key(
    generation: Annotated[int, typer.Argument(min=0, help="第几代密钥。")],
) -> None:
    """作废一代密钥：由它签发的令牌数秒之内全部失效。"""
    with explained(), opened() as installed:
        uvloop.run(administrators.revoke_generation(installed, generation))
        console.print(f"第 {generation} 代密钥已作废。")


async def _with_clients(installed: Installation, use: Callable[[Clients], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(installed.app_url)
    try:
        return await use(Clients(connection, installed.master))
    finally:
        await connection.close()


def _ed25519(path: Path) -> OKPKey:
    try:
        key = OKPKey.import_key(path.read_text())
    except (JoseError, ValueError):
        fail(f"{path} 不是公钥（PEM）。")
    if key.curve_name != "Ed25519":
        fail(f"{path} 不是 Ed25519 公钥。")
    return key


def _scope(text: str) -> Scope:
    known = {scope.value: scope for scope in Scope}
    if text not in known:
        fail(f"没有名为 {text} 的权限；可选：{'、'.join(known)}。")
    return known[text]
