"""考察材料 as a document: what the evidence of a vetting says, in its order (R30).

It is printed beside the evidence itself, which is what signatures and hashes stand for; the code on
it says which evidence that is and which tree of the log it rests on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.decision_purpose import period_word
from service.printing.decision_sections import (
    absences,
    consequences,
    consultations,
    decisions,
    field_inquiries,
    objections,
)
from service.printing.document import Code, Document, Facts, Section, Text
from service.printing.record_sections import (
    member_and_certificates,
    off_duty_record,
    readings,
    registrations,
    supervision,
)
from service.printing.wording import NONE, Speakers, day
from service.projections.vetting_evidence_answer import VettingEvidence
from service.trust.transparency.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Frozen:
    """Under what the evidence was frozen: `EvidenceFrozen`, as far as it is printed."""

    digest: str
    """SHA-256 of the evidence in its canonical form, in hexadecimal."""
    checkpoint: str
    """The signed note."""
    frozen_on: date


def evidence_document(
    evidence: VettingEvidence, frozen: Frozen, purposes: Mapping[str, str]
) -> Document:
    """The evidence, opened for its reader; ``purposes`` are the words of what was read for.

    Raises MalformedCheckpoint.
    """
    said = Speakers(evidence.organisations)
    vetting, member = evidence.vetting, evidence.member
    branch = member.branches[-1].branch_id if member.branches else ""
    pairs: list[tuple[str, Text]] = [
        ("姓　　名", member.name),
        ("党员编号", member.member_no),
        ("所在支部", said.name(branch) or NONE),
        ("考察机关", said.name(vetting.organisation_id)),
        ("考察期间", period_word(vetting.period)),
        ("考察组成员", "、".join(vetting.team)),
        ("启动考察", said.said(vetting.opened)),
        ("材料固定", f"{day(frozen.frozen_on)}，截至日志第{evidence.position}号"),
        ("放假安排", "；".join(evidence.calendars) or NONE),
    ]
    sections = (
        Section("党员及活动证", member_and_certificates(evidence, said)),
        Section("报到情况", registrations(evidence, said)),
        Section("八小时外记录", *off_duty_record(evidence, said)),
        Section("月查与季度反馈", supervision(evidence, said)),
        Section("征求社区党组织意见", consultations(evidence, said)),
        Section("未报到的说明", absences(evidence, said)),
        Section("评议考核结论", decisions(evidence, said)),
        Section("奖惩与先进典型", consequences(evidence, said)),
        Section("异议及其办理", objections(evidence, said)),
        Section("实地了解", field_inquiries(evidence, said)),
        Section("个人信息查阅记录", readings(evidence, said, purposes)),
    )
    return Document(
        title="任前考察材料",
        note="内部材料，注意保管。凡标有【有异议】的，党员已提出异议，尚未答复。",
        made_on=frozen.frozen_on,
        running=(f"考察编号 {vetting.decision_id}", f"材料摘要 {frozen.digest[:16]}"),
        facts=Facts(tuple(pairs)),
        sections=sections,
        code=_code(frozen),
    )


def _code(frozen: Frozen) -> Code:
    text, _, _ = frozen.checkpoint.partition("\n\n")
    tree = Checkpoint.parse(f"{text}\n")
    origin, size, root = str(tree).split("\n")[:3]
    beside = (
        ("材料摘要", f"{frozen.digest[:32]}\n{frozen.digest[32:]}"),
        ("日志", origin),
        ("检查点", f"共{size}号"),
        ("树根", root),
        ("核对", "以随附的 verify.py 核验电子材料，所得材料摘要（SHA-256）和检查点应与本页一致。"),
    )
    return Code(f"sha256:{frozen.digest}\n{origin}\n{size}\n{root}\n", beside)
