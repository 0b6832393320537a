"""What the community was asked and said, as the evidence of a vetting shows it (R29)."""

from datetime import date
from typing import Literal

from service.domain.decision_purpose import DecisionPurpose
from service.domain.opinion import Conduct, OpinionFigures
from service.projections.model import Answer, Sealed
from service.projections.vetting_evidence_statement import Ended, Said, SignatureShown


class CountersignatureShown(Answer):
    """会签。"""

    stated: Said
    """会签：单位、人员。"""
    signature: SignatureShown | None
    """会签的签名。"""
    countersigned_on: date
    """会签日期，意见自此有效。"""


class OpinionShown(Answer):
    """社区意见。"""

    opinion_id: str
    """意见标识。"""
    replying_id: str
    """出具意见的社区党组织；社区逾期未出具的，为街道党工委。"""
    state: Literal["given", "countersigned", "withdrawn"]
    """状态：given 待会签，countersigned 已会签，withdrawn 已撤回。"""
    replaces: str | None
    """所替代的已撤回意见。"""
    figures: OpinionFigures
    """所附数据。"""
    social_morality: Conduct
    """社会公德。"""
    community_pledge: Conduct
    """社区公约。"""
    bearing: Conduct
    """作风形象。"""
    overall: Conduct
    """总体评价：good 好，fair 一般，poor 差，no_basis 无从评价。"""
    comment: Sealed | None
    """文字意见。"""
    given: Said
    """签署：单位、人员。"""
    signature: SignatureShown | None
    """签署的签名。"""
    countersigned: CountersignatureShown | None
    """会签；尚未会签的为空。"""
    withdrawn: Ended | None
    """撤回及原因。"""


class ReminderShown(Answer):
    """一次催办。"""

    number: int
    """第几次。"""
    reminded_on: date
    """催办日期。"""
    stated: Said
    """出处。"""


class RecusalShown(Answer):
    """一次回避。"""

    officer_id: str
    """回避的人（人员标识）。"""
    ground: str
    """回避情形。"""
    stated: Said
    """出处。"""


class EvidenceConsultation(Answer):
    """一次征求意见，对社区隐去事项的也如实列出。"""

    consultation_id: str
    """征求意见标识。"""
    purpose: DecisionPurpose
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核，vetting 任前考察。"""
    period: str
    """期间。"""
    to_community_id: str
    """所征求的社区党组织。"""
    document_no: str
    """依据文号。"""
    document_title: str
    """依据文件。"""
    masked: bool
    """是否对社区隐去事项。"""
    due_on: date
    """答复期限。"""
    state: Literal["asked", "answered", "withdrawn"]
    """状态：asked 待答复，answered 已有意见，withdrawn 已撤回。"""
    disputed: bool
    """对意见是否有未决异议。"""
    asked: Said
    """征求。"""
    reminders: list[ReminderShown]
    """催办。"""
    escalated: Said | None
    """提请街道督办。"""
    recusals: list[RecusalShown]
    """回避。"""
    opinions: list[OpinionShown]
    """历次意见，含已撤回的。"""
    withdrawn: Ended | None
    """撤回征求意见。"""


class AbsenceShown(Answer):
    """从未报到的说明。"""

    explanation_id: str
    """说明标识。"""
    explained_on: date
    """说明日期。"""
    explanation: Sealed
    """单位的书面说明。"""
    unit_view: Sealed
    """单位的意见。"""
    stated: Said
    """出处。"""
