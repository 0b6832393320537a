"""What the record says of a member: the card, registration, service, supervision, readings."""

from collections.abc import Mapping

from service.domain.endorsement import EndorsementDeclineReason
from service.domain.evidence import GRADE_WORDS
from service.domain.exemption import ExemptionReason
from service.domain.inspection import DiscrepancyKind, DismissalReason, Resolution
from service.domain.registration import DeclineReason, DeregistrationReason
from service.domain.service_post import post_category_word
from service.printing.document import (
    Block,
    Cell,
    Column,
    Facts,
    Paragraph,
    Section,
    Table,
    Text,
    marks,
)
from service.printing.wording import NONE, Speakers, day, lines, moment, signed, span, word
from service.projections.off_duty_answer import Minutes
from service.projections.own_copy import OwnCopy
from service.projections.vetting_evidence_answer import (
    EvidenceEntry,
    VettingEvidence,
    YearOfRecord,
)

Held = VettingEvidence | OwnCopy
"""What is held about a member, for a vetting or for themselves: the same sections."""

LEDGERS = {"duty": "组织安排", "voluntary": "自愿服务"}
_CERTIFICATE = {
    "valid": "有效",
    "lost": "遗失",
    "full": "填满",
    "withdrawn": "收回",
    "replaced": "已换发",
}
_REGISTRATION = {
    "waiting": "待接收",
    "accepted": "已接收",
    "declined": "不予接收",
    "transferred": "已转出",
    "deregistered": "已注销",
}
_ENTRY = {"endorsed": "", "unendorsed": "待认定", "declined": "不予认定", "voided": "已作废"}
_DISCREPANCY = {"open": "未处理", "dismissed": "不作差异", "resolved": "已处理"}


def member_and_certificates(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Which branches the member belonged to, exemptions, and the cards."""
    pairs: list[tuple[str, Text]] = [
        ("所在支部", f"{said.name(each.branch_id)}\n自 {said.said(each.since)}")
        for each in held.member.branches
    ]
    pairs += [
        (
            "免予报到",
            lines(
                f"{word(each.reason_code, ExemptionReason)}："
                f"{day(each.starts_on)}至{day(each.ends_on)}",
                said.said(each.granted),
                said.ended("提前终止", each.ended),
            ),
        )
        for each in held.member.exemptions
    ]
    pairs += [
        (
            "活动证",
            lines(
                f"{each.certificate_no}，{_CERTIFICATE[each.state]}",
                f"发证：{said.said(each.issued)}，{signed(each.signature)}",
                said.also(_CERTIFICATE[each.state], each.ended),
            ),
        )
        for each in held.certificates
    ]
    return (Facts(tuple(pairs)),)


def registrations(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Each registration; those by transfer too."""
    if not held.registrations:
        return (Paragraph("从未到社区报到。"),)
    pairs = []
    for each in held.registrations:
        how = "转移报到" if each.transferred_from else "报到"
        late = "（逾期）" if each.late else ""
        deadline = f"报到期限：{moment(each.deadline)}{late}" if each.deadline else late
        receipt = each.receipt_no and f"回执编号：{each.receipt_no}"
        answered = "不予接收" if each.state == "declined" else "接收"
        text = lines(
            f"{said.name(each.community_id)}，{_REGISTRATION[each.state]}",
            f"{how}：{said.said(each.presented)}",
            deadline,
            said.ended(answered, each.answered, DeclineReason),
            receipt,
            said.ended("转出、注销", each.ended, DeregistrationReason),
        )
        pairs.append((how, text))
    return (Facts(tuple(pairs)),)


def off_duty_record(held: Held, said: Speakers) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """What is said before the years, and each year."""
    if not held.off_duty_record:
        return (Paragraph("没有参加记录。"),), ()
    grades = "；".join(f"{grade} {text}" for grade, text in GRADE_WORDS.items())
    opening = (
        "分钟数均为整分钟，只有已认定且未作废的参加记录计入；"
        f"组织安排与自愿服务分列两个台账。凭据等级：{grades}。"
        "外、内、待定依次为八小时外、八小时内和放假安排尚未公布的分钟数；"
        "认定一栏依次为表现、认定人、时间、日志序号和签名密钥（社区自有，或由系统代管）。"
    )
    years = tuple(_year(each, said) for each in held.off_duty_record)
    return (Paragraph(opening),), years


def _year(year: YearOfRecord, said: Speakers) -> Section:
    groups: list[tuple[str, Minutes]] = [
        *((f"凭据等级{grade}", of) for grade, of in sorted(year.totals.by_grade.items())),
        *((LEDGERS[ledger], of) for ledger, of in sorted(year.totals.by_ledger.items())),
    ]
    totals = [
        (
            name,
            str(of.participations),
            str(of.outside_minutes),
            str(of.inside_minutes),
            str(of.pending_minutes),
        )
        for name, of in groups
        if of.participations
    ]
    entries = [_entry(each, said) for each in year.entries]
    return Section(
        f"{year.year}年度",
        (Table(_TOTALS, totals), Table(_ENTRIES, entries)) if entries else (Paragraph(NONE),),
    )


_TOTALS = (
    Column("合计", 6),
    Column("次数", 3, figures=True),
    Column("八小时外（分钟）", 4, figures=True),
    Column("八小时内（分钟）", 4, figures=True),
    Column("待定（分钟）", 4, figures=True),
)
_ENTRIES = (
    Column("时间", 11),
    Column("内容", 29),
    Column("等级", 5),
    Column("外", 5, figures=True),
    Column("内", 5, figures=True),
    Column("待定", 5, figures=True),
    Column("认定及签名", 25),
)


def _entry(entry: EvidenceEntry, said: Speakers) -> tuple[Text, ...]:
    about = (
        post_category_word(entry.category),
        entry.kind.word,
        LEDGERS[entry.ledger],
        said.name(entry.community_id),
    )
    what = lines(
        entry.content,
        "，".join(dict.fromkeys(about)),
        *(f"更正（{moment(each.recorded_at)}）：{each.reason}" for each in entry.corrections),
        *(f"作废（{moment(each.recorded_at)}）：{each.reason}" for each in [entry.voided] if each),
    )
    return (
        span(entry.starts_at, entry.ends_at),
        Cell(what, marks(disputed=entry.disputed, voided=entry.state == "voided")),
        entry.grade or "—",
        str(entry.outside_minutes),
        str(entry.inside_minutes),
        str(entry.pending_minutes),
        _endorsed(entry),
    )


def _endorsed(entry: EvidenceEntry) -> str:
    revoked = [
        f"撤销认定（{moment(each.recorded_at)}）：{each.reason}" for each in entry.revocations
    ]
    if entry.declined is not None:
        reason = word(entry.declined.reason_code, EndorsementDeclineReason)
        note = f"，{entry.declined.note}" if entry.declined.note else ""
        return lines(f"不予认定：{reason}{note}", *revoked)
    if entry.endorsement is None or entry.endorsed is None:
        return lines(_ENTRY[entry.state], *revoked)
    stated = entry.endorsed.stated
    comment = f"，{entry.endorsement.comment}" if entry.endorsement.comment else ""
    return lines(
        f"{entry.endorsement.performance.word}{comment}",
        f"{stated.person}\n{moment(stated.occurred_at)} 第{stated.position}号",
        signed(entry.endorsed.signature),
        *revoked,
    )


def supervision(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Inspections, what they found, and quarterly feedback."""
    blocks: list[Block] = []
    if held.inspections:
        inspections = dict[str, list[str]]()
        for each in held.inspections:
            confirmed = f"{each.month}（日志第{each.confirmed.position}号）"
            inspections.setdefault(each.branch_id, []).append(confirmed)
        blocks += [
            Paragraph(f"{said.name(branch)}月查{len(months)}次：{'、'.join(months)}。")
            for branch, months in inspections.items()
        ]
    if held.discrepancies:
        rows = [
            (
                Cell(word(each.kind, DiscrepancyKind), marks(disputed=each.disputed)),
                lines(each.note, said.said(each.found)),
                lines(
                    _DISCREPANCY[each.state],
                    each.reason_code and word(each.reason_code, DismissalReason),
                    each.resolution and word(each.resolution, Resolution),
                    said.ended("处理", each.resolved),
                ),
            )
            for each in held.discrepancies
        ]
        blocks.append(Table((Column("月查差异", 5), Column("情况", 9), Column("处理", 9)), rows))
    if held.feedback:
        told = [
            (
                each.quarter,
                Cell(each.performance.word, marks(disputed=each.disputed)),
                lines(each.text, said.said(each.given)),
            )
            for each in held.feedback
        ]
        columns = (Column("季度", 3), Column("表现", 4), Column("社区反馈", 14))
        blocks.append(Table(columns, told))
    return tuple(blocks) or (Paragraph(NONE),)


def readings(held: Held, said: Speakers, purposes: Mapping[str, str]) -> tuple[Block, ...]:
    """Who read what about the member; ``purposes`` are the words of what for."""
    rows = [
        (
            str(each.number),
            moment(each.at),
            said.name(each.organisation_id),
            each.person or "系统",
            purposes.get(each.purpose, each.purpose),
        )
        for each in held.readings
    ]
    if not rows:
        return (Paragraph(NONE),)
    return Paragraph("编号为全系统统一编号，因此并不连续。"), Table(_READINGS, rows)


_READINGS = (
    Column("编号", 3),
    Column("时间", 5),
    Column("查阅单位", 8),
    Column("查阅人", 6),
    Column("查阅目的", 7),
)
