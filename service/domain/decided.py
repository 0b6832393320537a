"""评议考核的进展: what was opened, overridden, concluded and objected to, and who decides (R26)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar

from service.domain.decision import (
    DecisionByResponsiblePerson,
    DecisionConcluded,
    DecisionOpened,
    DecisionRevised,
    GateOverridden,
    UnknownDecision,
)
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import Actor, Fact, Selector, on
from service.domain.membership import Memberships
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.officer import OfficerRole, Officers
from service.domain.organisation import Organisations
from service.domain.separation import Act, require_apart
from service.domain.vetting import VettingOpened


@dataclass
class Decision:
    """One decision about a member, a vetting as well."""

    member_id: str
    purpose: DecisionPurpose
    period: str
    authority_id: str | None = None
    """Whose vetting it is; None of a decision of the member's line."""
    result: DecisionResult | None = None
    """What is in force; None before the conclusion."""
    event_id: str = ""
    """The event that said so."""
    done: dict[Act, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Who did what on it, as natural persons."""


@dataclass
class Decisions(Fact):
    """The decisions about members, and what members object to in them."""

    subject: ClassVar[str] = "decision"
    known: dict[str, Decision] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)
    """Decision by the undecided objection to it."""
    granted: dict[str, str] = field(default_factory=dict)
    """By decision, the objection that was upheld, at least partly, and not yet followed."""

    @on(DecisionOpened)
    def _(self, decision_id: str, member_id: str, purpose: DecisionPurpose, period: str) -> None:
        self.known[decision_id] = Decision(member_id, purpose, period)

    @on(VettingOpened)
    def _(self, decision_id: str, member_id: str, organisation_id: str, period: str) -> None:
        self.known[decision_id] = Decision(
            member_id, DecisionPurpose.VETTING, period, organisation_id
        )

    @on(GateOverridden)
    def _(self, decision_id: str, overridden_by_person: str) -> None:
        self.known[decision_id].done[Act.GATE_OVERRIDDEN].add(overridden_by_person)

    @on(DecisionConcluded)
    def _(
        self, decision_id: str, event_id: str, result: DecisionResult, concluded_by_person: str
    ) -> None:
        self._say(decision_id, event_id, result, concluded_by_person)

    @on(DecisionRevised)
    def _(
        self, decision_id: str, event_id: str, result: DecisionResult, revised_by_person: str
    ) -> None:
        self._say(decision_id, event_id, result, revised_by_person)
        self.granted.pop(decision_id, None)

    def _say(self, decision_id: str, event_id: str, result: DecisionResult, person: str) -> None:
        known = self.known[decision_id]
        known.result, known.event_id = result, event_id
        known.done[Act.CONCLUDED].add(person)

    @on(ObjectionRaised)
    def _(self, objection_id: str, against: ObjectionSubject, subject_id: str) -> None:
        if against is ObjectionSubject.DECISION:
            self.disputes[objection_id] = subject_id

    @on(ObjectionWithdrawn)
    def _(self, objection_id: str) -> None:
        self.disputes.pop(objection_id, None)

    @on(ObjectionAnswered)
    def _(self, objection_id: str, outcome: ObjectionOutcome) -> None:
        decision_id = self.disputes.pop(objection_id, None)
        if decision_id is not None and outcome is not ObjectionOutcome.REJECTED:
            self.granted[decision_id] = objection_id

    @classmethod
    def of(cls, member_id: str) -> Selector:
        """Selects every decision about a member and every objection of theirs."""
        return Selector(cls.projected_types, [f"member:{member_id}"])

    def opened(self, member_id: str, purpose: DecisionPurpose, period: str) -> str | None:
        """The decision about a member for a purpose and a period, if there is one."""
        for decision_id, each in self.known.items():
            if (each.member_id, each.purpose, each.period) == (member_id, purpose, period):
                return decision_id
        return None


def require_decider(
    act: Act, by: Actor, decision: Decision, officers: Officers, memberships: Memberships
) -> str:
    """The natural person who acts on a decision: a responsible person, not in their own matter and
    apart from those who acted on it before (R6, R26)."""
    appointment = officers.appointment(by)
    if appointment.role is not OfficerRole.RESPONSIBLE or not by.responsible:
        raise DecisionByResponsiblePerson
    served = decision.member_id, memberships.persons[decision.member_id]
    require_apart(
        act, frozenset({by.person, appointment.person}), {**decision.done, Act.SERVED: served}
    )
    return appointment.person


def of_those_concerned(
    by: Actor, decision_id: str, decisions: Decisions, officers: Officers, memberships: Memberships
) -> list[Selector]:
    """Selects a decision, who acts and, once it is learnt, whose matter it is and who decides."""
    boundary = [Decisions.about(decision_id), *officers.acting(by)]
    known = decisions.known.get(decision_id)
    if known is not None:
        # The gate brings the overrides of the member's other decisions with it.
        boundary += [Memberships.about(known.member_id), Decisions.of(known.member_id)]
        if unit := known.authority_id or memberships.branches.get(known.member_id):
            boundary.append(Organisations.about(unit))
    return boundary


def acted_on(
    by: Actor,
    decision_id: str,
    decisions: Decisions,
    memberships: Memberships,
    organisations: Organisations,
) -> tuple[Decision, str | None]:
    """A decision, and the member's branch unless it is a vetting; unknown to whoever is neither the
    deciding organisation nor above it, and of an erased member to everybody."""
    known = decisions.known.get(decision_id)
    branch_id = None if known is None else memberships.branches.get(known.member_id)
    if known is None or branch_id is None:
        raise UnknownDecision
    if by.organisation_id not in organisations.line_of(known.authority_id or branch_id):
        raise UnknownDecision
    return known, None if known.authority_id else branch_id
