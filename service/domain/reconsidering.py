"""复议: a conclusion is changed after an objection to it was upheld (R39)."""

from dataclasses import dataclass, field

from service.domain.decided import Decisions, acted_on, of_those_concerned, require_decider
from service.domain.decision import (
    DecisionDisputed,
    DecisionNotConcluded,
    DecisionRevised,
    ObjectionNotUpheld,
)
from service.domain.decision_purpose import DecisionResult, is_worse, require_result
from service.domain.event import Command, Selector
from service.domain.membership import Memberships
from service.domain.objection import WorseAfterObjection
from service.domain.officer import Officers
from service.domain.organisation import Organisations
from service.domain.separation import Act


@dataclass(kw_only=True)
class ReviseDecision(Command):
    """复议改变结论: once for each objection that was upheld, never for the worse (R39).

    By whoever may conclude such a decision; of a vetting by the authority or above it.
    """

    decision_id: str
    result: DecisionResult
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    decisions: Decisions = field(init=False, default_factory=Decisions)

    def consistency_boundary(self) -> list[Selector]:
        return of_those_concerned(
            self.by, self.decision_id, self.decisions, self.officers, self.memberships
        )

    def execute(self) -> None:
        known, branch_id = acted_on(
            self.by, self.decision_id, self.decisions, self.memberships, self.organisations
        )
        person = require_decider(Act.CONCLUDED, self.by, known, self.officers, self.memberships)
        if known.result is None:
            raise DecisionNotConcluded
        require_result(known.purpose, self.result)
        if self.decision_id in self.decisions.disputes.values():
            raise DecisionDisputed
        objection_id = self.decisions.granted.get(self.decision_id)
        if objection_id is None:
            raise ObjectionNotUpheld
        if is_worse(known.purpose, self.result, known.result):
            raise WorseAfterObjection(pointer="/result")
        self.happened(
            DecisionRevised(
                decision_id=self.decision_id,
                member_id=known.member_id,
                organisation_id=self.by.organisation_id,
                branch_id=branch_id,
                purpose=known.purpose,
                period=known.period,
                result=self.result,
                corrects=known.event_id,
                objection_id=objection_id,
                reason=self.reason,
                revised_by=self.by.person,
                revised_by_person=person,
            )
        )
