"""The command line, `eighthours`."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import asyncpg
import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from service import contracts as published
from service import demonstration, installation, server
from service.api.clients import Clients, ScopeDoesNotFit
from service.api.scopes import Scope
from service.data.calendars import UnusableCalendar
from service.domain.organisation import OrganisationKind
from service.embedded_database import EmbeddedDatabaseError
from service.eventstore import EventLog, UnsafeDatabase
from service.eventstore.migrate import UnknownMigration
from service.installation import Installation
from service.projections import rebuild as rebuilding
from service.projections.catalogue import VIEWS
from service.projections.view import View
from service.settings import Settings
from service.trust.keyring import UnusableMasterKey

T = TypeVar("T")

console = Console(highlight=False)

app = typer.Typer(
    name="eighthours",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="八小时外：在职党员到社区报到、参加活动、由社区认定的记录系统。\n\n"
    "在哪里运行由环境变量决定：\n\n"
    "PORT 端口（8000），LISTEN_HOST 监听地址（127.0.0.1），DATA_DIR 数据目录（.data）；\n\n"
    "DATABASE_URL 数据库属主的地址（不设则使用自带的 PostgreSQL 18）；\n\n"
    "APP_DATABASE_URL 服务所用受限角色的地址，CALENDAR_DIR 补充的放假安排；\n\n"
    "MASTER_KEY 或 MASTER_KEY_FILE 主密钥（不设则用数据目录中的 master.key）。",
)
clients = typer.Typer(no_args_is_help=True, help="接口客户端：一个客户端代表一个组织。")
app.add_typer(clients, name="clients")


@app.command()
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="日志为空时先装入演示数据，并写出演示客户端的凭据。")
    ] = False,
    demo_members: Annotated[
        int, typer.Option(min=60, max=1300, help="演示数据中全区在职党员的人数。")
    ] = demonstration.MEMBERS,
) -> None:
    """启动服务：数据库、迁移、视图与接口；按 Ctrl-C 停止。"""
    with _explained(), _installed(alone=True) as installed:
        server.run(_settings(), installed, console, demo=demo_members if demo else 0)


@app.command()
def demo() -> None:
    """装入演示数据（已装入则不重复），并显示一名党员的八小时外记录。"""
    with _explained(), _installed() as installed:
        uvloop.run(server.prepare_demo(_settings(), installed, console, demonstration.MEMBERS))
        uvloop.run(demonstration.show(installed, console, _settings().port))


@app.command()
def migrate() -> None:
    """准备数据库：执行尚未执行的迁移。"""
    with _explained(), _installed() as installed:
        for name in installed.migrated:
            console.print(f"已执行 {name}")
        console.print("数据库已就绪。" if installed.migrated else "数据库已是最新，无需迁移。")


@app.command()
def rebuild(
    view: Annotated[str, typer.Argument(help="视图名称，或 all（全部）。")],
) -> None:
    """由日志重建视图：旁建新表，追上后替换；重建期间照常读取。"""
    chosen = [each for each in VIEWS if view in {each.name, "all"}]
    if not chosen:
        _fail(f"没有名为 {view} 的视图；可选：{'、'.join(each.name for each in VIEWS)}、all。")
    with _explained(), _installed() as installed:
        uvloop.run(_rebuild(installed, chosen))


@app.command()
def contracts(
    check: Annotated[
        bool, typer.Option("--check", help="只检查，不写入；不一致则退出码为 1。")
    ] = False,
) -> None:
    """由代码生成接口文档、事件格式与样例、拒绝代码和词汇表。"""
    folder = Path("contracts")
    if check:
        differences = published.check(folder)
        for difference in differences:
            console.print(difference)
        if differences:
            _fail("contracts/ 与代码不一致：请运行 eighthours contracts。")
        console.print("contracts/ 与代码一致。")
    else:
        try:
            written = published.write(folder)
        except published.Unpublishable as error:
            _fail(str(error))
        for path in written:
            console.print(f"已写入 {path}")
        console.print("contracts/ 已更新。" if written else "contracts/ 已是最新。")


@clients.command("add")
def add_client(
    name: Annotated[str, typer.Argument(help="客户端名称，例如“市直机关系统”。")],
    organisation: Annotated[str, typer.Option(help="所代表组织的编号。")],
    kind: Annotated[OrganisationKind, typer.Option(help="组织类别。")],
    scope: Annotated[
        list[str] | None, typer.Option(help="权限，可重复；不指定则为该类组织可有的全部权限。")
    ] = None,
) -> None:
    """新增客户端；密钥只显示这一次。"""
    with _explained(), _installed() as installed:
        scopes = [_scope(each) for each in scope] if scope else None
        client_id, secret = uvloop.run(
            _with_clients(installed, lambda found: found.add(name, organisation, kind, scopes))
        )
        console.print(f"client_id      {client_id}\nclient_secret  {secret}")


@clients.command("list")
def list_clients() -> None:
    """列出客户端，已停用的也列出。"""
    with _explained(), _installed() as installed:
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
    """停用客户端；已发出的令牌在到期前（15 分钟内）仍有效。"""
    with _explained(), _installed() as installed:
        if not uvloop.run(_with_clients(installed, lambda found: found.revoke(client_id))):
            _fail(f"没有编号为 {client_id} 的有效客户端。")
        console.print(f"已停用 {client_id}。")


@contextmanager
def _installed(*, alone: bool = False) -> Iterator[Installation]:
    with installation.opened(_settings(), alone=alone) as installed:
        yield installed


async def _with_clients(installed: Installation, use: Callable[[Clients], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(installed.app_url)
    try:
        return await use(Clients(connection, installed.master))
    finally:
        await connection.close()


async def _rebuild(installed: Installation, views: list[View]) -> None:
    """Shows position and rate of each view while it is built anew."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:>9,} 事件/秒"),
        TimeRemainingColumn(),
    )
    async with EventLog.open(installed.app_url, installed.master) as log:
        with Progress(*columns, console=console) as progress:
            tasks = {view.name: progress.add_task(view.name, rate=0) for view in views}

            def report(done: rebuilding.Progress) -> None:
                progress.update(
                    tasks[done.view], completed=done.position, total=done.head, rate=done.rate
                )

            await rebuilding.rebuild(log, views, report)
    console.print("视图已重建并启用。")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for each in error.errors():
            variable = "_".join(str(part) for part in each["loc"]).upper() or "环境变量"
            console.print(f"{variable}：{each['msg']}")
        _fail("环境变量设置有误。")


def _scope(text: str) -> Scope:
    known = {scope.value: scope for scope in Scope}
    if text not in known:
        _fail(f"没有名为 {text} 的权限；可选：{'、'.join(known)}。")
    return known[text]


@contextmanager
def _explained() -> Iterator[None]:
    """What a person can do something about is said in a sentence and not as a traceback."""
    try:
        yield
    except (
        EmbeddedDatabaseError,
        ScopeDoesNotFit,
        UnknownMigration,
        UnsafeDatabase,
        UnusableCalendar,
        UnusableMasterKey,
        server.PortTaken,
    ) as error:
        _fail(str(error))
    except (asyncpg.PostgresError, OSError) as error:
        _fail(f"无法使用数据库：{error}")


def _fail(words: str) -> NoReturn:
    console.print(words, style="red")
    raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(app())
