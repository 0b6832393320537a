"""异议: the member objects to an entry, an opinion or a decision (R39).

Objecting never worsens the outcome. It is kept so: until it is answered an objection only holds
things up and marks what is disputed; the gate learns nothing else of it. Its answer changes
nothing by itself. Whatever takes the place of what was objected to may not be worse for the member
(`WorseAfterObjection`), and nothing that judges, counts, proposes or compares members learns of
objections at all: a test holds those modules apart from this one.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    AssessmentText,
    Event,
    Fact,
    MemberId,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)

ObjectionId = Annotated[str, Tag("objection")]

MAY_OBJECT = timedelta(days=30)
"""From the day of notice on; on the last of these days it is still in time (R39)."""
ANSWER_WITHIN = timedelta(days=30)
"""From the day it was raised, and again from the day it was escalated (R39)."""


class ObjectionSubject(StrEnum):
    """异议对象: what a member may object to (R39)."""

    PARTICIPATION = "participation"
    OPINION = "opinion"
    DECISION = "decision"
    DISQUALIFICATION = "disqualification"
    FEEDBACK = "feedback"
    DISCREPANCY = "discrepancy"

    @property
    def word(self) -> str:
        return {
            "participation": "参加记录及其认定",
            "opinion": "社区意见",
            "decision": "评议考核结论",
            "disqualification": "取消评优评先资格",
            "feedback": "季度反馈",
            "discrepancy": "月查差异",
        }[self.value]


class ObjectionOutcome(StrEnum):
    """异议答复: what came out of an objection."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"

    @property
    def word(self) -> str:
        return {"upheld": "成立", "partly": "部分成立", "rejected": "不成立"}[self.value]


class ObjectionRaised(Event, type="ObjectionRaised"):
    """提出异议: within 30 days of notice; until it is answered its subject is disputed (R39).

    ``subject_id`` is the id of what it is about (of an opinion: the consultation's, as for those
    who sign), ``against_event_id`` the last event that said it, told on ``notified_on``.
    ``organisation_id`` said it and owes the answer by ``answer_due_on``.
    ``on_paper`` when the member's branch took down what they handed in.
    """

    objection_id: ObjectionId
    member_id: MemberId
    organisation_id: OrganisationId
    against: ObjectionSubject
    subject_id: str
    against_event_id: str
    notified_on: date
    raised_on: date
    answer_due_on: date
    text: AssessmentText
    on_paper: bool
    raised_by: str


class ObjectionEscalated(Event, type="ObjectionEscalated"):
    """异议提级: no answer in time; the organisation above owes it now (R39)."""

    by_service: ClassVar[bool] = True

    objection_id: ObjectionId
    member_id: MemberId
    organisation_id: OrganisationId
    above_id: OrganisationId
    against: ObjectionSubject
    subject_id: str
    escalated_on: date
    answer_due_on: date


class ObjectionAnswered(Event, type="ObjectionAnswered"):
    """答复异议: by somebody who had no part in what is objected to (R39).

    The answer changes nothing by itself: what is upheld is corrected by the one who said it, with
    the events there are for that.
    """

    objection_id: ObjectionId
    member_id: MemberId
    organisation_id: OrganisationId
    """Whose word was objected to."""
    answering_id: OrganisationId
    against: ObjectionSubject
    subject_id: str
    outcome: ObjectionOutcome
    text: AssessmentText
    answered_by: str
    answered_by_person: str


class ObjectionWithdrawn(Event, type="ObjectionWithdrawn"):
    """撤回异议: by the member (R39)."""

    objection_id: ObjectionId
    member_id: MemberId
    organisation_id: OrganisationId
    against: ObjectionSubject
    subject_id: str
    on_paper: bool
    withdrawn_by: str


class UnknownObjection(Rejection):
    """没有这项异议，或者不由贵单位办理。"""

    status = 404


class NothingToObjectTo(Rejection):
    """没有可以提出异议的这项记录、意见或者结论，或者与该党员无关。"""

    status = 404


class ObjectionTooLate(Rejection):
    """异议须自得知之日起30日内提出，现已超过期限。"""

    rule = "R39"


class ObjectionBeforeNotice(Rejection):
    """提出异议的日期早于得知之日。"""

    rule = "R39"


class AlreadyObjectedTo(Rejection):
    """对同一事项已经提出异议，尚未答复。"""

    rule = "R39"


class ObjectionAnsweredBefore(Rejection):
    """对同一内容的异议已经答复，不再重复受理。"""

    rule = "R39"


class ObjectionNotOpen(Rejection):
    """这项异议已经答复或者撤回。"""

    rule = "R39"


class AnsweredByResponsiblePerson(Rejection):
    """异议须由被异议的党组织或者其上级的负责人答复。"""

    rule = "R39"


class AnswerNotOverdue(Rejection):
    """异议的答复期限尚未届满。"""

    rule = "R39"


class EscalatedAlready(Rejection):
    """这项异议已经提交上级。"""

    rule = "R39"


class NothingAbove(Rejection):
    """被异议的党组织没有上级，异议无从提级。"""

    rule = "R39"


class WorseAfterObjection(Rejection):
    """党员提出异议后，不得作出比原来更不利于其本人的意见或者结论。"""

    rule = "R39"


@dataclass(frozen=True)
class Objection:
    """An objection as it was raised."""

    member_id: str
    organisation_id: str
    """Whose word is objected to."""
    against: ObjectionSubject
    subject_id: str
    against_event_id: str


@dataclass
class Objections(Fact):
    """Which objections there are, and how they stand."""

    subject: ClassVar[str] = "objection"
    raised: dict[str, Objection] = field(default_factory=dict)
    """All that there ever were, by id."""
    due: dict[str, date] = field(default_factory=dict)
    """By when those that are open are to be answered."""
    escalated: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    @on(ObjectionRaised)
    def _(
        self,
        objection_id: str,
        member_id: str,
        organisation_id: str,
        against: ObjectionSubject,
        subject_id: str,
        against_event_id: str,
        answer_due_on: date,
    ) -> None:
        self.raised[objection_id] = Objection(
            member_id, organisation_id, against, subject_id, against_event_id
        )
        self.due[objection_id] = answer_due_on

    @on(ObjectionEscalated)
    def _(self, objection_id: str, answer_due_on: date) -> None:
        self.escalated.add(objection_id)
        self.due[objection_id] = answer_due_on

    @on(ObjectionAnswered)
    def _(self, objection_id: str) -> None:
        self.answered.add(objection_id)
        del self.due[objection_id]

    @on(ObjectionWithdrawn)
    def _(self, objection_id: str) -> None:
        del self.due[objection_id]

    @classmethod
    def of_member(cls, member_id: str) -> Selector:
        """Selects everything about a member's objections."""
        return Selector(cls.projected_types, [f"member:{member_id}"])

    def require_open(self, objection_id: str) -> Objection:
        """The objection; refused if there is no such one, or it is answered or withdrawn."""
        if objection_id not in self.raised:
            raise UnknownObjection
        if objection_id not in self.due:
            raise ObjectionNotOpen
        return self.raised[objection_id]
