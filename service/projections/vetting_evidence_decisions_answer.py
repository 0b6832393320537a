"""What was decided and objected to, as the evidence of a vetting shows it (R29)."""

from datetime import date
from typing import Literal

from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.projections.model import Answer, Sealed
from service.projections.vetting_evidence_statement import Ended, Said


class OverrideShown(Answer):
    """一次特批。"""

    override_id: str
    """特批标识。"""
    conditions: list[str]
    """特批时未满足的条件。"""
    reason: Sealed
    """原因。"""
    stated: Said
    """特批：单位、人员。"""


class ConclusionShown(Answer):
    """所作结论。"""

    result: DecisionResult
    """结论。"""
    document_no: str
    """依据文号。"""
    reason: Sealed
    """理由。"""
    opinion_ids: list[str]
    """所依据的社区意见。"""
    notices: list[str]
    """作出结论时的提示。"""
    overridden: list[str]
    """经特批未满足的条件。"""
    override_ids: list[str]
    """所依据的特批。"""
    stated: Said
    """结论：单位、人员。"""


class RevisionShown(Answer):
    """一次复议。"""

    result: DecisionResult
    """复议后的结论。"""
    objection_id: str
    """所依据的异议。"""
    reason: Sealed
    """理由。"""
    stated: Said
    """复议：单位、人员。"""


class NoticePosting(Answer):
    """任前公示。"""

    starts_on: date
    """起。"""
    ends_on: date
    """止。"""
    calendars: list[str]
    """计算工作日所依据的放假安排。"""
    place: str
    """公示地点。"""
    stated: Said
    """出处。"""


class DecisionShown(Answer):
    """一次评议考核或者任前考察。"""

    decision_id: str
    """评议考核标识。"""
    purpose: DecisionPurpose
    """事项。"""
    period: str
    """期间。"""
    result: DecisionResult | None
    """现行结论；尚未作出的为空。"""
    disputed: bool
    """是否有未决异议。"""
    opened: Said
    """启动。"""
    overrides: list[OverrideShown]
    """特批。"""
    public_notices: list[NoticePosting]
    """任前公示；仅任前考察有。"""
    conclusion: ConclusionShown | None
    """所作结论。"""
    revisions: list[RevisionShown]
    """历次复议。"""


class CommendationShown(Answer):
    """评优。"""

    commendation_id: str
    """评优标识。"""
    year: int
    """年度。"""
    title: str
    """称号。"""
    document_no: str
    """依据文号。"""
    cause_event_ids: list[str]
    """所依据的事件。"""
    reason: Sealed | None
    """理由。"""
    concluded: Said
    """结论：单位、人员。"""
    revoked: Ended | None
    """撤销及原因。"""


class DisqualificationShown(Answer):
    """取消评优评先资格。"""

    disqualification_id: str
    """标识。"""
    year: int
    """年度。"""
    document_no: str
    """依据文号。"""
    cause_event_ids: list[str]
    """所依据的事件。"""
    reason: Sealed | None
    """理由。"""
    disputed: bool
    """是否有未决异议。"""
    concluded: Said
    """结论：单位、人员。"""
    revoked: Ended | None
    """撤销及原因。"""


class RoleModelShown(Answer):
    """先进典型。"""

    role_model_id: str
    """标识。"""
    community_id: str
    """推荐的社区党组织。"""
    deeds: Sealed
    """事迹。"""
    state: Literal["nominated", "agreed", "refused", "publicised"]
    """状态：nominated 已推荐，agreed 单位已同意，refused 单位不同意，publicised 已宣传。"""
    nominated: Said
    """推荐。"""
    answered: Ended | None
    """单位同意或者不同意。"""
    publicised: Said | None
    """宣传。"""


class AnswerShown(Said):
    """异议的答复。"""

    answering_id: str
    """答复的组织。"""
    outcome: ObjectionOutcome
    """upheld 成立，partly 部分成立，rejected 不成立。"""
    text: Sealed
    """答复内容。"""


class EvidenceObjection(Answer):
    """异议。"""

    objection_id: str
    """异议标识。"""
    against: ObjectionSubject
    """异议对象。"""
    subject_id: str
    """所异议的记录；对意见的，为征求意见标识。"""
    against_event_id: str
    """所异议的事件。"""
    state: Literal["open", "escalated", "answered", "withdrawn"]
    """状态：open 待答复，escalated 已提级，answered 已答复，withdrawn 已撤回。"""
    text: Sealed
    """异议内容。"""
    notified_on: date
    """告知日期。"""
    raised_on: date
    """提出日期。"""
    answer_due_on: date
    """答复期限；提级后为上级的期限。"""
    on_paper: bool
    """是否由党支部代为登记。"""
    raised: Said
    """提出。"""
    escalated: Said | None
    """提级。"""
    answer: AnswerShown | None
    """答复。"""
    withdrawn: Said | None
    """撤回。"""


class FieldInquiryShown(Answer):
    """实地了解。"""

    inquiry_id: str
    """标识。"""
    decision_id: str
    """所属的任前考察。"""
    held_on: date
    """日期。"""
    inquirers: list[str]
    """了解人（人员标识）。"""
    interviewees: int
    """谈话人数。"""
    findings: Sealed
    """了解到的情况。"""
    stated: Said
    """出处。"""
