"""`eighthours verify`: the whole log against checkpoints from outside, and what is found, shown."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.eventstore.rows import LogRows
from service.scanning import Seen, exported_snapshot, reading, scanned
from service.trust.keyring import Connections
from service.trust.sealing import first_unsound
from service.trust.transparency.audit import Fault, Finding, Known, Report, Tiles, audit, sizes
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.guomi import SM3, in_sm3
from service.trust.transparency.policy import NO_QUORUM, Judgement, KnownLog, Policy
from service.trust.transparency.scan import Scan
from service.trust.transparency.signed_note import Note
from service.trust.transparency.signer import public_key, sm2_public_key
from service.trust.transparency.sm2_verifier import NO_ASSIGNED_TYPE
from service.trust.transparency.store import MissingTiles, TreeStore
from service.trust.transparency.tile_folder import TileFolder
from service.trust.transparency.tiles import Tile


class UntrustedCheckpoint(ValueError):
    """检查点不可信"""


class NothingToAudit(ValueError):
    """没有可核对的检查点"""


class NoPolicy(LookupError):
    """没有信任策略，也没有日志公钥：请用 --policy 给出策略文件"""


def policy_for(path: Path | None, signer: Path) -> Policy:
    """The policy in a file; without one the keys of the log whose signer is here, and no witness.

    Raises UnusablePolicy, NoPolicy, OSError.
    """
    if path is not None:
        return Policy.load(path)
    try:
        keys = [public_key(signer), sm2_public_key(signer)]
        return Policy(logs=tuple(KnownLog.by(key) for key in keys if key is not None))
    except FileNotFoundError:
        raise NoPolicy(NoPolicy.__doc__) from None


@dataclass(frozen=True, slots=True)
class Told:
    """A checkpoint as somebody has it, and where it is from."""

    name: str
    note: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a file, whatever is in it. Raises OSError."""
        return cls(path.name, path.read_text("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Trusted:
    """A checkpoint of which the policy says that it counts."""

    name: str
    checkpoint: Checkpoint
    judgement: Judgement


def trusted(told: Told, policy: Policy) -> Trusted:
    """Checks the signatures of a checkpoint. Raises UntrustedCheckpoint."""
    try:
        note = Note.parse(told.note)
        checkpoint, judgement = Checkpoint.parse(note.text), policy.judge(note)
        has_sm3_root = in_sm3(checkpoint) is not None
    except ValueError as error:
        raise UntrustedCheckpoint(f"{told.name}：{error}") from error
    if not judgement.valid:
        lacking = "见证未达到约定数" if not judgement.quorum_met else "没有策略所列日志的签名"
        by = "、".join(judgement.witnessed_by) or "无"
        words = f"{told.name}：{UntrustedCheckpoint.__doc__}，{lacking}（已共签：{by}）"
        raise UntrustedCheckpoint(words)
    if not has_sm3_root and any(key.type == NO_ASSIGNED_TYPE for key in judgement.signed_by):
        raise UntrustedCheckpoint(f"{told.name}：{UntrustedCheckpoint.__doc__}，缺少 SM3 树根")
    return Trusted(told.name, checkpoint, judgement)


async def audit_tables(
    connection: asyncpg.Connection,
    checkpoints: Sequence[Checkpoint],
    folders: Sequence[TileFolder] = (),
    *,
    url: str | None = None,
    seen: Seen = lambda _: None,
) -> Report:
    """Audits bytes and columns of the log that a connection leads to.

    The connection is in a transaction of its own, so that the log stands still; with the address
    as well, processes that read a long log side by side see the same.
    """
    trees = _known(checkpoints, folders)
    if await _is_there(connection, "transparency.tiles"):
        trees = [
            replace(each, tiles=(_stored_in(TreeStore(connection, each.digest)), *each.tiles))
            for each in trees
        ]
    scan = await scanned(connection, url, sizes(trees), seen)
    return await audit(LogRows(connection), scan, trees)


def _known(checkpoints: Sequence[Checkpoint], folders: Sequence[TileFolder]) -> list[Known]:
    """The tree and, where checkpoints have its root, the second one with SM3."""
    first = Known(checkpoints, [folder.tile for folder in folders])
    second = Known([each for each in map(in_sm3, checkpoints) if each is not None], digest=SM3)
    return [first, second] if second.roots else [first]


async def audit_index(connection: asyncpg.Connection) -> list[Finding]:
    """Whether decisions find every event by its tags."""
    first = await LogRows(connection).unindexed()
    return [] if first is None else [Finding(Fault.UNINDEXED, first, first)]


async def verify_database(
    console: Console, url: str, policy: Policy, told: Sequence[Told], folders: Sequence[TileFolder]
) -> bool:
    """Audits the log in a database and shows what is found; whether that is nothing.

    Where nobody brings a checkpoint, the one that the service published is taken.
    Raises UntrustedCheckpoint, NothingToAudit, asyncpg's errors, OSError.
    """
    async with (
        reading(url) as connection,
        reading(url, await exported_snapshot(connection)) as other,
    ):
        if not told and await _is_there(connection, "transparency.tiles"):
            published = await TreeStore(connection).published()
            told = [Told("本服务公布的检查点", published.note)] if published else []
        found = _shown(console, [trusted(each, policy) for each in told], policy)
        # PostgreSQL compares the index rows while the events are hashed.
        index = asyncio.create_task(audit_index(other))
        try:
            with _progress(console, await LogRows(connection).head()) as seen:
                report = await audit_tables(connection, found, folders, url=url, seen=seen)
            report = report.with_findings(await index)
        finally:
            index.cancel()
            await asyncio.gather(index, return_exceptions=True)
        sound = _show_report(console, report)
        if await _is_there(connection, "access.readings"):
            sound = await show_readings(console, connection) and sound
    return sound


async def show_readings(console: Console, connections: Connections) -> bool:
    """Shows whether the records of who read what still fit the seals in the log; whether they do.

    What was read since the last seal is not covered; a seal counts as much as the log it stands in.
    """
    seal = await first_unsound(connections)
    if seal is None:
        return True
    place = f"第 {seal.first}－{seal.last} 条"
    console.print(f"[red]查阅记录被改动过，最先在{place}之间（与日志中的封存不符）。[/red]")
    return False


async def verify_folder(
    console: Console,
    entries: TileFolder,
    policy: Policy,
    told: Sequence[Told],
    folders: Sequence[TileFolder],
) -> bool:
    """Audits a copy of the log as entry bundles; whether nothing is found. There are no columns.

    Raises UntrustedCheckpoint, NothingToAudit, MalformedTile, OSError.
    """
    found = _shown(console, [trusted(each, policy) for each in told], policy)
    trees = _known(found, (entries, *folders))
    scan = Scan.begun(sizes(trees))
    with _progress(console, max(each.size for each in found)) as seen:
        async for bundle in entries.entries():
            scan.take(bundle)
            seen(len(bundle))
    scan.close()
    return _show_report(console, await audit(entries, scan, trees))


async def _is_there(connection: asyncpg.Connection, table: str) -> bool:
    """A database that an older version has prepared may lack it."""
    found: bool = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table)
    return found


def _stored_in(store: TreeStore) -> Tiles:
    async def stored(tile: Tile) -> bytes | None:
        try:
            return (await store.read([tile]))[0]
        except MissingTiles:
            return None

    return stored


def _shown(console: Console, found: Sequence[Trusted], policy: Policy) -> list[Checkpoint]:
    if not any(each.checkpoint.size for each in found):
        raise NothingToAudit(f"{NothingToAudit.__doc__}：请给出检查点文件，见 --help。")
    for each in found:
        console.print(
            f"检查点  {each.checkpoint.origin} 第 1－{each.checkpoint.size} 条（{each.name}）",
            soft_wrap=True,
        )
        console.print(f"  见证  {'、'.join(each.judgement.witnessed_by) or '无'}")
        if in_sm3(each.checkpoint) is not None:
            sm2 = any(key.type == NO_ASSIGNED_TYPE for key in each.judgement.signed_by)
            console.print(f"  国密  SM3 树根，SM2 签名{'已验证' if sm2 else '未验证（没有公钥）'}")
    if policy.quorum == NO_QUORUM:
        console.print(
            "没有见证共签：结论只与日志自己的密钥一样可信，谁持有该密钥，谁就能另签一部历史。",
            style="yellow",
        )
    return [each.checkpoint for each in found]


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Seen]:
    columns = (TextColumn("核对"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=total)
        yield lambda more: progress.advance(task, more)


def _show_report(console: Console, report: Report) -> bool:
    if report.uncovered:
        console.print(f"检查点之后另有 {report.uncovered} 条，尚无人作证，只核对了列与字节。")
    if not report.findings:
        console.print(f"[green]未见改动：第 1－{report.size} 条与检查点一致。[/green]")
        return True
    table = Table("故障", "位置", "说明")
    for each in report.findings:
        table.add_row(each.fault.value, _place(each), each.detail)
    console.print(table)
    console.print(f"[red]日志被改动过，最先在{_place(report.findings[0])}。[/red]")
    return False


def _place(finding: Finding) -> str:
    if finding.first == finding.last:
        return f"第 {finding.first} 条"
    return f"第 {finding.first}－{finding.last} 条之间"
