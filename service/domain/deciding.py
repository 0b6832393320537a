"""办理评议考核: opened by the member's branch, concluded behind the gate (R26, R28).

A vetting is opened and concluded in `examining`, behind the same gate, and overridden here.
"""

from dataclasses import dataclass, field
from datetime import date

from service.domain.decided import Decisions, acted_on, of_those_concerned, require_decider
from service.domain.decision import (
    AbsenceExplained,
    DecisionAlreadyConcluded,
    DecisionAlreadyOpened,
    DecisionByResponsiblePerson,
    DecisionConcluded,
    DecisionOpened,
    GateOverridden,
    MemberHasCheckedIn,
    NothingToOverride,
    UnknownDecision,
    VettingOpenedByAuthority,
)
from service.domain.decision_purpose import (
    DecisionPeriod,
    DecisionPurpose,
    DecisionResult,
    period_word,
    require_result,
)
from service.domain.event import SHANGHAI, Command, Selector
from service.domain.gate import Gate, require_open
from service.domain.membership import Memberships
from service.domain.officer import OfficerRole, Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import Organisations
from service.domain.period import PeriodNotOver
from service.domain.separation import Act, NotInOwnMatter


@dataclass(kw_only=True)
class OpenDecision(Command):
    """启动评议考核: by the member's branch, once for each purpose and year that has begun (R26)."""

    decision_id: str
    member_id: str
    purpose: DecisionPurpose
    period: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    decisions: Decisions = field(init=False, default_factory=Decisions)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *self.officers.acting(self.by),
            Memberships.about(self.member_id),
            Decisions.of(self.member_id),
        ]

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id, "/member_id")
        appointment = self.officers.appointment(self.by)
        if self.purpose is DecisionPurpose.VETTING:
            raise VettingOpenedByAuthority(pointer="/purpose")
        if DecisionPeriod.parse(self.purpose, self.period).first > _today(self):
            raise PeriodNotOver(f"{period_word(self.period)}尚未开始。", "/period")
        if self.decisions.opened(self.member_id, self.purpose, self.period) is not None:
            raise DecisionAlreadyOpened
        self.happened(
            DecisionOpened(
                decision_id=self.decision_id,
                member_id=self.member_id,
                branch_id=branch_id,
                purpose=self.purpose,
                period=self.period,
                opened_by=self.by.person,
                opened_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class ExplainAbsence(Command):
    """说明未报到: by the branch of a member whom no community ever accepted (R26).

    It stands in the place of an opinion, so nobody gives it in their own matter.
    """

    explanation_id: str
    member_id: str
    explanation: str
    unit_view: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    gate: Gate = field(init=False, default_factory=Gate)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *self.officers.acting(self.by),
            Memberships.about(self.member_id),
            Gate.about(self.member_id),
        ]

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        appointment = self.officers.appointment(self.by)
        if appointment.role is not OfficerRole.RESPONSIBLE or not self.by.responsible:
            raise DecisionByResponsiblePerson
        served = {self.member_id, self.memberships.persons[self.member_id]}
        if not served.isdisjoint({self.by.person, appointment.person}):
            raise NotInOwnMatter
        if self.member_id in self.gate.checked_in:
            raise MemberHasCheckedIn
        self.happened(
            AbsenceExplained(
                explanation_id=self.explanation_id,
                member_id=self.member_id,
                branch_id=branch_id,
                explanation=self.explanation,
                unit_view=self.unit_view,
                explained_on=_today(self),
                explained_by=self.by.person,
                explained_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class OverrideGate(Command):
    """特批: a responsible person lets somebody else conclude against what fails now (R26).

    Of the deciding organisation or above it, for a vetting as well. ``at`` is the moment of the
    decision itself: the gate is judged on its day.
    """

    override_id: str
    decision_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    decisions: Decisions = field(init=False, default_factory=Decisions)
    gate: Gate = field(init=False, default_factory=Gate)

    def consistency_boundary(self) -> list[Selector]:
        return _behind_the_gate(self)

    def execute(self) -> None:
        known, branch_id = acted_on(
            self.by, self.decision_id, self.decisions, self.memberships, self.organisations
        )
        person = require_decider(
            Act.GATE_OVERRIDDEN, self.by, known, self.officers, self.memberships
        )
        if known.result is not None:
            raise DecisionAlreadyConcluded
        verdict = self.gate.verdict(
            known.member_id, known.purpose, known.period, known.authority_id, _today(self)
        )
        overridden = self.gate.overrides.get(self.decision_id, {})
        if all(each in overridden for each in verdict.conditions):
            raise NothingToOverride
        self.happened(
            GateOverridden(
                override_id=self.override_id,
                decision_id=self.decision_id,
                member_id=known.member_id,
                organisation_id=self.by.organisation_id,
                branch_id=branch_id,
                conditions=verdict.conditions,
                reason=self.reason,
                overridden_by=self.by.person,
                overridden_by_person=person,
            )
        )


@dataclass(kw_only=True)
class ConcludeDecision(Command):
    """作出评议考核结论: by the member's branch or above it, once, the gate being open (R26, R28).

    ``at`` is the moment of the decision itself: the gate is judged on its day, and a conclusion
    entered afterwards would go round it.
    """

    decision_id: str
    result: DecisionResult
    document_no: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    decisions: Decisions = field(init=False, default_factory=Decisions)
    gate: Gate = field(init=False, default_factory=Gate)

    def consistency_boundary(self) -> list[Selector]:
        return _behind_the_gate(self)

    def execute(self) -> None:
        known, branch_id = acted_on(
            self.by, self.decision_id, self.decisions, self.memberships, self.organisations
        )
        if known.authority_id is not None:
            raise UnknownDecision
        person = require_decider(Act.CONCLUDED, self.by, known, self.officers, self.memberships)
        if known.result is not None:
            raise DecisionAlreadyConcluded
        require_result(known.purpose, self.result)
        require_open_text(self.document_no, "/document_no")
        verdict = self.gate.verdict(
            known.member_id, known.purpose, known.period, None, _today(self)
        )
        passage = require_open(verdict, self.gate.overrides.get(self.decision_id, {}))
        self.happened(
            DecisionConcluded(
                decision_id=self.decision_id,
                member_id=known.member_id,
                organisation_id=self.by.organisation_id,
                branch_id=branch_id,
                purpose=known.purpose,
                period=known.period,
                result=self.result,
                document_no=self.document_no,
                reason=self.reason,
                opinion_ids=passage.opinion_ids,
                notices=passage.notices,
                overridden=passage.overridden,
                override_ids=passage.override_ids,
                concluded_by=self.by.person,
                concluded_by_person=person,
            )
        )


def _behind_the_gate(command: OverrideGate | ConcludeDecision) -> list[Selector]:
    """Selects all that speaks for the decision or against it."""
    boundary = of_those_concerned(
        command.by, command.decision_id, command.decisions, command.officers, command.memberships
    )
    known = command.decisions.known.get(command.decision_id)
    return boundary if known is None else [*boundary, Gate.about(known.member_id)]


def _today(command: Command) -> date:
    return command.at.astimezone(SHANGHAI).date()
