"""What the evidence of a vetting looks like (R29): its sections, in the order in which they print.

The canonical form of the evidence has exactly these fields, keys sorted, personal texts sealed.
What changes it changes bytes that were promised to stay: it then becomes another form, and evidence
that was frozen under an older one is still made as it was.
"""

from datetime import date, datetime
from typing import Literal

from service.domain.endorsement import Performance
from service.projections.model import Answer, Sealed
from service.projections.off_duty_answer import Entry, Month, Totals
from service.projections.vetting_evidence_consultations_answer import (
    AbsenceShown,
    EvidenceConsultation,
)
from service.projections.vetting_evidence_decisions_answer import (
    CommendationShown,
    DecisionShown,
    DisqualificationShown,
    EvidenceObjection,
    FieldInquiryShown,
    RoleModelShown,
)
from service.projections.vetting_evidence_statement import Ended, Said, SignatureShown

__all__ = ["VettingEvidence"]


class EvidenceVetting(Answer):
    """所考察的事项。"""

    decision_id: str
    """任前考察标识。"""
    organisation_id: str
    """启动考察的干部管理机关。"""
    period: str
    """考察期间，如 2021-03-01/2026-09-30。"""
    team: list[str]
    """考察组成员（人员标识）。"""
    opened: Said
    """启动。"""


class OrganisationNamed(Answer):
    """材料中出现的组织。"""

    organisation_id: str
    """组织标识。"""
    name: str
    """名称。"""
    position: int
    """登记该组织的日志位置。"""


class BranchSpell(Answer):
    """在一个党支部的一段时间。"""

    branch_id: str
    """机关党支部。"""
    since: Said
    """入册或者转入；至下一段为止。"""


class ExemptionShown(Answer):
    """免除报到要求。"""

    exemption_id: str
    """免除标识。"""
    reason_code: str
    """原因。"""
    starts_on: date
    """起。"""
    ends_on: date
    """止；提前终止的为实际终止日。"""
    granted: Said
    """免除。"""
    ended: Ended | None
    """提前终止及原因。"""


class EvidenceMember(Answer):
    """党员。"""

    member_id: str
    """党员标识。"""
    member_no: str
    """党员编号。"""
    name: Sealed
    """姓名。"""
    branches: list[BranchSpell]
    """历次所在党支部，最后一个为现在所在。"""
    exemptions: list[ExemptionShown]
    """历次免除报到要求。"""


class CertificateShown(Answer):
    """活动证。"""

    certificate_no: str
    """编号。"""
    branch_id: str
    """发证的党支部。"""
    state: Literal["valid", "lost", "full", "withdrawn", "replaced"]
    """状态：valid 有效，lost 挂失，full 记满，withdrawn 收回，replaced 已换发。"""
    issued: Said
    """发证。"""
    signature: SignatureShown | None
    """发证的签名。"""
    ended: Ended | None
    """挂失、记满、收回或者换发；有效的为空。"""


class EvidenceRegistration(Answer):
    """报到。转移报到后，新旧社区各为一项。"""

    registration_id: str
    """报到标识。"""
    community_id: str
    """社区党组织。"""
    certificate_no: str | None
    """所持活动证；转移的为空。"""
    transferred_from: str | None
    """由哪一次报到转移而来；首次的为空。"""
    state: Literal["waiting", "accepted", "declined", "transferred", "deregistered"]
    """状态：waiting 待接收，accepted 已接收，declined 不予接收，transferred 已转出，
    deregistered 已注销。"""
    deadline: datetime | None
    """报到期限；没有期限的为空。"""
    late: bool
    """是否逾期报到。"""
    receipt_no: str | None
    """回执编号。"""
    presented: Said
    """报到或者提出转移。"""
    answered: Ended | None
    """社区接收或者不予接收。"""
    ended: Ended | None
    """注销或者转出。"""


class EndorsedBy(Answer):
    """现行认定由谁签名。"""

    stated: Said
    """认定：单位、人员。"""
    signature: SignatureShown | None
    """签名；签名制度实行之前的为空。"""


class EvidenceEntry(Entry):
    """一次参加及其认定的出处。"""

    recorded: Said
    """首次记录。"""
    endorsed: EndorsedBy | None
    """现行认定的出处；没有认定的为空。"""


class YearOfRecord(Answer):
    """一个年度的八小时外记录，按凭据等级和台账合计。"""

    year: int
    """年度。"""
    totals: Totals
    """全年合计。"""
    months: list[Month]
    """十二个月。"""
    entries: list[EvidenceEntry]
    """参加记录，按开始时间排列。"""


class InspectionShown(Answer):
    """该党员所在党支部的一次月查。"""

    inspection_id: str
    """月查标识。"""
    branch_id: str
    """机关党支部。"""
    month: str
    """月份。"""
    confirmed: Said
    """确认。"""


class EvidenceDiscrepancy(Answer):
    """月查发现的差异。"""

    discrepancy_id: str
    """差异标识。"""
    inspection_id: str
    """月查标识。"""
    participation_id: str | None
    """所涉参加记录。"""
    kind: str
    """差异类型。"""
    state: Literal["open", "dismissed", "resolved"]
    """状态：open 未处理，dismissed 不作为差异，resolved 已处理。"""
    note: Sealed | None
    """说明。"""
    reason_code: str | None
    """不作为差异的原因。"""
    resolution: str | None
    """处理方式。"""
    disputed: bool
    """是否有未决异议。"""
    found: Said
    """发现，或者不作为差异。"""
    resolved: Ended | None
    """处理。"""


class FeedbackShown(Answer):
    """社区的季度反馈。"""

    feedback_id: str
    """反馈标识。"""
    community_id: str
    """社区党组织。"""
    quarter: str
    """季度。"""
    performance: Performance
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    text: Sealed | None
    """文字说明。"""
    disputed: bool
    """是否有未决异议。"""
    given: Said
    """反馈。"""


class EvidenceReading(Answer):
    """一次查阅该党员的个人信息。"""

    number: int
    """查阅序号。"""
    at: datetime
    """时间。"""
    organisation_id: str
    """为哪个组织查阅。"""
    person: str | None
    """查阅人；系统自行查阅的为空。"""
    role: str | None
    """身份。"""
    purpose: str
    """用途。"""
    fields: list[str]
    """所查阅的文字。"""
    position: int
    """所查阅内容截至的日志位置。"""


class VettingEvidence(Answer):
    """考察材料：截至一个日志位置，该党员的全部记录。同一次固定的材料，任何时候打开都相同。"""

    form: Literal[1]
    """格式版本。"""
    vetting: EvidenceVetting
    """所考察的事项。"""
    position: int
    """截至的日志位置。"""
    readings_up_to: int
    """截至的查阅序号。"""
    calendars: list[str]
    """划分八小时内外所依据的放假安排及其版本。"""
    organisations: list[OrganisationNamed]
    """材料中出现的组织。"""
    member: EvidenceMember
    """党员。"""
    certificates: list[CertificateShown]
    """活动证。"""
    registrations: list[EvidenceRegistration]
    """报到。"""
    off_duty_record: list[YearOfRecord]
    """八小时外记录，按年度。"""
    inspections: list[InspectionShown]
    """所在党支部的月查。"""
    discrepancies: list[EvidenceDiscrepancy]
    """月查差异。"""
    feedback: list[FeedbackShown]
    """季度反馈。"""
    consultations: list[EvidenceConsultation]
    """征求意见及社区意见。"""
    absences: list[AbsenceShown]
    """从未报到的说明。"""
    decisions: list[DecisionShown]
    """评议考核结论，含特批和复议。"""
    commendations: list[CommendationShown]
    """评优。"""
    disqualifications: list[DisqualificationShown]
    """取消评优评先资格。"""
    role_models: list[RoleModelShown]
    """先进典型。"""
    objections: list[EvidenceObjection]
    """异议及其办理情况。"""
    field_inquiries: list[FieldInquiryShown]
    """实地了解。"""
    readings: list[EvidenceReading]
    """查阅记录。"""
    as_of_position: int
    """数据截至的日志位置，与 position 相同。"""
