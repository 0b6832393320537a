"""The command line, `eighthours`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from service import auditing, demonstration, installation, server, witnessing
from service import contracts as published
from service.access_commands import accounts, clients, token_keys
from service.command_line import console, explained, fail, opened, read_settings
from service.eventstore import EventLog, system_clock
from service.installation import Installation
from service.projections import rebuild as rebuilding
from service.projections.catalogue import VIEWS
from service.projections.view import View
from service.trust.erasing import Erasing
from service.trust.transparency.tile_folder import TileFolder

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
    "BASIS_DIR 征求意见的依据文件（不设则用随附的示例）；\n\n"
    "PRINT_FONTS、PRINT_TITLE_FONTS 打印正文、标题的字体，PRINT_FONT_DIR 字体目录；\n\n"
    "MASTER_KEY 或 MASTER_KEY_FILE 主密钥（不设则用数据目录中的 master.key）；\n\n"
    "CRYPTO_PROFILE 密码算法：international 国际通用算法，或 guomi 国密；首次启动时选定。",
)
app.add_typer(clients, name="clients")
app.add_typer(accounts, name="accounts")
app.add_typer(token_keys, name="token-keys")


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
    with explained(), opened(alone=True) as installed:
        server.run(read_settings(), installed, console, demo=demo_members if demo else 0)


@app.command()
def demo() -> None:
    """装入演示数据（已装入则不重复），并显示一名党员的八小时外记录。"""
    with explained(), opened() as installed:
        uvloop.run(server.prepare_demo(read_settings(), installed, console, demonstration.MEMBERS))
        uvloop.run(demonstration.show(installed, console, read_settings().port))


@app.command()
def migrate() -> None:
    """准备数据库：执行尚未执行的迁移。"""
    with explained(), opened() as installed:
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
        fail(f"没有名为 {view} 的视图；可选：{'、'.join(each.name for each in VIEWS)}、all。")
    with explained(), opened() as installed:
        uvloop.run(_rebuild(installed, chosen))


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Argument(help="检查点文件，可有多个。", exists=True, dir_okay=False),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="信任策略文件，不给则用 LOG_POLICY。", exists=True, dir_okay=False),
    ] = None,
    entries: Annotated[
        Path | None,
        typer.Option(help="不读数据库，改读此目录中的原文瓦片。", exists=True, file_okay=False),
    ] = None,
    tiles: Annotated[
        list[Path] | None,
        typer.Option(help="另存的哈希瓦片目录，可重复。", exists=True, file_okay=False),
    ] = None,
) -> None:
    """核对整个日志，指出最先被改动的位置；发现改动则退出码为 1。

    日志与由外部保存的检查点比对，只读不写，不需要网络。检查点由信任策略（C2SP tlog-policy）决定
    是否可信：其中写明信哪些日志、哪些见证、须有几个见证共签；没有策略则只核对日志自己的签名。

    不给检查点则用本服务公布的那一个；最好用自己保存的，或向见证要来的。较早的检查点、另存的瓦片
    有助于找出确切位置。
    """
    settings = read_settings()
    told = [auditing.Told.read(path) for path in checkpoint or []]
    folders = [TileFolder(path) for path in tiles or []]
    with explained():
        trust = auditing.policy_for(policy or settings.log_policy, settings.log_signer_dir)
        if entries is not None:
            found = auditing.verify_folder(console, TileFolder(entries), trust, told, folders)
            sound = uvloop.run(found)
        else:
            with installation.database(settings) as url:
                sound = uvloop.run(auditing.verify_database(console, url, trust, told, folders))
    if not sound:
        raise typer.Exit(1)


@app.command()
def witness(
    folder: Annotated[Path, typer.Argument(help="见证的目录：密钥与已见证的检查点。")],
    log: Annotated[
        list[str],
        typer.Option(help="所见证日志的公钥，或存放公钥的文件（如 log.pub），可重复。"),
    ],
    name: Annotated[
        str | None, typer.Option(help="见证的名称，写入共签；不给则为 witness.local/目录名。")
    ] = None,
    host: Annotated[str, typer.Option(help="监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="监听端口。")] = 8100,
) -> None:
    """运行见证：由日志之外的单位承办，只为如实增长的日志共签；按 Ctrl-C 停止。"""
    with explained():
        keys = [witnessing.log_key(each) for each in log]
        name = name or f"witness.local/{folder.absolute().name}"
        witnessing.run(console, folder, name, keys, (host, port))


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
            fail("contracts/ 与代码不一致：请运行 eighthours contracts。")
        console.print("contracts/ 与代码一致。")
    else:
        try:
            written = published.write(folder)
        except published.Unpublishable as error:
            fail(str(error))
        for path in written:
            console.print(f"已写入 {path}")
        console.print("contracts/ 已更新。" if written else "contracts/ 已是最新。")


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
        # A copy that was restored may hold keys that were destroyed since it was made.
        if changed := await Erasing(log, system_clock).catch_up():
            console.print(f"已按日志销毁或限制 {changed} 名党员的密钥。")
        with Progress(*columns, console=console) as progress:
            tasks = {view.name: progress.add_task(view.name, rate=0) for view in views}

            def report(done: rebuilding.Progress) -> None:
                progress.update(
                    tasks[done.view], completed=done.position, total=done.head, rate=done.rate
                )

            await rebuilding.rebuild(log, views, report)
    console.print("视图已重建并启用。")


if __name__ == "__main__":
    sys.exit(app())
