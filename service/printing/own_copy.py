"""本人记录副本 as a document: all that is held about a member, for the member (R38)."""

from collections.abc import Mapping

from service.domain.event import SHANGHAI
from service.printing.decision_sections import (
    absences,
    consequences,
    consultations,
    decisions,
    field_inquiries,
    objections,
)
from service.printing.document import (
    Block,
    Column,
    Document,
    Facts,
    Paragraph,
    Section,
    Table,
    Text,
)
from service.printing.record_sections import (
    member_and_certificates,
    off_duty_record,
    readings,
    registrations,
    supervision,
)
from service.printing.wording import NONE, Speakers, day, lines, moment
from service.projections.own_copy import OwnCopy


def copy_document(copy: OwnCopy, purposes: Mapping[str, str]) -> Document:
    """The copy, opened; ``purposes`` are the words of what was read for."""
    said = Speakers(copy.organisations)
    member, contacts = copy.member, copy.contacts
    branch = member.branches[-1].branch_id if member.branches else ""
    made = copy.made_at.astimezone(SHANGHAI)
    pairs: list[tuple[str, Text]] = [
        ("姓　　名", member.name),
        ("党员编号", member.member_no),
        ("所在支部", said.name(branch) or NONE),
        ("联系电话", contacts.phone),
        ("居住地址", contacts.residence or NONE),
        ("报到时电话", contacts.contact_phone or NONE),
        ("特　　长", "、".join(contacts.specialities) or NONE),
        ("服务意向", "、".join(contacts.service_intentions) or NONE),
        ("制作时间", f"{day(made.date())}{made:%H:%M}，截至日志第{copy.as_of_position}号"),
    ]
    sections = (
        Section("本人及活动证", member_and_certificates(copy, said)),
        Section("报到情况", registrations(copy, said)),
        Section("八小时外记录", *off_duty_record(copy, said)),
        Section("考核结果", _evaluations(copy)),
        Section("月查与季度反馈", supervision(copy, said)),
        Section("征求社区党组织意见", consultations(copy, said)),
        Section("未报到的说明", absences(copy, said)),
        Section("评议考核结论", decisions(copy, said)),
        Section("奖惩与先进典型", consequences(copy, said)),
        Section("异议及其办理", objections(copy, said)),
        Section("实地了解", field_inquiries(copy, said)),
        Section("收到的通知", _notices(copy)),
        Section("个人信息查阅记录", readings(copy, said, purposes)),
        Section("审计记录", _audit_trail(copy)),
    )
    return Document(
        title="本人记录副本",
        note="依本人申请制作，供本人查阅、留存。凡标有【有异议】的，异议尚未答复。",
        made_on=made.date(),
        running=(f"党员编号 {member.member_no}", f"截至日志第{copy.as_of_position}号"),
        facts=Facts(tuple(pairs)),
        sections=sections,
    )


def _evaluations(copy: OwnCopy) -> tuple[Block, ...]:
    results = {True: "合格", False: "不合格", None: "不考核"}
    rows: list[tuple[Text, ...]] = [
        (
            f"{each.year}年度",
            lines(each.name, each.document_no),
            results[each.passes],
            lines(
                *(
                    f"{finding.rule}：{finding.found}（要求：{finding.required}），"
                    f"{'符合' if finding.holds else '不符合'}"
                    for finding in each.findings
                )
            ),
        )
        for each in copy.evaluations
    ]
    if not rows:
        return (Paragraph(NONE),)
    columns = (Column("年度", 4), Column("规则", 7), Column("结果", 3), Column("逐条情况", 14))
    return (Paragraph("按规则衡量的结果只供参考，不自动产生任何后果。"), Table(columns, rows))


def _notices(copy: OwnCopy) -> tuple[Block, ...]:
    rows: list[tuple[Text, ...]] = [
        (
            moment(each.told_at),
            each.word,
            lines(
                each.text,
                each.reason,
                each.document_no and f"依据 {each.document_no}",
            ),
        )
        for each in copy.notices
    ]
    if not rows:
        return (Paragraph(NONE),)
    return (Table((Column("时间", 7), Column("类别", 5), Column("内容", 24)), rows),)


def _audit_trail(copy: OwnCopy) -> tuple[Block, ...]:
    rows: list[tuple[Text, ...]] = [
        (str(each.position), moment(each.recorded_at), each.term, each.summary)
        for each in copy.audit_trail
    ]
    if not rows:
        return (Paragraph(NONE),)
    columns = (
        Column("日志序号", 4, figures=True),
        Column("入库时间", 7),
        Column("事件", 6),
        Column("说明", 22),
    )
    return (Table(columns, rows),)
