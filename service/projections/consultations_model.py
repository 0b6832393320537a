"""What each side of a consultation looks like: whoever asked, and whoever is asked (R27).

The community's side is a model of its own, made of its own table alone.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from service.domain.consultation import RecusalGround
from service.domain.decision_purpose import DecisionPurpose
from service.domain.opinion import Conduct
from service.projections.model import Answer, Sealed

Item = TypeVar("Item", bound=Answer)


class ConsultationState(StrEnum):
    """征求意见的状态: how it stands for whoever asked."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return {
            "open": "尚无生效的意见",
            "answered": "已有生效的意见",
            "withdrawn": "已撤回",
        }[self.value]


class RequestState(StrEnum):
    """转请出具意见的状态: how it stands for whoever is asked."""

    OPEN = "open"
    ANSWERED = "answered"
    CANCELLED = "cancelled"

    @property
    def word(self) -> str:
        return {
            "open": "尚无生效的意见",
            "answered": "已有生效的意见",
            "cancelled": "不再需要",
        }[self.value]


class OpinionState(StrEnum):
    """意见的状态: whether it counts."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return {"waiting": "待会签", "in_force": "已生效", "withdrawn": "已撤回"}[self.value]


class OpinionFiguresShown(Answer):
    """由系统从记录中填写的数据，截至某一日志位置，不限年度。"""

    registered_since: str | None
    """社区接收其报到的日期；没有报到的为空。"""
    grade_a: int
    """凭据等级为 A 的参加次数。"""
    grade_b: int
    """凭据等级为 B 的参加次数。"""
    grade_c: int
    """凭据等级为 C 的参加次数。"""
    grade_d: int
    """凭据等级为 D 的参加次数。"""
    voluntary_minutes: int
    """自愿台账的八小时外分钟数。"""
    duty_minutes: int
    """组织安排台账的八小时外分钟数。"""
    as_of_position: int
    """数据截至的日志位置。"""


class OpinionWithdrawal(Answer):
    """撤回意见。"""

    reason: Sealed
    """原因。"""
    withdrawn_by: str
    """撤回人。"""
    withdrawn_at: datetime
    """撤回的时间。"""


class Opinion(Answer):
    """社区出具的一份意见。"""

    opinion_id: str
    """意见标识。"""
    replying_id: str
    """出具意见的组织：社区党组织，或者经提请督办的街道党工委。"""
    state: OpinionState
    """状态：waiting 待会签，in_force 已生效，withdrawn 已撤回。"""
    state_word: str
    """状态名称。"""
    figures: OpinionFiguresShown
    """所附数据。"""
    social_morality: Conduct
    """社会公德：good 好，fair 一般，poor 差，no_basis 无从评价（下同）；无从评价不作不利于本人的
    考虑。"""
    social_morality_word: str
    """社会公德的评价名称。"""
    community_pledge: Conduct
    """社区公约。"""
    community_pledge_word: str
    """社区公约的评价名称。"""
    bearing: Conduct
    """作风形象。"""
    bearing_word: str
    """作风形象的评价名称。"""
    overall: Conduct
    """总体评价。"""
    overall_word: str
    """总体评价的名称。"""
    comment: Sealed | None
    """意见。"""
    replaces: str | None
    """所替代的、已撤回的意见。"""
    given_by: str
    """签署人。"""
    given_at: datetime
    """签署的时间。"""
    countersigned_by: str | None
    """会签人。"""
    countersigned_at: datetime | None
    """会签的时间。"""
    countersigned_on: date | None
    """自何日起生效；待会签的为空。"""
    withdrawal: OpinionWithdrawal | None
    """撤回；没有撤回的为空。"""


class ConsultationWithdrawal(Answer):
    """撤回征求意见。"""

    reason: str
    """理由。"""
    withdrawn_by: str
    """撤回人。"""
    withdrawn_at: datetime
    """撤回的时间。"""


class _About(Answer):
    consultation_id: str
    """征求意见的标识。"""
    member_id: str
    """所涉党员。"""
    community_id: str
    """征求其意见的社区党组织。"""
    due_on: date
    """应于何日之前出具意见，含当日。"""
    masked: bool
    """是否不告知社区所办事项。"""
    reminded_on: list[date]
    """历次催办的日期。"""
    escalated_to: str | None
    """提请督办的上级组织，也可以出具意见；没有提请的为空。"""
    escalated_on: date | None
    """提请督办的日期。"""
    disputed: bool
    """党员对意见的异议是否尚未答复。"""
    opinions: list[Opinion]
    """意见，按签署先后排列。"""


class Consultation(_About):
    """一次征求意见，供征求的组织查看。"""

    organisation_id: str
    """征求意见的组织。"""
    purpose: DecisionPurpose
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核，vetting 任前考察。"""
    purpose_word: str
    """事项名称。"""
    period: str
    """考察期间：年度，如 2026；任前考察为起止日期，如 2021-03-01/2026-09-30。"""
    period_word: str
    """考察期间，如 2026年度。"""
    document_no: str
    """所依据文件的文号。"""
    document_title: str
    """所依据文件的标题。"""
    asked_by: str
    """办理人。"""
    asked_at: datetime
    """征求的时间。"""
    state: ConsultationState
    """状态：open 尚无生效的意见，answered 已有生效的意见，withdrawn 已撤回。"""
    state_word: str
    """状态名称。"""
    withdrawal: ConsultationWithdrawal | None
    """撤回征求意见；没有撤回的为空。"""


class Recusal(Answer):
    """一人回避。"""

    officer_id: str
    """回避的人。"""
    ground: RecusalGround
    """情形：related 与该党员有亲属关系，supervised 受该党员领导。"""
    ground_word: str
    """情形名称。"""
    declared_by: str
    """声明人：本人，或者本单位负责人。"""
    declared_at: datetime
    """声明的时间。"""


class OpinionRequest(_About):
    """一次转请出具意见，供社区及其上级查看；不告知所办事项的，征求的组织、事项、考察期间和依据
    为空。"""

    asking_id: str | None
    """征求意见的组织。"""
    purpose: DecisionPurpose | None
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核，vetting 任前考察。"""
    purpose_word: str | None
    """事项名称。"""
    period: str | None
    """考察期间。"""
    period_word: str | None
    """考察期间，如 2026年度。"""
    document_no: str | None
    """所依据文件的文号。"""
    document_title: str | None
    """所依据文件的标题。"""
    requested_at: datetime
    """转请的时间。"""
    state: RequestState
    """状态：open 尚无生效的意见，answered 已有生效的意见，cancelled 不再需要。"""
    state_word: str
    """状态名称。"""
    recusals: list[Recusal]
    """回避。"""


class ConsultationPage(Answer, Generic[Item]):
    """征求意见的一页，按先后排列。"""

    items: list[Item]
    next_after: int | None
    as_of_position: int
