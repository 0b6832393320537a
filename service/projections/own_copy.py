"""本人的副本: everything the service holds about a member, in one document for the member (R38).

Its sections are those of the evidence of a vetting, made of the same events by the same folds, and
what only the views hold beside them. It is not signed and is made anew each time: it says what is
held now. Texts are left sealed here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from service.projections.audit_answer import AuditItem
from service.projections.model import Answer, Sealed
from service.projections.notices import Notice
from service.projections.vetting_evidence_answer import (
    CertificateShown,
    EvidenceDiscrepancy,
    EvidenceMember,
    EvidenceReading,
    EvidenceRegistration,
    FeedbackShown,
    InspectionShown,
    OrganisationNamed,
    YearOfRecord,
)
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

OTHERS = "（其他党员）"
"""What stands in place of whoever an event is about as well."""


class ContactsCopied(Answer):
    """登记的联系方式和特长。公民身份号码只作核对之用，不提供查询。"""

    phone: Sealed
    """名册登记的联系电话。"""
    specialities: list[str]
    """特长。"""
    residence: Sealed | None
    """报到时填写的居住地址。"""
    contact_phone: Sealed | None
    """报到时填写的联系电话。"""
    service_intentions: list[str]
    """服务意向。"""


class FindingCopied(Answer):
    """一条考核规则的情况。"""

    rule: str
    """规则的文字表述。"""
    found: str
    """计得的情况。"""
    required: str
    """要求。"""
    holds: bool
    """是否符合。"""


class EvaluationCopied(Answer):
    """一个年度按一个规则包考核的结果；只供人参考，不自动产生任何后果。"""

    year: int
    """年度。"""
    name: str
    """规则包名称。"""
    document_no: str
    """文号。"""
    passes: bool | None
    """是否合格；免予报到的不考核，为空。"""
    findings: list[FindingCopied]
    """逐条规则的情况。"""


class OwnCopy(Answer):
    """本人的副本：本系统所存的本人的全部记录，截至一个日志位置。"""

    made_at: datetime
    """制作时间。"""
    organisations: list[OrganisationNamed]
    """副本中出现的组织。"""
    member: EvidenceMember
    """本人。"""
    contacts: ContactsCopied
    """登记的联系方式和特长。"""
    certificates: list[CertificateShown]
    """活动证。"""
    registrations: list[EvidenceRegistration]
    """报到。"""
    off_duty_record: list[YearOfRecord]
    """八小时外记录，按年度。"""
    evaluations: list[EvaluationCopied]
    """按考核规则衡量的结果，按年度。"""
    inspections: list[InspectionShown]
    """所在党支部的月查。"""
    discrepancies: list[EvidenceDiscrepancy]
    """月查差异。"""
    feedback: list[FeedbackShown]
    """季度反馈。"""
    consultations: list[EvidenceConsultation]
    """征求意见及社区意见，对社区隐去事项的也如实列出。"""
    absences: list[AbsenceShown]
    """从未报到的说明。"""
    decisions: list[DecisionShown]
    """评议考核结论，含任前考察、特批和复议。"""
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
    notices: list[Notice]
    """收到的通知，最近的在前。"""
    readings: list[EvidenceReading]
    """何人、为哪个组织、以何目的查阅过，依先后排列；制作本副本的查阅不在其中。"""
    audit_trail: list[AuditItem]
    """有关本人的每一个事件，依先后排列；事件涉及的其他党员从略。"""
    as_of_position: int
    """数据截至的日志位置。"""


class OwnOpinions(Answer):
    """社区对本人的意见和反馈。"""

    consultations: list[EvidenceConsultation]
    """征求意见及社区意见，对社区隐去事项的也如实列出。"""
    feedback: list[FeedbackShown]
    """季度反馈。"""
    absences: list[AbsenceShown]
    """从未报到的说明。"""
    as_of_position: int
    """数据截至的日志位置。"""


class OwnDecisions(Answer):
    """对本人作出的结论。"""

    decisions: list[DecisionShown]
    """评议考核结论，含任前考察、特批和复议。"""
    commendations: list[CommendationShown]
    """评优。"""
    disqualifications: list[DisqualificationShown]
    """取消评优评先资格。"""
    role_models: list[RoleModelShown]
    """先进典型。"""
    discrepancies: list[EvidenceDiscrepancy]
    """月查差异。"""
    as_of_position: int
    """数据截至的日志位置。"""


def of_oneself(item: AuditItem, member_id: str) -> dict[str, Any]:
    """An event as it is shown to one of those it is about: of the others it names nobody."""
    shown = item.model_dump(mode="json")
    others = {
        each.id: each.name
        for each in item.subjects
        if each.kind == "member" and each.id != member_id
    }
    if not others:
        return shown
    shown["subjects"] = [each for each in shown["subjects"] if each["id"] not in others]
    hidden = {*others, *filter(None, others.values())}
    return _without(shown, sorted(hidden, key=len, reverse=True))


def _without(shown: Mapping[str, Any], hidden: list[str]) -> dict[str, Any]:
    text = orjson.dumps(shown).decode()
    for each in hidden:
        text = text.replace(each, OTHERS)
    found: dict[str, Any] = orjson.loads(text)
    return found
