"""Shows one member's off-duty record as a table in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.data.calendars import published_calendars
from service.demonstration.bureau import PROTAGONIST
from service.demonstration.step import YEAR
from service.demonstration.supervision import COMMITTEE, COMMITTEE_NAME
from service.domain.evidence import GRADE_WORDS
from service.domain.participation import Ledger
from service.eventstore import EventLog
from service.installation import Installation
from service.projections import membership, off_duty_record
from service.projections.membership import MemberDetails
from service.projections.off_duty_answer import Entry, Minutes, OffDutyRecord
from service.projections.runner import Runner
from service.trust.keyring import KeyRing

_LEDGERS: dict[Ledger, str] = {"duty": "组织安排", "voluntary": "自愿服务"}
_STATES = {"endorsed": "已认定", "unendorsed": "待认定", "declined": "不予认定", "voided": "已作废"}


def hours(minutes: int) -> str:
    """Minutes as hours and minutes: 95 is 1:35."""
    return f"{minutes // 60}:{minutes % 60:02}"


async def show(
    installed: Installation, console: Console, port: int, member_id: str = PROTAGONIST
) -> None:
    """Prints the member's record of the year, and which page to open."""
    views = (membership.VIEW, off_duty_record.VIEW)
    async with (
        EventLog.open(installed.app_url, installed.master) as log,
        Runner.running(log, views) as runner,
    ):
        with console.status("正在更新视图……"):
            await runner.caught_up(await log.head())
        member = await membership.member(log.pool, member_id)
        record = await off_duty_record.fetch(log.pool, member_id, YEAR, published_calendars())
        if member is None or record is None:
            console.print("日志中没有演示数据，没有可以显示的记录。")
            return
        await log.keyring.load([(member_id, "identity"), (member_id, "assessment")])
        _print(console, log.keyring, member, record)
    place = f"http://127.0.0.1:{port}"
    console.print(
        f"\n同一份记录的接口：{place}/api/v1/members/{member_id}/off-duty-record?year={YEAR}",
        soft_wrap=True,
    )
    console.print(
        f"督查情况（{COMMITTEE_NAME}及其党支部，应办、已办、逾期）的接口："
        f"{place}/api/v1/supervision-board?organisation_id={COMMITTEE}&year={YEAR}",
        soft_wrap=True,
    )
    console.print(
        f"启动服务（make run）后，用浏览器打开 {place}/docs 查看全部接口说明。", soft_wrap=True
    )


def _print(
    console: Console, keyring: KeyRing, member: MemberDetails, record: OffDutyRecord
) -> None:
    name = keyring.open(member.member_id, "identity", "name", member.name)
    console.print()
    console.print(f"[bold]{name}[/bold] 同志{record.year}年八小时外记录", highlight=False)
    console.print(f"党员编号 {member.member_no}　{_registration(record)}", highlight=False)
    console.print(_entries(keyring, record))
    console.print(_totals(record))
    totals = record.totals
    if totals.unendorsed_minutes:
        console.print(f"另有未经认定的 {hours(totals.unendorsed_minutes)}，不计入合计。")
    if totals.pending_minutes:
        console.print(f"另有 {hours(totals.pending_minutes)} 待放假安排公布后认定。")
    console.print(
        "时外：八小时之外，计入；时内：八小时之内，只显示、不计入。组织安排与自愿服务分别统计。"
        f"数据截至日志第{record.as_of_position}条。"
    )


def _registration(record: OffDutyRecord) -> str:
    registration = record.registration
    if registration is None:
        return "尚未报到"
    if registration.accepted_at is None:
        return f"{registration.registered_at:%Y年%-m月%-d日}报到，尚未接收"
    return (
        f"{registration.registered_at:%Y年%-m月%-d日}报到，"
        f"{registration.accepted_at:%-m月%-d日}社区接收（回执 {registration.receipt_no}）"
    )


def _entries(keyring: KeyRing, record: OffDutyRecord) -> Table:
    table = Table(
        title="参加记录", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, expand=True
    )
    # What was done gives way on a narrow terminal; everything else stays readable.
    table.add_column("时间", width=18)
    table.add_column("内容", no_wrap=True, ratio=1, min_width=12)
    table.add_column("台账", width=4)
    for heading in ("时外", "时内"):
        table.add_column(heading, justify="right", width=5)
    table.add_column("级", width=2)
    table.add_column("认定", width=9)
    for entry in record.entries:
        content = keyring.open(record.member_id, "assessment", "content", entry.content)
        table.add_row(
            f"{entry.starts_at:%m-%d %H:%M}－{entry.ends_at:%H:%M}",
            Text(content.rstrip("。")),
            _LEDGERS[entry.ledger][:2],
            hours(entry.outside_minutes),
            hours(entry.inside_minutes),
            entry.grade or "—",
            _verdict(entry),
        )
    return table


def _verdict(entry: Entry) -> str:
    words = _STATES[entry.state]
    if entry.endorsement is not None:
        words = entry.endorsement.performance.word
    if entry.corrections:
        words += " 更正"
    return words


def _totals(record: OffDutyRecord) -> Table:
    table = Table(title="已认定合计", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("项目")
    for heading in ("次数", "时外", "时内"):
        table.add_column(heading, justify="right")

    def row(words: str, minutes: Minutes, style: str | None = None) -> None:
        table.add_row(
            words,
            str(minutes.participations),
            hours(minutes.outside_minutes),
            hours(minutes.inside_minutes),
            style=style,
        )

    for month in record.months:
        if month.participations:
            row(f"{int(month.month[-2:])}月", month)
    table.add_section()
    for ledger, minutes in record.totals.by_ledger.items():
        row(_LEDGERS[ledger], minutes, "bold")
    table.add_section()
    for grade, minutes in record.totals.by_grade.items():
        if minutes.participations:
            row(f"{grade}　{GRADE_WORDS[grade]}", minutes)
    return table
