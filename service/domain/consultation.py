"""征求意见: the community is asked about a member before a decision (R26, R27).

A consultation has two sides. What the asking organisation said (`ConsultationAsked`) names it, the
purpose, the period and the basis, and is not tagged with the community. What reaches the community
(`OpinionRequested` and its reminders) is said by the service, and says of these only what is not
masked. So nothing that finds events by the community's tag can show what was masked: neither its
views nor its audit trail, its notices or its exports. Being asked reveals that someone is a
candidate (R27).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import (
    CommunityId,
    Event,
    MemberId,
    OrganisationId,
    Rejection,
    Tag,
)

ConsultationId = Annotated[str, Tag("consultation")]


class RecusalGround(StrEnum):
    """回避情形: what keeps somebody from answering about a member (R27)."""

    RELATED = "related"
    SUPERVISED = "supervised"

    @property
    def word(self) -> str:
        return {"related": "与该党员有亲属关系", "supervised": "受该党员领导"}[self.value]


class ConsultationAsked(Event, type="ConsultationAsked"):
    """征求意见: an organisation asks for the community's opinion of a member (R26).

    The asking side. ``document_no`` and ``document_title`` are of the configured local document it
    rests on, ``due_on`` is the last day on which an answer is on time. ``to_community_id`` carries
    no tag on purpose.
    """

    consultation_id: ConsultationId
    member_id: MemberId
    organisation_id: OrganisationId
    to_community_id: str
    purpose: DecisionPurpose
    period: str
    due_on: date
    document_no: str
    document_title: str
    masked: bool
    asked_by: str
    asked_by_person: str


class OpinionRequested(Event, type="OpinionRequested"):
    """转请出具意见: the service passes a consultation on to the community (R26, R27).

    The community's side. Of a masked one ``asking_id``, ``purpose``, ``period``, ``document_no``
    and ``document_title`` are None.
    """

    by_service: ClassVar[bool] = True

    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    due_on: date
    masked: bool
    asking_id: OrganisationId | None
    purpose: DecisionPurpose | None
    period: str | None
    document_no: str | None
    document_title: str | None


class ReminderOrdered(Event, type="ReminderOrdered"):
    """要求催办: the asking organisation has the community reminded (R26)."""

    consultation_id: ConsultationId
    member_id: MemberId
    organisation_id: OrganisationId
    ordered_by: str
    ordered_by_person: str


class OpinionReminded(Event, type="OpinionReminded"):
    """催办意见: the community is reminded of an overdue opinion; ``number`` from 1 (R26)."""

    by_service: ClassVar[bool] = True

    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    number: int
    due_on: date
    reminded_on: date


class ConsultationEscalated(Event, type="ConsultationEscalated"):
    """提请街道督办: after two reminders the subdistrict may answer as well (R26)."""

    by_service: ClassVar[bool] = True

    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    subdistrict_id: OrganisationId
    escalated_on: date


class RecusalDeclared(Event, type="RecusalDeclared"):
    """回避: a person of the replying organisation does not answer about this member (R27)."""

    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    officer_id: str
    ground: RecusalGround
    officer_person: str
    declared_by: str
    declared_by_person: str


class ConsultationWithdrawn(Event, type="ConsultationWithdrawn"):
    """撤回征求意见: the asking organisation asks no more, with a reason (R18, R27)."""

    consultation_id: ConsultationId
    member_id: MemberId
    organisation_id: OrganisationId
    corrects: str
    reason: str
    withdrawn_by: str
    withdrawn_by_person: str


class OpinionRequestCancelled(Event, type="OpinionRequestCancelled"):
    """不再征求意见: the community need not answer any more (R27)."""

    by_service: ClassVar[bool] = True

    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId


class UnknownConsultation(Rejection):
    """没有这次征求意见，或者不由贵单位办理。"""

    status = 404


class NeverCheckedIn(Rejection):
    """该党员从未在社区报到，没有可以征求意见的社区，由所在单位书面说明并提出看法。"""

    rule = "R26"


class AskedByOther(Rejection):
    """任前考察由组织部门征求意见，评先评优、民主评议和年度考核由党员所在支部征求意见。"""

    rule = "R26"


class PeriodNotBegun(Rejection):
    """考察期间尚未开始。"""

    rule = "R26"


class AlreadyAsked(Rejection):
    """同一事项、同一考察期间已在征求意见，尚未收到意见。"""

    rule = "R26"


class DueNotOnWorkingDay(Rejection):
    """答复期限须为工作日。"""

    rule = "R26"


class DueTooSoon(Rejection):
    """答复期限过短，须留出至少3个工作日。"""

    rule = "R26"


class DueTooLate(Rejection):
    """答复期限过长，不得超过60天。"""

    rule = "R26"


class ConsultationIsWithdrawn(Rejection):
    """这次征求意见已经撤回。"""

    rule = "R26"


class ConsultationAnswered(Rejection):
    """已经收到这次征求的意见，无须催办或者撤回。"""

    rule = "R26"


class OpinionNotOverdue(Rejection):
    """答复期限尚未届满，不能催办。"""

    rule = "R26"


class OpinionAlreadyReminded(Rejection):
    """这次征求意见已经催办，不再重复。"""

    rule = "R26"


class OpinionRemindedTooSoon(Rejection):
    """距上一次催办不满7天。"""

    rule = "R26"


class RemindersNotExhausted(Rejection):
    """尚未催办两次，或者距第二次催办不满7天，不能提请督办。"""

    rule = "R26"


class AlreadyEscalated(Rejection):
    """这次征求意见已经提请街道督办。"""

    rule = "R26"
