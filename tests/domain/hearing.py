"""The way to a decision, as events: the community is asked, answers, and the gate opens."""

from datetime import date
from typing import Any

from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationWithdrawn,
    OpinionReminded,
)
from service.domain.decision import AbsenceExplained, DecisionConcluded, DecisionOpened
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import Event
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import (
    Conduct,
    OpinionCountersigned,
    OpinionFigures,
    OpinionGiven,
    OpinionWithdrawn,
)
from tests.domain.town import BRANCH, COMMUNITY, LI, SUBDISTRICT, person

CONSULTATION, OPINION, OBJECTION, DECISION = "consultation", "opinion", "objection", "decision"
DUE = date(2026, 12, 1)
HEARD = date(2026, 11, 20)


def consulted(consultation_id: str = CONSULTATION, **differently: Any) -> ConsultationAsked:
    """The member's branch asked before the selection of 2026."""
    fields: dict[str, Any] = {
        "member_id": LI,
        "organisation_id": BRANCH,
        "to_community_id": COMMUNITY,
        "purpose": DecisionPurpose.SELECTION,
        "period": "2026",
        "due_on": DUE,
        "document_no": "琼组发〔2026〕12号",
        "document_title": "评先评优办法",
        "masked": False,
        "asked_by": "officer",
        "asked_by_person": person("officer"),
    }
    return ConsultationAsked(consultation_id=consultation_id, **fields | differently)


def said(
    opinion_id: str = OPINION, consultation_id: str = CONSULTATION, **differently: Any
) -> OpinionGiven:
    """The first of two signed the community's opinion."""
    fields: dict[str, Any] = {
        "member_id": LI,
        "community_id": COMMUNITY,
        "replying_id": COMMUNITY,
        "figures": OpinionFigures(
            registered_since="2026-03-01",
            grade_a=1,
            grade_b=0,
            grade_c=0,
            grade_d=0,
            voluntary_minutes=120,
            duty_minutes=0,
            as_of_position=1,
        ),
        "social_morality": Conduct.GOOD,
        "community_pledge": Conduct.GOOD,
        "bearing": Conduct.GOOD,
        "overall": Conduct.GOOD,
        "given_by": "officer",
        "given_by_person": person("officer"),
    }
    return OpinionGiven(
        opinion_id=opinion_id, consultation_id=consultation_id, **fields | differently
    )


def answered(
    opinion_id: str = OPINION, consultation_id: str = CONSULTATION, **differently: Any
) -> OpinionCountersigned:
    """The community's opinion counts."""
    fields: dict[str, Any] = {
        "member_id": LI,
        "community_id": COMMUNITY,
        "replying_id": COMMUNITY,
        "social_morality": Conduct.GOOD,
        "community_pledge": Conduct.GOOD,
        "bearing": Conduct.GOOD,
        "overall": Conduct.GOOD,
        "countersigned_on": HEARD,
        "countersigned_by": "secretary",
        "countersigned_by_person": person("secretary"),
    }
    return OpinionCountersigned(
        opinion_id=opinion_id, consultation_id=consultation_id, **fields | differently
    )


def taken_back(
    opinion_id: str = OPINION, consultation_id: str = CONSULTATION, member_id: str = LI
) -> OpinionWithdrawn:
    """The community withdrew its opinion."""
    return OpinionWithdrawn(
        opinion_id=opinion_id,
        consultation_id=consultation_id,
        member_id=member_id,
        community_id=COMMUNITY,
        replying_id=COMMUNITY,
        corrects="event",
        reason="数据有误",
        withdrawn_by="secretary",
        withdrawn_by_person=person("secretary"),
    )


def asked_no_more(consultation_id: str = CONSULTATION) -> ConsultationWithdrawn:
    """The branch withdrew what it asked."""
    return ConsultationWithdrawn(
        consultation_id=consultation_id,
        member_id=LI,
        organisation_id=BRANCH,
        corrects="event",
        reason="不再评选",
        withdrawn_by="officer",
        withdrawn_by_person=person("officer"),
    )


def reminded(number: int) -> OpinionReminded:
    """The community was reminded."""
    return OpinionReminded(
        consultation_id=CONSULTATION,
        member_id=LI,
        community_id=COMMUNITY,
        number=number,
        due_on=DUE,
        reminded_on=date(2026, 12, 1 + number),
    )


ESCALATED = ConsultationEscalated(
    consultation_id=CONSULTATION,
    member_id=LI,
    community_id=COMMUNITY,
    subdistrict_id=SUBDISTRICT,
    escalated_on=date(2026, 12, 16),
)


def objected(
    against: ObjectionSubject = ObjectionSubject.OPINION,
    subject_id: str = CONSULTATION,
    objection_id: str = OBJECTION,
    member_id: str = LI,
    organisation_id: str = COMMUNITY,
) -> ObjectionRaised:
    """The member objects, and is not answered yet."""
    return ObjectionRaised(
        objection_id=objection_id,
        member_id=member_id,
        organisation_id=organisation_id,
        against=against,
        subject_id=subject_id,
        against_event_id="event",
        notified_on=HEARD,
        raised_on=HEARD,
        answer_due_on=date(2026, 12, 20),
        text="与事实不符",
        on_paper=False,
        raised_by=member_id,
    )


def settled(
    objection: ObjectionRaised, outcome: ObjectionOutcome = ObjectionOutcome.REJECTED
) -> ObjectionAnswered:
    """The objection was answered."""
    return ObjectionAnswered(
        objection_id=objection.objection_id,
        member_id=objection.member_id,
        organisation_id=objection.organisation_id,
        answering_id=objection.organisation_id,
        against=objection.against,
        subject_id=objection.subject_id,
        outcome=outcome,
        text="已核查",
        answered_by="somebody-else",
        answered_by_person=person("somebody-else"),
    )


def given_up(objection: ObjectionRaised) -> ObjectionWithdrawn:
    """The member took the objection back."""
    return ObjectionWithdrawn(
        objection_id=objection.objection_id,
        member_id=objection.member_id,
        organisation_id=objection.organisation_id,
        against=objection.against,
        subject_id=objection.subject_id,
        on_paper=False,
        withdrawn_by=objection.member_id,
    )


def explained(explained_on: date = HEARD, member_id: str = LI) -> AbsenceExplained:
    """The branch explained why the member never checked in."""
    return AbsenceExplained(
        explanation_id="explanation",
        member_id=member_id,
        branch_id=BRANCH,
        explanation="长期驻外",
        unit_view="表现良好",
        explained_on=explained_on,
        explained_by="officer",
        explained_by_person=person("officer"),
    )


def opened(
    decision_id: str = DECISION,
    member_id: str = LI,
    purpose: DecisionPurpose = DecisionPurpose.SELECTION,
    period: str = "2026",
) -> DecisionOpened:
    """The branch opened a decision."""
    return DecisionOpened(
        decision_id=decision_id,
        member_id=member_id,
        branch_id=BRANCH,
        purpose=purpose,
        period=period,
        opened_by="officer",
        opened_by_person=person("officer"),
    )


def decided(
    decision_id: str = DECISION,
    member_id: str = LI,
    result: DecisionResult = DecisionResult.SELECTED,
    purpose: DecisionPurpose = DecisionPurpose.SELECTION,
    period: str = "2026",
) -> DecisionConcluded:
    """A decision was concluded."""
    return DecisionConcluded(
        decision_id=decision_id,
        member_id=member_id,
        organisation_id=BRANCH,
        branch_id=BRANCH,
        purpose=purpose,
        period=period,
        result=result,
        document_no="琼组发〔2026〕12号",
        reason="经支部大会表决",
        opinion_ids=(OPINION,),
        concluded_by="officer",
        concluded_by_person=person("officer"),
    )


def selected(member_id: str = LI, year: int = 2026) -> tuple[Event, ...]:
    """The member was selected for a year: what a commendation of theirs rests on."""
    decision_id = f"selection-{member_id}-{year}"
    return (
        opened(decision_id, member_id, period=str(year)),
        decided(decision_id, member_id, period=str(year)),
    )
